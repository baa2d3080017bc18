/** Says who an address is rented from, and what that does to outbound port 25. */
import { isConfirmed } from '../../../knowledge/verification.ts';
import { nameWithPolicy, PORT25_TESTED } from '../../../report/port25-words.ts';
import type { ProviderFact } from '../../facts/provider.ts';
import type { PolicyEvidence } from './findings.ts';

/** @returns the provider with its policy: `Vultr (blocks outbound port 25 until you ask)`. */
export function seenProvider({ candidates }: ProviderFact, port25: PolicyEvidence['port25'], now: number): string {
  const tested = port25 === 'unknown' ? null : PORT25_TESTED[port25];
  if (candidates.length === 0) return ['not recognised', tested].filter((text) => text !== null).join('; ');
  const texts = candidates.map(({ provider }) => {
    if (tested !== null) return `${provider.name} (${tested})`;
    if (provider.status !== 'active') return `${provider.name} (${provider.status})`;
    return nameWithPolicy({ name: provider.name, confirmed: isConfirmed(provider, now), ...provider.port25 });
  });
  return [...new Set(texts)].join(' or ');
}
