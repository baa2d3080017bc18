/** The options that spread a fleet over several processes. */
import type { OptionRow, OptionRows } from './row.ts';

/** @returns the option that names the queue, for those who submit and those who work. */
export function queue(help: string) {
  return {
    flags: '--queue <address>',
    help,
    takes: 'text',
    parse: (text, { parseQueue }) => parseQueue(text),
  } as const satisfies OptionRow;
}

/** The options of `mailcheck fleet` that spread it over several processes. */
export const SPREAD_OPTIONS = {
  queue: queue(
    'let workers judge the targets, over the Redis or Valkey at this address: redis://host:port/ (rediss:// for TLS)',
  ),
  shard: {
    flags: '--shard <i/n>',
    help: 'judge the i-th of n parts of the targets, with an n-th of each limit (job/n: in a Kubernetes Indexed Job)',
    takes: 'text',
    parse: (text, { parseShard }) => parseShard(text),
  },
} as const satisfies OptionRows;
