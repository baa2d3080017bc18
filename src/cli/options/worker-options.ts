/** The options of `mailcheck worker`: the queue, and what is local to the machine. All else comes with each job. */
import { CHECK_OPTIONS } from './check-options.ts';
import { queue } from './queue-options.ts';
import { RATE_OPTIONS } from './rate-options.ts';
import { REPORT_OPTIONS } from './report-options.ts';
import type { OptionRows, Options } from './row.ts';

/** The options of the check that hold for a place: how this machine sees the network. */
export const NETWORK_OPTIONS = {
  dns: CHECK_OPTIONS.dns,
  dnssecResolver: CHECK_OPTIONS.dnssecResolver,
  trustAnchor: CHECK_OPTIONS.trustAnchor,
  vantage: CHECK_OPTIONS.vantage,
  whoamiName: CHECK_OPTIONS.whoamiName,
  probeName: CHECK_OPTIONS.probeName,
  egressTarget: CHECK_OPTIONS.egressTarget,
  egressControl: CHECK_OPTIONS.egressControl,
  caFile: CHECK_OPTIONS.caFile,
  allowPrivate: CHECK_OPTIONS.allowPrivate,
  connectTo: CHECK_OPTIONS.connectTo,
} as const satisfies OptionRows;

/** The options that hold for the place of a worker, and how fast it asks others. Where a fleet has a queue, the worker has them. */
export const PLACE_OPTIONS = {
  ...NETWORK_OPTIONS,
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
/** The options of `mailcheck mcp`: what is local to the machine. All else comes with each call. */
export type McpOptions = Options<typeof NETWORK_OPTIONS>;
