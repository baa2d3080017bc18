/**
 * Where the domain's mail is received (RFC 5321 §5.1): at the addresses of its MX hosts, or at its own addresses where it
 * has no MX record (implicit MX), or nowhere, because it says so (null MX, RFC 7505).
 */
import { type DnsAnswer, isAbsent, isFailure, type MxRecord, recordsOf } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { canonicalName, type Domain } from '../../network/domain.ts';
import { type IpAddress, parseIp } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';

/**
 * How many exchanges of one domain are looked at, in the order of preference: more than any honest domain has. The owner
 * of a domain decides whom its MX records make us connect to, and must not make us a nuisance to thousands.
 */
export const MAX_EXCHANGES = 20;
/** How many addresses of one exchange are looked at. */
export const MAX_ADDRESSES_PER_HOST = 10;

export interface MailHost {
  /** Canonical name of the exchange. */
  readonly name: string;
  readonly preference: number;
  readonly a: DnsAnswer<'A'>;
  readonly aaaa: DnsAnswer<'AAAA'>;
  readonly addresses: readonly IpAddress[];
  /** Addresses beyond those that are looked at. */
  readonly omitted: number;
}

export type MailRoute =
  | {
      readonly kind: 'mx';
      readonly query: DnsAnswer<'MX'>;
      readonly records: readonly MxRecord[];
      readonly hosts: readonly MailHost[];
    }
  /** No MX, but the domain itself has an address. */
  | { readonly kind: 'implicit'; readonly query: DnsAnswer<'MX'>; readonly hosts: readonly [MailHost] }
  | { readonly kind: 'null-mx'; readonly query: DnsAnswer<'MX'>; readonly hosts: readonly [] }
  /** Neither MX nor address. */
  | { readonly kind: 'none'; readonly query: DnsAnswer<'MX'>; readonly hosts: readonly [] }
  | { readonly kind: 'unknown'; readonly query: DnsAnswer; readonly hosts: readonly [] };

/** The mail route of the domain under test. */
export const mailRoute = fact(({ dns, target }: Needs<'dns' | 'target'>) => gatherMailRoute(dns, target.domain));

/** @returns the answers that lead mail to these hosts of the route: the MX records, and the addresses of the hosts. */
export function answersBehind({ query }: MailRoute, hosts: readonly MailHost[]): DnsAnswer[] {
  return [query, ...hosts.flatMap(({ a, aaaa }) => [a, aaaa])];
}

/** @returns where the mail of a domain is received, with at most `MAX_EXCHANGES` hosts. */
export async function gatherMailRoute(dns: DnsClient, domain: Domain): Promise<MailRoute> {
  const query = await dns.query(domain, 'MX');
  if (isFailure(query)) return { kind: 'unknown', query, hosts: [] };
  if (isAbsent(query)) {
    const host = await lookUpHost(dns, domain, 0);
    if (host.addresses.length > 0) return { kind: 'implicit', query, hosts: [host] };
    const failed = [host.a, host.aaaa].find(isFailure);
    return failed ? { kind: 'unknown', query: failed, hosts: [] } : { kind: 'none', query, hosts: [] };
  }
  const records = [...query.records].sort((a, b) => a.preference - b.preference);
  const exchanges = records.filter((record) => record.exchange !== '');
  if (exchanges.length === 0) return { kind: 'null-mx', query, hosts: [] };
  const asked = exchanges.slice(0, MAX_EXCHANGES);
  const hosts = await Promise.all(asked.map(({ exchange, preference }) => lookUpHost(dns, exchange, preference)));
  return { kind: 'mx', query, records, hosts };
}

async function lookUpHost(dns: DnsClient, name: string, preference: number): Promise<MailHost> {
  const [a, aaaa] = await Promise.all([dns.query(name, 'A'), dns.query(name, 'AAAA')]);
  const addresses = [...recordsOf(a), ...recordsOf(aaaa)].map(parseIp).filter((ip) => ip !== undefined);
  const usable = addresses.slice(0, MAX_ADDRESSES_PER_HOST);
  const omitted = addresses.length - usable.length;
  return { name: canonicalName(name), preference, a, aaaa, addresses: usable, omitted };
}
