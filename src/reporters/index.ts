/** Lists the reporters, which turn reports into text. A reporter sees only the reports, one for each checked target. */
import { nagios } from './fleet/nagios.ts';
import { prometheus } from './fleet/prometheus.ts';
import type { Format } from './formats.ts';
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
} as const satisfies Record<Format, Reporter>;
