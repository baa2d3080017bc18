/** The options of `mailcheck worker`: the queue, and what is local to the machine. All else comes with each job. */
import { CHECK_OPTIONS } from './check-options.ts';
import { queue } from './queue-options.ts';
import { RATE_OPTIONS } from './rate-options.ts';
import { REPORT_OPTIONS } from './report-options.ts';
import type { OptionRows, Options } from './row.ts';

const {
  dns,
  dnssecResolver,
  trustAnchor,
  vantage,
  whoamiName,
  probeName,
  egressTarget,
  egressControl,
  caFile,
  allowPrivate,
  connectTo,
} = CHECK_OPTIONS;

/** The options of the check that hold for the place of a worker, and how fast it asks others. Where a fleet has a queue, the worker has them. */
export const PLACE_OPTIONS = {
  dns,
  dnssecResolver,
  trustAnchor,
  vantage,
  whoamiName,
  probeName,
  egressTarget,
  egressControl,
  caFile,
  allowPrivate,
  connectTo,
  ...RATE_OPTIONS,
} as const satisfies OptionRows;

/** The options of `mailcheck worker`. */
export const WORKER_OPTIONS = {
  queue: queue('Redis or Valkey that mailcheck fleet --queue names: redis://host:port/ (rediss:// for TLS)'),
  concurrency: {
    flags: '--concurrency <n>',
    help: 'most targets under way at once',
    takes: 'text',
    default: '16',
    parse: (text, { parseCount }) => parseCount(text, 1000),
  },
  quiet: { ...REPORT_OPTIONS.quiet, help: 'print no counts' },
  ...PLACE_OPTIONS,
} as const satisfies OptionRows;

export type WorkerOptions = Options<typeof WORKER_OPTIONS>;
