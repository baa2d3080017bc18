/** Parses the zones of block lists, and reads the keys of lists, which come only from environment variables. */
import type { Settings } from '../../check/settings.ts';
import { keyedZone, keyVariables } from '../../knowledge/lists/catalogue.ts';
import type { ListRates } from '../../knowledge/lists/rates.ts';
import { parseDomain } from '../../network/domain.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { parseRate } from './numbers.ts';
import { ValueError } from './value-error.ts';

/**
 * Parses the zones of block lists.
 *
 * @param flag the option, which the error message shows.
 * @throws ValueError for a text that is no zone, or that contains a key. The message never repeats a key.
 */
export function parseListZones(texts: readonly string[], flag: string): string[] {
  return texts.map((text) => {
    const zone = parseDomain(text);
    if (zone === undefined) {
      throw new ValueError(`${quoteInput(text)} is not the DNS zone of a list. Type one such as zen.spamhaus.org`);
    }
    const keyed = keyedZone(zone);
    if (keyed === undefined) return zone;
    throw new ValueError(
      `every user of this machine can read a key on the command line. Put the key into the environment variable ${keyed.variable} and type ${flag} ${keyed.list.zone}`,
    );
  });
}

/**
 * Matches a list key, which is one label of a DNS name. A key has at least 8 characters. A shorter one could be part of
 * an ordinary word, and masking it would damage other text.
 */
const KEY = /^[a-z0-9][a-z0-9-]{6,61}[a-z0-9]$/i;

/**
 * Reads the keys of lists from the environment.
 *
 * @returns the setting `listKeys`, or an empty object if no variable holds a key.
 * @throws UsageError for a variable whose value cannot be a key.
 */
export function listKeysOf(environment: NodeJS.ProcessEnv): Pick<Settings, 'listKeys'> {
  const listKeys: Record<string, string> = {};
  for (const variable of keyVariables()) {
    const key = environment[variable]?.trim();
    if (key === undefined || key === '') continue;
    if (!KEY.test(key)) {
      throw new UsageError(
        `${variable} does not contain a key. Set it to the 8 to 63 letters and digits that the operator of the list gave you`,
      );
    }
    listKeys[variable] = key;
  }
  return Object.keys(listKeys).length > 0 ? { listKeys } : {};
}

/**
 * Parses the questions a second that block lists are asked: `5` for each, `zen.spamhaus.org=2` for one.
 *
 * @throws ValueError for a text of another form.
 */
export function parseListRates(texts: readonly string[]): ListRates {
  let all: number | undefined;
  const byZone = new Map<string, number>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 0) {
      all = parseRate(text);
      continue;
    }
    const [zone] = parseListZones([text.slice(0, at)], '--list-rate');
    if (zone !== undefined) byZone.set(zone, parseRate(text.slice(at + 1)));
  }
  return { ...(all === undefined ? {} : { all }), byZone };
}
