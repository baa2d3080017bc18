/** The options of `mailcheck fleet`: those of the check that hold for every target, and those of the run as a whole. */
import { CHECK_OPTIONS } from './check-options.ts';
import { SPREAD_OPTIONS } from './queue-options.ts';
import { RATE_OPTIONS } from './rate-options.ts';
import { REPORT_OPTIONS } from './report-options.ts';
import type { OptionGroup, OptionRows, Options } from './row.ts';
import { COLOR } from './shared.ts';
import { CONFIGURATION_OPTIONS } from './table.ts';
import { TARGET_OPTIONS } from './target-options.ts';

const { helo, selector, provider, dnsHost, volume, rua, sendOnly } = TARGET_OPTIONS;

/** These options say of every target what its line does not say. */
const FLEET_TARGET_OPTIONS = {
  tags: {
    flags: '--tags <tag>',
    help: 'judge only the targets with one of these tags, such as prod or team=web (repeatable)',
    takes: 'list',
  },
  helo,
  selector,
  provider,
  dnsHost,
  volume,
  rua,
  sendOnly,
} as const satisfies OptionRows;

const { zone, gate, smtp, offline, nextCert, onHost, askReceivers, wait, waitFor, timeout, ...forAny } = CHECK_OPTIONS;

const forMany = {
  ...forAny,
  timeout: { ...timeout, help: 'time limit for each target' },
} as const satisfies OptionRows;

const FLEET_RUN_OPTIONS = {
  concurrency: {
    flags: '--concurrency <n>',
    help: 'most targets under way at once (default: 16)',
    takes: 'text',
    parse: (text, { parseCount }) => parseCount(text, 1000),
  },
  ...RATE_OPTIONS,
  state: {
    flags: '--state <folder>',
    help: 'keep what is judged in this folder: the same command goes on after an interruption',
    takes: 'file',
  },
  runId: {
    flags: '--run-id <text>',
    help: 'name of the run; a target is judged once per name (default: a new one, or that of the interrupted run)',
    takes: 'text',
  },
  strictInput: {
    flags: '--strict-input',
    help: 'stop at the first line that is no target',
    takes: 'flag',
  },
} as const satisfies OptionRows;

const { failOn, strict, allowInconclusive, quiet } = REPORT_OPTIONS;

const FLEET_REPORT_OPTIONS = {
  format: {
    flags: '-f, --format <format[=place]>',
    help: 'list (default), ndjson, csv, html=<folder>, prometheus or nagios, each to its own place (repeatable)',
    takes: 'outputs',
  },
  output: { flags: '-o, --output <file>', help: 'write the output to a file instead of stdout', takes: 'file' },
  failedOnly: {
    flags: '--failed-only',
    help: 'leave out the targets whose exit code alone would be 0; the totals count them',
    takes: 'flag',
  },
  baseline: {
    flags: '--baseline <file>',
    help: 'say what changed since this earlier run (NDJSON or JSON), and fail only on what is new',
    takes: 'file',
  },
  webhook: {
    flags: '--webhook <url>',
    help: 'post what changed since the earlier runs as JSON to this address (HTTPS)',
    takes: 'text',
    parse: (text, { parseWebhook }) => parseWebhook(text),
  },
  failOn,
  strict,
  allowInconclusive,
  quiet,
  color: COLOR,
} as const satisfies OptionRows;

/** The options of `mailcheck fleet`, grouped by the headings of the help and in its order. */
export const FLEET_OPTION_GROUPS: readonly OptionGroup[] = [
  ['Targets:', FLEET_TARGET_OPTIONS],
  ['Run:', FLEET_RUN_OPTIONS],
  ['Several machines:', SPREAD_OPTIONS],
  ['Output:', FLEET_REPORT_OPTIONS],
  ['Checks:', forMany],
  ['Configuration:', { config: CONFIGURATION_OPTIONS.config }],
];

/** The options of `mailcheck fleet` by their names. */
export const FLEET_OPTIONS = {
  ...FLEET_TARGET_OPTIONS,
  ...FLEET_RUN_OPTIONS,
  ...SPREAD_OPTIONS,
  ...FLEET_REPORT_OPTIONS,
  ...forMany,
  config: CONFIGURATION_OPTIONS.config,
} as const satisfies OptionRows;

export type FleetOptions = Options<typeof FLEET_OPTIONS>;
