/** Defines the type of a fleet reporter: text that is written piece by piece, so that no fleet is held in memory. */
import type { FleetEntry, FleetSummary } from '../report/fleet.ts';
import type { ReporterOptions } from './reporter.ts';

/** Turns a fleet into one text. The pieces stand in the order of the calls. */
export interface FleetReporter {
  /** @returns what stands before the first target. */
  begin?(options: ReporterOptions): string;
  /** @returns what is said of one target, as it ends. */
  entry?(entry: FleetEntry, options: ReporterOptions): string;
  /** @returns what is said at the end. */
  end?(summary: FleetSummary, options: ReporterOptions): string;
}
