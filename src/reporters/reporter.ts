/** Defines the type of a reporter: a function from reports to text. */
import type { ExitPolicy, Report } from '../report/status.ts';

/** The options of a reporter. */
export interface ReporterOptions {
  /** Whether the text may have colours. */
  readonly color: boolean;
  /** Whether the text shows notes, evidence and the transcript too. */
  readonly verbose: boolean;
  /** The user's choices that the exit code depends on. Absent when the exit code is not known. */
  readonly policy?: ExitPolicy;
}

/** Turns at least one report into text. */
export type Reporter = (reports: readonly Report[], options: ReporterOptions) => string;
