/** The reporters: Reports → text. They see nothing but the Reports, one for each target that was checked. */
import { github } from './github.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { pretty } from './pretty.ts';
import type { Reporter } from './reporter.ts';
import { sarif } from './sarif.ts';

export const reporters = { pretty, json, junit, sarif, github, markdown, html } as const satisfies Record<
  string,
  Reporter
>;

export type Format = keyof typeof reporters;

// Object.keys forgets what the table's type knows.
export const formats = Object.keys(reporters) as Format[];
