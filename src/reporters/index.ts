/** The reporters: Report → text. They see nothing but the Report. */
import type { Report } from '../report.ts';
import { json } from './json.ts';
import { pretty } from './pretty.ts';

export interface ReporterOptions {
  readonly color: boolean;
  /** Show notes, evidence and the transcript too. */
  readonly verbose: boolean;
}

export type Reporter = (report: Report, options: ReporterOptions) => string;

export const reporters = { pretty, json } as const satisfies Record<string, Reporter>;

export type Format = keyof typeof reporters;

// Object.keys forgets what the table's type knows.
export const formats = Object.keys(reporters) as Format[];
