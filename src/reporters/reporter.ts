/** Defines the type of a reporter: a function from reports to text. */
import type { ExitPolicy, Report } from '../report/status.ts';

/** The options of a reporter. */
export interface ReporterOptions {
  /** Whether the text may have colours. */
  readonly color: boolean;
  /** Whether the text has all that `full` adds, and also evidence and the transcript. */
  readonly verbose: boolean;
  /** Whether the text says why a finding matters, what each receiver would answer, and which other ways there are. */
  readonly full?: boolean;
  /** Whether the text is the verdict alone, one line for each report. */
  readonly summary?: boolean;
  /** The longest line of text for a terminal, in columns. Default: 80. */
  readonly width?: number;
  /** Writes a command for a POSIX shell as one for the reader's own shell. Default: as it is. */
  readonly commandLine?: (command: string) => string;
  /** The user's choices that the exit code depends on. Absent when the exit code is not known. */
  readonly policy?: ExitPolicy;
}

/** Turns at least one report into text. */
export type Reporter = (reports: readonly Report[], options: ReporterOptions) => string;
