/** Defines the type of a reporter: a function from reports to text. */
import type { Report } from '../report/status.ts';

/** The options of a reporter. */
export interface ReporterOptions {
  /** Whether the text may have colours. */
  readonly color: boolean;
  /** Whether the text shows notes, evidence and the transcript too. */
  readonly verbose: boolean;
  /** Whether the text contains everything that the report holds: why, references, replies of receivers. Absent: no. */
  readonly full?: boolean;
  /** Whether the text is the verdict alone, one line for each target. Absent: no. */
  readonly summary?: boolean;
  /** The width of the text in columns. Absent: 80. */
  readonly width?: number;
}

/** Turns at least one report into text. */
export type Reporter = (reports: readonly Report[], options: ReporterOptions) => string;
