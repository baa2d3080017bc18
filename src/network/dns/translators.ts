/**
 * Finds the translators (NAT64) of this network by a name whose IPv4 addresses are known (RFC 7050). A translator that
 * the resolver does not know of is not found.
 */

import { parseIp } from '../ip.ts';
import { embeddings, type Translator } from '../nat64.ts';
import { isAbsent, type Resolver } from './answer.ts';

/** The name that has these IPv4 addresses, and no IPv6 address unless a translator makes one (RFC 7050 §2.2, §8.2). */
const IPV4_ONLY = 'ipv4only.arpa';
const IPV4_ONLY_ADDRESSES = ['192.0.0.170', '192.0.0.171'];

/** @returns the translators that the resolver knows of, or `null` when it did not answer. */
export async function findTranslators(dns: Resolver): Promise<readonly Translator[] | null> {
  const answer = await dns.query(IPV4_ONLY, 'AAAA');
  if (answer.status !== 'answer') return isAbsent(answer) ? [] : null;
  return answer.records
    .map(parseIp)
    .flatMap((ip) => (ip === undefined ? [] : embeddings(ip)))
    .filter(({ ipv4 }) => IPV4_ONLY_ADDRESSES.includes(ipv4));
}
