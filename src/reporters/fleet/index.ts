/** Lists the reporters of a fleet, by the names of their formats. */
import type { FleetReporter } from '../fleet-reporter.ts';
import { csv } from './csv.ts';
import { list } from './list.ts';
import { ndjson } from './ndjson.ts';

export const fleetReporters = { list, ndjson, csv } as const satisfies Record<string, FleetReporter>;

export type FleetFormat = keyof typeof fleetReporters;

/** The names of all formats of a fleet. The cast restores the names of the table. */
export const fleetFormats = Object.keys(fleetReporters) as FleetFormat[];
