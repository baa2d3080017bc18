/** Lists the reporters of a fleet, by the names of their formats. */
import type { FleetReporter } from '../fleet-reporter.ts';
import { csv } from './csv.ts';
import { list } from './list.ts';
import { nagiosFleet } from './nagios.ts';
import { ndjson } from './ndjson.ts';
import { prometheusFleet } from './prometheus.ts';

/** The formats that are one text. */
export const fleetReporters = {
  list,
  ndjson,
  csv,
  prometheus: prometheusFleet,
  nagios: nagiosFleet,
} as const satisfies Record<string, FleetReporter>;

export type FleetFormat = keyof typeof fleetReporters | 'html';

/** The names of all formats of a fleet. The format `html` is a folder of files. The cast restores the names of the table. */
export const fleetFormats: readonly FleetFormat[] = [
  ...(Object.keys(fleetReporters) as (keyof typeof fleetReporters)[]),
  'html',
];
