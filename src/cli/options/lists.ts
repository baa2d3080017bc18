/** Which block lists to ask, and the keys for them: options and environment, the same for every command. */

import type { Settings } from '../../check/settings.ts';
import { keyedZone, keyVariables, type ListKeys } from '../../knowledge/lists/catalogue.ts';
import { parseDomain } from '../../network/domain.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';

export interface ListOptions {
  readonly dnsbl?: readonly string[];
  readonly dnsblExcept?: readonly string[];
}

/**
 * Reads `--dnsbl`, `--dnsbl-except` and the keys in the environment.
 *
 * @throws UsageError for what is no zone, or no key; a key is never repeated in the message.
 */
export function parseListOptions(
  { dnsbl, dnsblExcept }: ListOptions,
  environment: NodeJS.ProcessEnv,
): Pick<Settings, 'dnsblZones' | 'dnsblExcept' | 'listKeys'> {
  const listKeys = parseListKeys(environment);
  return {
    ...(dnsbl ? { dnsblZones: dnsbl.map((text) => parseZone(text, '--dnsbl')) } : {}),
    ...(dnsblExcept ? { dnsblExcept: dnsblExcept.map((text) => parseZone(text, '--dnsbl-except')) } : {}),
    ...(Object.keys(listKeys).length > 0 ? { listKeys } : {}),
  };
}

function parseZone(text: string, option: string): string {
  const zone = parseDomain(text);
  if (zone === undefined) {
    throw new UsageError(`${option}: ${quoteInput(text)} is not the zone of a list. Type one such as zen.spamhaus.org`);
  }
  const keyed = keyedZone(zone);
  if (keyed === undefined) return zone;
  throw new UsageError(
    `${option}: a key on the command line can be read by every user of this machine. Put it into the environment variable ${keyed.variable} and type ${option} ${keyed.list.zone}`,
  );
}

/** A key is one label of a DNS name. Shorter ones would be part of ordinary words, which must not be masked. */
const KEY = /^[a-z0-9][a-z0-9-]{6,61}[a-z0-9]$/i;

function parseListKeys(environment: NodeJS.ProcessEnv): ListKeys {
  const keys: Record<string, string> = {};
  for (const variable of keyVariables()) {
    const key = environment[variable]?.trim();
    if (key === undefined || key === '') continue;
    if (!KEY.test(key)) {
      throw new UsageError(
        `${variable}: what it holds is not a key: 8 to 63 letters and digits, as the list’s operator gave them to you`,
      );
    }
    keys[variable] = key;
  }
  return keys;
}
