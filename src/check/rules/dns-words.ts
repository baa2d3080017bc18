/** The words on DNS answers that several rules share. */
import type { QueryEvidence } from '../../network/dns/answer.ts';
import { isPublicSuffix } from '../../standards/organizational-domain.ts';

/** @returns what a name lacks, as a predicate: `does not exist` or `has no TXT record`. */
export function absence({ rcode, type }: Pick<QueryEvidence, 'rcode' | 'type'>): string {
  return rcode === 'nxdomain' ? 'does not exist' : `has no ${type} record`;
}

/** @returns what to do about a lookup that failed, in sentences. Nobody but the registry can fix a public suffix. */
export function contactServers({ name }: Pick<QueryEvidence, 'name'>): string {
  const zone = name.replace(/^(?:_[^.]*\.)+/, '');
  if (isPublicSuffix(zone)) {
    return `Run the check again, or ask another resolver with --dns. Only the registry of ${zone} can change its name servers.`;
  }
  return `Run the check again, or ask another resolver with --dns. If the lookup of ${name} fails again, contact whoever runs its name servers.`;
}
