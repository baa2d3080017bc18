/** Lists the reporters, which turn reports into text. A reporter sees only the reports, one for each checked target. */
import { nagios } from './fleet/nagios.ts';
import { prometheus } from './fleet/prometheus.ts';
import { github } from './github.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { pretty } from './pretty.ts';
import type { Reporter } from './reporter.ts';
import { sarif } from './sarif.ts';

/** The reporters by the names of their formats. */
export const reporters = {
  pretty,
  json,
  junit,
  sarif,
  github,
  markdown,
  html,
  prometheus,
  nagios,
} as const satisfies Record<string, Reporter>;

export type Format = keyof typeof reporters;

/** The names of all formats. The cast restores the names of the table, since Object.keys returns string[]. */
export const formats = Object.keys(reporters) as Format[];
