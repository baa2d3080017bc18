/**
 * Finds where the domain receives its mail (RFC 5321 §5.1): at the addresses of its MX hosts, at its own addresses if
 * it has no MX record (implicit MX), or nowhere if it publishes a null MX (RFC 7505).
 */
import { type DnsAnswer, isAbsent, isFailure, type MxRecord, recordsOf } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { canonicalName, type Domain } from '../../network/domain.ts';
import { type IpAddress, parseIp } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';

/**
 * The number of MX hosts of one domain to look up, in the order of preference. No honest domain has more. The owner of
 * a domain chooses the hosts that mailcheck connects to, and must not be able to direct it at thousands of them.
 */
export const MAX_EXCHANGES = 20;
/** The number of addresses of one MX host to use, for the same reason. */
export const MAX_ADDRESSES_PER_HOST = 10;

/** One host that receives the domain's mail. */
export interface MailHost {
  /** The canonical name of the host. */
  readonly name: string;
  readonly preference: number;
  readonly a: DnsAnswer<'A'>;
  readonly aaaa: DnsAnswer<'AAAA'>;
  readonly addresses: readonly IpAddress[];
  /** The number of addresses left out beyond `MAX_ADDRESSES_PER_HOST`. */
  readonly omitted: number;
}

/** Where the domain receives its mail. */
export type MailRoute =
  | {
      readonly kind: 'mx';
      readonly query: DnsAnswer<'MX'>;
      readonly records: readonly MxRecord[];
      readonly hosts: readonly MailHost[];
    }
  /** The domain has no MX record but has an address record. */
  | { readonly kind: 'implicit'; readonly query: DnsAnswer<'MX'>; readonly hosts: readonly [MailHost] }
  /** The domain accepts no mail (RFC 7505). */
  | { readonly kind: 'null-mx'; readonly query: DnsAnswer<'MX'>; readonly hosts: readonly [] }
  /** The domain has neither an MX record nor an address record. */
  | { readonly kind: 'none'; readonly query: DnsAnswer<'MX'>; readonly hosts: readonly [] }
  /** A lookup failed; `query` is the failure. */
  | { readonly kind: 'unknown'; readonly query: DnsAnswer; readonly hosts: readonly [] };

/** Looks up the mail route of the domain under test. */
export const mailRoute = fact(({ dns, target, leaveOut }: Needs<'dns' | 'target'>) =>
  gatherMailRoute(dns, target.domain, leaveOut),
);

/** @returns the DNS answers that route mail to these hosts: the MX answer, then the address answers of each host. */
export function answersBehind({ query }: MailRoute, hosts: readonly MailHost[]): DnsAnswer[] {
  return [query, ...hosts.flatMap(({ a, aaaa }) => [a, aaaa])];
}

/**
 * Looks up the MX records of a domain and the addresses of its MX hosts.
 *
 * @param leaveOut receives what the limits leave out.
 * @returns the mail route, with at most `MAX_EXCHANGES` hosts in the order of preference.
 */
export async function gatherMailRoute(
  dns: DnsClient,
  domain: Domain,
  leaveOut: Needs<'dns'>['leaveOut'],
): Promise<MailRoute> {
  const query = await dns.query(domain, 'MX');
  if (isFailure(query)) return { kind: 'unknown', query, hosts: [] };
  if (isAbsent(query)) {
    const host = await lookUpHost(dns, domain, 0, leaveOut);
    if (host.addresses.length > 0) return { kind: 'implicit', query, hosts: [host] };
    const failed = [host.a, host.aaaa].find(isFailure);
    return failed ? { kind: 'unknown', query: failed, hosts: [] } : { kind: 'none', query, hosts: [] };
  }
  const records = [...query.records].sort((a, b) => a.preference - b.preference);
  const exchanges = records.filter((record) => record.exchange !== '');
  if (exchanges.length === 0) return { kind: 'null-mx', query, hosts: [] };
  const asked = exchanges.slice(0, MAX_EXCHANGES);
  leaveOut({ what: `MX hosts of ${domain}`, looked: asked.length, of: exchanges.length });
  const hosts = await Promise.all(
    asked.map(({ exchange, preference }) => lookUpHost(dns, exchange, preference, leaveOut)),
  );
  return { kind: 'mx', query, records, hosts };
}

async function lookUpHost(
  dns: DnsClient,
  name: string,
  preference: number,
  leaveOut: Needs<'dns'>['leaveOut'],
): Promise<MailHost> {
  const [a, aaaa] = await Promise.all([dns.query(name, 'A'), dns.query(name, 'AAAA')]);
  const addresses = [...recordsOf(a), ...recordsOf(aaaa)].map(parseIp).filter((ip) => ip !== undefined);
  const usable = addresses.slice(0, MAX_ADDRESSES_PER_HOST);
  leaveOut({ what: `addresses of ${canonicalName(name)}`, looked: usable.length, of: addresses.length });
  const omitted = addresses.length - usable.length;
  return { name: canonicalName(name), preference, a, aaaa, addresses: usable, omitted };
}
