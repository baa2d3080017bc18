/** Finds the zone that holds a name, and the names of its name servers, through the resolver. */
import { type DnsFailure, isFailure, type Resolver } from '../../network/dns/answer.ts';

/** The zone that holds a name, or why it is not known. */
export type ZoneCut =
  | { readonly kind: 'found'; readonly zone: string; readonly nameServers: readonly string[] }
  /** No name above has NS records. */
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly answer: DnsFailure };

/**
 * Walks up from a name to the zone cut (RFC 8499 §7). Top-level domains are not looked at.
 *
 * @returns the closest zone that holds the name. An alias is no zone.
 */
export async function zoneCut(dns: Resolver, name: string): Promise<ZoneCut> {
  const labels = name.split('.');
  for (let skip = 0; skip < labels.length - 1; skip += 1) {
    const zone = labels.slice(skip).join('.');
    const answer = await dns.query(zone, 'NS');
    if (isFailure(answer)) return { kind: 'failed', answer };
    if (answer.status === 'answer' && answer.chain.length === 0) {
      return { kind: 'found', zone, nameServers: answer.records };
    }
  }
  return { kind: 'none' };
}
