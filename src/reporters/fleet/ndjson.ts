/** Writes a fleet for programs: the whole report of a target in one line of JSON. */
import type { FleetEntry } from '../../report/fleet.ts';
import type { FleetReporter } from '../fleet-reporter.ts';
import { jsonText } from '../json-text.ts';

export const ndjson = {
  entry: ({ id, place, tags, exitCode, change, report }: FleetEntry) =>
    jsonText({ id, place, tags, exitCode, ...(change === undefined ? {} : { change }), report }, 0),
} satisfies FleetReporter;
