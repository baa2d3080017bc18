/** The options of `mailcheck watch`: when it runs, and those of a fleet that is run again and again. */
import { FLEET_OPTION_GROUPS, FLEET_OPTIONS } from './fleet-options.ts';
import type { OptionGroup, OptionRows, Options } from './row.ts';

/** The longest time between two runs, in milliseconds: a week. A timer of Node.js counts to 24 days. */
const MAX_EVERY_MS = 168 * 3_600_000;

const WATCH_TIME_OPTIONS = {
  every: {
    flags: '--every <time>',
    help: 'time from the start of one run to that of the next, such as 30m or 6h',
    takes: 'duration',
    default: '6h',
    parse: (text, { parseDuration }, flag) => parseDuration(text, flag, MAX_EVERY_MS),
  },
  jitter: {
    flags: '--jitter <time>',
    help: 'start each run up to this much later, at random (default: a twentieth of --every; 0: not at all)',
    takes: 'duration',
    parse: (text, { parseDuration }, flag) => parseDuration(text, flag, MAX_EVERY_MS, 0),
  },
} as const satisfies OptionRows;

// Each run is a new one, is compared with those before it, and prints one line.
const { runId, baseline, output, quiet, color, strictInput, ...forRuns } = FLEET_OPTIONS;

/** The options of `mailcheck watch` by their names. */
export const WATCH_OPTIONS = {
  ...WATCH_TIME_OPTIONS,
  ...forRuns,
  state: { ...forRuns.state, help: 'folder that remembers the runs; required' },
  format: {
    ...forRuns.format,
    help: 'list, ndjson, csv, html, prometheus or nagios, each to a place that every run writes anew (repeatable)',
  },
} as const satisfies OptionRows;

/** The options of `mailcheck watch`, grouped by the headings of the help and in its order. */
export const WATCH_OPTION_GROUPS: readonly OptionGroup[] = [
  ['Time:', WATCH_TIME_OPTIONS],
  ...FLEET_OPTION_GROUPS.map(
    ([heading, rows]) =>
      [
        heading,
        Object.fromEntries(
          Object.entries(WATCH_OPTIONS).filter(([name]) => Object.hasOwn(rows, name)),
        ) satisfies OptionRows,
      ] as const,
  ),
];

export type WatchOptions = Options<typeof WATCH_OPTIONS>;
