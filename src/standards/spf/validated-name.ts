/** Finds the PTR names of an address that resolve back to it, for `ptr` and `%{p}` (RFC 7208 §5.5, §7.3). */
import { type DnsAnswer, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { isSameOrSubdomain, sameName } from '../../network/domain.ts';
import { type IpAddress, ipFamily, reverseName, sameIp } from '../../network/ip.ts';
import { MAX_PTR_NAMES } from './limits.ts';
import { isQueryableName } from './macro.ts';

export interface ReverseNames {
  readonly answer: DnsAnswer<'PTR'>;
  /** The first ten names as the server spells them, without trailing dots. */
  readonly names: readonly string[];
}

/** @returns the PTR answer for an address, and at most `MAX_PTR_NAMES` names from it. */
export async function reverseNames(dns: Resolver, ip: IpAddress): Promise<ReverseNames> {
  const answer = await dns.query(reverseName(ip), 'PTR');
  const names = recordsOf(answer).slice(0, MAX_PTR_NAMES);
  return { answer, names: names.map((name) => (name.endsWith('.') ? name.slice(0, -1) : name)) };
}

/** @returns the names that resolve to the address. A name whose lookup fails is skipped (§5.5). */
export async function validated(dns: Resolver, ip: IpAddress, names: readonly string[]): Promise<string[]> {
  const type = ipFamily(ip) === 4 ? 'A' : 'AAAA';
  const confirmed = await Promise.all(
    names.map(async (name) => {
      if (!isQueryableName(name)) return false;
      return recordsOf(await dns.query(name, type)).some((address) => sameIp(address, ip));
    }),
  );
  return names.filter((_, index) => confirmed[index]);
}

/**
 * Finds the value of `%{p}` (§7.3).
 *
 * @returns `<domain>` itself if it is validated, otherwise a validated subdomain of it, otherwise any validated name,
 *   otherwise "unknown".
 */
export async function validatedName(dns: Resolver, ip: IpAddress, domain: string): Promise<string> {
  const { names } = await reverseNames(dns, ip);
  const usable = await validated(dns, ip, names);
  return (
    usable.find((name) => sameName(name, domain)) ??
    usable.find((name) => isSameOrSubdomain(name, domain)) ??
    usable[0] ??
    'unknown'
  );
}
