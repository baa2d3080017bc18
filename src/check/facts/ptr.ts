/**
 * Looks up the PTR records of an address and whether each name resolves back to it. This is the `iprev` method (RFC
 * 8601 §3), known as forward-confirmed reverse DNS. If there is no PTR record, the fact names the zone where it could
 * be created.
 */
import { webProxyWithId } from '../../knowledge/web-proxies/catalogue.ts';
import { type DnsAnswer, isAbsent, isFailure } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { canonicalName } from '../../network/domain.ts';
import { type IpAddress, ipFamily, reverseName, sameIp } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';

/** Receivers ignore the names beyond the tenth (RFC 7208 §5.5, RFC 8601 §3). */
export const MAX_PTR_NAMES = 10;

/** Whether a name resolves back to the address. `absent` means that it has no address record of that family. */
export type Confirmation = 'confirmed' | 'mismatch' | 'absent' | 'unknown';

/** One name from the PTR records. */
export interface PtrName {
  /** The canonical name. */
  readonly name: string;
  readonly forward: DnsAnswer<'A'> | DnsAnswer<'AAAA'>;
  readonly confirmation: Confirmation;
}

/** The PTR records of one address. */
export type PtrFact =
  | {
      readonly kind: 'names';
      readonly ip: IpAddress;
      readonly query: DnsAnswer<'PTR'>;
      readonly names: readonly PtrName[];
      /** The names beyond `MAX_PTR_NAMES`, which are not looked up. */
      readonly ignored: readonly string[];
    }
  | {
      readonly kind: 'absent';
      readonly ip: IpAddress;
      readonly query: DnsAnswer<'PTR'>;
      readonly names: readonly [];
      /** The zone that would hold the PTR record, from the SOA of the answer. `null` when the answer has none. */
      readonly zone: string | null;
    }
  | { readonly kind: 'unknown'; readonly ip: IpAddress; readonly query: DnsAnswer<'PTR'>; readonly names: readonly [] };

/** Looks up the PTR records of an address and confirms each name. */
export const ptr = fact(async ({ dns, leaveOut }: Needs<'dns'>, ip: IpAddress): Promise<PtrFact> => {
  const query = await dns.query(reverseName(ip), 'PTR');
  if (isFailure(query)) return { kind: 'unknown', ip, query, names: [] };
  if (isAbsent(query)) return { kind: 'absent', ip, query, names: [], zone: query.zone };
  const names = [...new Set(query.records.map(canonicalName))];
  const looked = Math.min(names.length, MAX_PTR_NAMES);
  leaveOut({
    what: `names in PTR records of ${ip}`,
    looked,
    of: names.length,
    rests: [{ name: query.name, type: 'PTR' }],
  });
  return {
    kind: 'names',
    ip,
    query,
    names: await Promise.all(names.slice(0, MAX_PTR_NAMES).map((name) => confirm(dns, ip, name))),
    ignored: names.slice(MAX_PTR_NAMES),
  };
});

async function confirm(dns: DnsClient, ip: IpAddress, name: string): Promise<PtrName> {
  const forward = await dns.query(name, ipFamily(ip) === 4 ? 'A' : 'AAAA');
  return { name, forward, confirmation: confirmation(forward, ip) };
}

function confirmation(forward: DnsAnswer<'A'> | DnsAnswer<'AAAA'>, ip: IpAddress): Confirmation {
  // A web proxy will answer for the name, with addresses of its own.
  if (isFailure(forward)) return webProxyWithId(forward.proxy ?? '') === undefined ? 'unknown' : 'mismatch';
  if (isAbsent(forward)) return 'absent';
  return forward.records.some((address) => sameIp(address, ip)) ? 'confirmed' : 'mismatch';
}

/** @returns the PTR names that lead to the address again. */
export function confirmedNames({ names }: Pick<PtrFact, 'names'>): string[] {
  return names.filter(({ confirmation }) => confirmation === 'confirmed').map(({ name }) => name);
}
