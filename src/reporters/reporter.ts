/** Defines the type of a reporter: a function from reports to text. */
import type { Report } from '../report/status.ts';

/** The options of a reporter. */
export interface ReporterOptions {
  /** Whether the text may have colours. */
  readonly color: boolean;
  /** Whether the text shows notes, evidence and the transcript too. */
  readonly verbose: boolean;
}

/** Turns at least one report into text. */
export type Reporter = (reports: readonly Report[], options: ReporterOptions) => string;
