/**
 * Finds where the domain receives its mail (RFC 5321 §5.1): at the addresses of its MX hosts, at its own addresses if
 * it has no MX record (implicit MX), or nowhere if it publishes a null MX (RFC 7505).
 */
import {
  type DnsAnswer,
  isAbsent,
  isFailure,
  type MxRecord,
  type Resolver,
  recordsOf,
} from '../../network/dns/answer.ts';
import { type DnsClient, impossible } from '../../network/dns/client.ts';
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
  /** Whether a host can have the name. Mail servers do not look up any other name, and neither does mailcheck. */
  readonly isPossible: boolean;
  readonly preference: number;
  readonly a: DnsAnswer<'A'>;
  readonly aaaa: DnsAnswer<'AAAA'>;
  readonly addresses: readonly IpAddress[];
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

/**
 * @returns the DNS answers that route mail to these hosts: the MX answer, then the address answers of each host that was
 *   looked up.
 */
export function answersBehind({ query }: MailRoute, hosts: readonly MailHost[]): DnsAnswer[] {
  return [query, ...hosts.filter(({ isPossible }) => isPossible).flatMap(({ a, aaaa }) => [a, aaaa])];
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
    const failed = [host.a, host.aaaa].find(isFailure);
    // A web proxy will answer for the domain, so it has addresses.
    const hasAddress = host.addresses.length > 0 || failed?.proxy !== undefined;
    if (hasAddress) return { kind: 'implicit', query, hosts: [host] };
    return failed ? { kind: 'unknown', query: failed, hosts: [] } : { kind: 'none', query, hosts: [] };
  }
  const records = [...query.records].sort((a, b) => a.preference - b.preference);
  const exchanges = records.filter((record) => record.exchange !== '');
  if (exchanges.length === 0) return { kind: 'null-mx', query, hosts: [] };
  const asked = exchanges.slice(0, MAX_EXCHANGES);
  leaveOut({
    what: `MX hosts of ${domain}`,
    looked: asked.length,
    of: exchanges.length,
    rests: [{ name: domain, type: 'MX' }],
  });
  const hosts = await Promise.all(
    asked.map(({ exchange, preference }) => lookUpHost(dns, exchange, preference, leaveOut)),
  );
  return { kind: 'mx', query, records, hosts };
}

/** Denies every name. */
const NO_SUCH_NAME: Resolver = { query: async (name, type) => impossible(name, type) };

/** Tells whether mail servers look the name up. They accept underscores beside what RFC 1123 §2.1 allows. */
function isExchangeName(name: string): boolean {
  return canonicalName(name)
    .split('.')
    .every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label));
}

async function lookUpHost(
  dns: DnsClient,
  name: string,
  preference: number,
  leaveOut: Needs<'dns'>['leaveOut'],
): Promise<MailHost> {
  const isPossible = isExchangeName(name);
  const ask = isPossible ? dns : NO_SUCH_NAME;
  const [a, aaaa] = await Promise.all([ask.query(name, 'A'), ask.query(name, 'AAAA')]);
  const addresses = [...recordsOf(a), ...recordsOf(aaaa)].map(parseIp).filter((ip) => ip !== undefined);
  const usable = addresses.slice(0, MAX_ADDRESSES_PER_HOST);
  const rests = [a, aaaa].map(({ type }) => ({ name, type }));
  leaveOut({ what: `addresses of ${canonicalName(name)}`, looked: usable.length, of: addresses.length, rests });
  return { name: canonicalName(name), isPossible, preference, a, aaaa, addresses: usable };
}
