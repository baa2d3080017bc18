/** Lists the reporters of a fleet, by the names of their formats. */
import type { FleetReporter } from '../fleet-reporter.ts';
import { csv } from './csv.ts';
import { list } from './list.ts';
import { nagiosFleet } from './nagios.ts';
import { ndjson } from './ndjson.ts';
import { prometheusFleet } from './prometheus.ts';

export const fleetReporters = {
  list,
  ndjson,
  csv,
  prometheus: prometheusFleet,
  nagios: nagiosFleet,
} as const satisfies Record<string, FleetReporter>;

/** The formats that are one text. */
export type FleetTextFormat = keyof typeof fleetReporters;

/** The format `html` is a folder of pages. */
export type FleetFormat = FleetTextFormat | 'html';

/** The names of all formats of a fleet. The cast restores the names of the table. */
export const fleetFormats: readonly FleetFormat[] = [...(Object.keys(fleetReporters) as FleetTextFormat[]), 'html'];
