/** What a reporter is: Reports → text. */
import type { Report } from '../report/status.ts';

export interface ReporterOptions {
  readonly color: boolean;
  /** Show notes, evidence and the transcript too. */
  readonly verbose: boolean;
}

/** @param reports at least one. */
export type Reporter = (reports: readonly Report[], options: ReporterOptions) => string;
