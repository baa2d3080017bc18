/** The reporters: Reports → text. They see nothing but the Reports, one for each target that was checked. */
import type { Report } from '../report.ts';
import { github } from './github.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { pretty } from './pretty.ts';
import { sarif } from './sarif.ts';

export interface ReporterOptions {
  readonly color: boolean;
  /** Show notes, evidence and the transcript too. */
  readonly verbose: boolean;
}

/** @param reports at least one. */
export type Reporter = (reports: readonly Report[], options: ReporterOptions) => string;

export const reporters = { pretty, json, junit, sarif, github, markdown, html } as const satisfies Record<
  string,
  Reporter
>;

export type Format = keyof typeof reporters;

// Object.keys forgets what the table's type knows.
export const formats = Object.keys(reporters) as Format[];
