/** Finds the zone that a name is in, and the zone above it, through the resolver. */
import { isAbsent, isFailure, type Resolver } from '../../../network/dns/answer.ts';
import { canonicalName, isSameOrSubdomain } from '../../../network/domain.ts';

/** A zone and the names in its NS records, as the resolver has them. */
interface FoundZone {
  readonly zone: string;
  readonly nameServers: readonly string[];
}

/** The most names that are looked at on the way up. Each answer without NS record names the zone it comes from. */
const MAX_STEPS = 6;

/**
 * Walks up from a name to the zone that holds it (RFC 9499 §7). A denial names that zone in its SOA record.
 *
 * @returns the zone, also a top-level domain, or `null` if it is not known. The names are sorted.
 */
export async function enclosingZone(dns: Resolver, name: string): Promise<FoundZone | null> {
  let at = canonicalName(name);
  for (let step = 0; step < MAX_STEPS && at !== ''; step += 1) {
    const answer = await dns.query(at, 'NS');
    if (isFailure(answer)) return null;
    if (answer.status === 'answer' && answer.chain.length === 0) {
      return { zone: at, nameServers: [...new Set(answer.records.map(canonicalName))].sort() };
    }
    const above = parentOf(at);
    const denying = isAbsent(answer) && answer.chain.length === 0 ? canonicalName(answer.zone ?? '') : '';
    at = denying !== '' && denying !== at && isSameOrSubdomain(at, denying) ? denying : above;
  }
  return null;
}

/** @returns the name without its first label: empty for a top-level domain. */
export function parentOf(name: string): string {
  return name.split('.').slice(1).join('.');
}
