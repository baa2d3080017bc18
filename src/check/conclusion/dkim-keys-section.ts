/** Builds the section of the Report on the DKIM key that the user gave. A later run learns from it how old the key is. */
import { isoTime } from '../../report/iso-time.ts';
import type { Report } from '../../report/status.ts';
import type { Facts } from '../facts/fact.ts';
import { keySwitches } from '../facts/key-switch.ts';

/** @returns the section `dkimKeys`, or an empty object when no name server was asked for the key. */
export async function dkimKeysSection(facts: Facts): Promise<Pick<Report, 'dkimKeys'>> {
  if (!facts.known(keySwitches)) return {};
  const switches = await facts(keySwitches);
  if (switches.length === 0) return {};
  return {
    dkimKeys: switches.map(({ name, selector, fingerprint, since, safeAt, state }) => ({
      ...{ name, selector, fingerprint },
      since: isoTime(since),
      safeAt: isoTime(safeAt),
      isSafe: state === 'safe',
    })),
  };
}
