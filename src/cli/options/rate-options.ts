/** The options that say how fast a process of a fleet asks others. Where a fleet has a queue, the workers have them. */
import type { ListRates } from '../../knowledge/lists/rates.ts';
import type { OptionReader } from './read.ts';
import type { OptionRows } from './row.ts';

/** How fast each block list and each block of addresses is asked. */
export const RATE_OPTIONS = {
  listRate: {
    flags: '--list-rate <rates>',
    help: 'questions a second to each block list: a number, or zone=number (default: as its operator allows, at most 50)',
    takes: 'list',
    isRare: true,
    parse: (texts, { parseListRates }) => parseListRates(texts),
  },
  connectionRate: {
    flags: '--connection-rate <n>',
    help: 'connections a second to each block of addresses (/24, /48)',
    takes: 'text',
    isRare: true,
    parse: (text, { parseRate }) => parseRate(text),
  },
} as const satisfies OptionRows;

/**
 * @returns the rates that the user wants.
 * @throws UsageError for a rate that is none.
 */
export async function readRates({
  read,
}: Pick<OptionReader<typeof RATE_OPTIONS>, 'read'>): Promise<{ listRates?: ListRates; connectionRate?: number }> {
  const listRates = await read('listRate');
  const connectionRate = await read('connectionRate');
  return {
    ...(listRates === undefined ? {} : { listRates }),
    ...(connectionRate === undefined ? {} : { connectionRate }),
  };
}
