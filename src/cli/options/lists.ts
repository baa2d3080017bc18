/** Which block lists to ask, and the keys for them, which are read from the environment alone. */
import type { Settings } from '../../check/settings.ts';
import { keyedZone, keyVariables } from '../../knowledge/lists/catalogue.ts';
import { parseDomain } from '../../network/domain.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { ValueError } from './value-error.ts';

/**
 * Reads the zones of lists.
 *
 * @param flag the option, for the message that shows how it is typed.
 * @throws ValueError for what is no zone, or holds a key; a key is never repeated in the message.
 */
export function parseListZones(texts: readonly string[], flag: string): string[] {
  return texts.map((text) => {
    const zone = parseDomain(text);
    if (zone === undefined) {
      throw new ValueError(`${quoteInput(text)} is not the zone of a list. Type one such as zen.spamhaus.org`);
    }
    const keyed = keyedZone(zone);
    if (keyed === undefined) return zone;
    throw new ValueError(
      `a key on the command line can be read by every user of this machine. Put it into the environment variable ${keyed.variable} and type ${flag} ${keyed.list.zone}`,
    );
  });
}

/** A key is one label of a DNS name. Shorter ones would be part of ordinary words, which must not be masked. */
const KEY = /^[a-z0-9][a-z0-9-]{6,61}[a-z0-9]$/i;

/** @returns the setting of the keys in the environment; none where there are none. @throws UsageError for what is no key. */
export function listKeysOf(environment: NodeJS.ProcessEnv): Pick<Settings, 'listKeys'> {
  const listKeys: Record<string, string> = {};
  for (const variable of keyVariables()) {
    const key = environment[variable]?.trim();
    if (key === undefined || key === '') continue;
    if (!KEY.test(key)) {
      throw new UsageError(
        `${variable}: what it holds is not a key: 8 to 63 letters and digits, as the list’s operator gave them to you`,
      );
    }
    listKeys[variable] = key;
  }
  return Object.keys(listKeys).length > 0 ? { listKeys } : {};
}
