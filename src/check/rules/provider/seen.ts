/** Says who an address is rented from, and what that does to outbound port 25. */
import { isConfirmed } from '../../../knowledge/verification.ts';
import { nameWithPolicy } from '../../../report/port25-words.ts';
import type { ProviderFact } from '../../facts/provider.ts';
import type { PolicyEvidence } from './findings.ts';

/** What the test on the host saw of port 25. It counts more than what the provider publishes. */
const TESTED: Readonly<Record<PolicyEvidence['port25'], string | null>> = {
  open: 'port 25 is open, tested here',
  blocked: 'port 25 is blocked, tested here',
  unknown: null,
};

/** @returns the provider with its policy: `Vultr (blocks outbound port 25 until you ask)`. */
export function seenProvider({ candidates }: ProviderFact, port25: PolicyEvidence['port25'], now: number): string {
  const tested = TESTED[port25];
  if (candidates.length === 0) return ['not recognised', tested].filter((text) => text !== null).join('; ');
  const texts = candidates.map(({ provider }) => {
    if (tested !== null) return `${provider.name} (${tested})`;
    if (provider.status !== 'active') return `${provider.name} (${provider.status})`;
    return nameWithPolicy({ name: provider.name, confirmed: isConfirmed(provider, now), ...provider.port25 });
  });
  return [...new Set(texts)].join(' or ');
}
