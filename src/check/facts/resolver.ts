/**
 * Finds out whether the resolver can be relied on, before anything is judged by its answers. It asks for a name that
 * always exists, for one that cannot exist (RFC 6761 §6.4), and for the domain under test. A resolver that is
 * dead or that lies is one cause, and not a fault of the domain or the host.
 */
import {
  type DnsAnswer,
  type DnsFailure,
  type DnsRecords,
  isAbsent,
  isFailure,
  type QueryEvidence,
  queryEvidence,
  recordsOf,
} from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { serverLabel } from '../../network/dns/servers.ts';
import { isPlaceholder } from '../../network/dns/vetted.ts';
import type { Domain } from '../../network/domain.ts';
import { type IpAddress, isLinkLocal, isLoopback } from '../../network/ip.ts';
import type { Token } from '../token.ts';

/** The zone of the names for addresses (RFC 3172). It is a signed one, and every resolver of the internet finds it. */
export const ALWAYS_THERE = 'arpa';

/** The place that invented addresses come from: a proxy, the login page of a network, or another page. */
export type Invention = 'placeholder' | 'portal' | 'page';

/** What can be said of the resolver. */
export type ResolverState =
  /** It answers. `validates` tells whether it says that it validates DNSSEC (AD bit), `null` when that is not known. */
  | { readonly kind: 'usable'; readonly validates: boolean | null }
  /** The run ended before anything could be said. */
  | { readonly kind: 'unknown' }
  /** No server replied. */
  | { readonly kind: 'silent'; readonly failure: DnsFailure }
  /** No question could be sent to any server. */
  | { readonly kind: 'unreachable'; readonly failure: DnsFailure }
  /** It refuses this client (RCODE 5). */
  | { readonly kind: 'refusing'; readonly failure: DnsFailure }
  /** It replies, but cannot resolve anything. */
  | { readonly kind: 'failing'; readonly failure: DnsFailure }
  /** It answers for the domain under test and refuses other names, as a name server of the domain does. */
  | { readonly kind: 'partial'; readonly failure: DnsFailure }
  /** It gives addresses to a name that cannot exist. */
  | { readonly kind: 'inventing'; readonly answer: DnsRecords<'A'>; readonly invention: Invention }
  /** It denies every name, even one that always exists, and gives no zone that the denial comes from. */
  | { readonly kind: 'denying'; readonly denied: DnsAnswer };

/** The states in which nothing can be judged by the resolver's answers. */
export type UnusableResolver = Exclude<ResolverState, { readonly kind: 'usable' | 'unknown' }>;

/** What a run saw of a resolver that cannot be relied on. */
export interface ResolverFault {
  readonly state: UnusableResolver['kind'];
  readonly servers: readonly string[];
  /** The question whose answer shows it. */
  readonly query: QueryEvidence;
  /** The addresses that it gave to a name that cannot exist. */
  readonly records: readonly string[];
  readonly invention: Invention | null;
  /** Whether this machine has an address besides those of loopback. */
  readonly isConnected: boolean;
}

/** @returns what is wrong with the resolver, or `null` if it can be relied on. */
export function faultOf(
  state: ResolverState,
  { servers }: Pick<DnsClient, 'servers'>,
  own: readonly IpAddress[],
): ResolverFault | null {
  if (!isUnusable(state)) return null;
  const isInventing = state.kind === 'inventing';
  return {
    state: state.kind,
    servers: servers.map(serverLabel),
    query: queryEvidence(isInventing ? state.answer : state.kind === 'denying' ? state.denied : state.failure),
    records: isInventing ? recordsOf(state.answer) : [],
    invention: isInventing ? state.invention : null,
    isConnected: own.some((ip) => !isLoopback(ip) && !isLinkLocal(ip)),
  };
}

/** @returns whether the resolver gives answers that are not true. One that gives none does no harm. */
export function isLying({ state }: ResolverFault): boolean {
  return state === 'inventing' || state === 'denying';
}

/** @returns whether the resolver answers a part of the questions, so that what rests on those can be judged. */
export function isPartial({ state }: ResolverFault): boolean {
  return state === 'partial';
}

function isUnusable(state: ResolverState): state is UnusableResolver {
  return state.kind !== 'usable' && state.kind !== 'unknown';
}

/** @returns a name that cannot exist (RFC 6761 §6.4). An answer with an address is invented by the resolver. */
export function impossibleName(token: Token): string {
  return `mailcheck-${token('dns honesty')}.invalid`;
}

/** @returns the state of the resolver. */
export async function gatherResolver(dns: DnsClient, domain: Domain, token: Token): Promise<ResolverState> {
  const [probe, there, own] = await Promise.all([
    dns.query(impossibleName(token), 'A'),
    dns.query(ALWAYS_THERE, 'NS'),
    dns.query(domain, 'SOA'),
  ]);
  if (probe.status === 'answer') return { kind: 'inventing', answer: probe, invention: await inventionOf(probe, dns) };
  if (isFailure(there) && isFailure(own)) {
    if (dns.signal.aborted) return { kind: 'unknown' };
    return { kind: failureKind([there, own, ...(isFailure(probe) ? [probe] : [])]), failure: own };
  }
  if (isBareDenial(there) && isBareDenial(own)) {
    // A server with a few records alone, as in a lab, has one of the domain.
    const isKnown = await hasRecords(domain, dns);
    return isKnown ? { kind: 'usable', validates: null } : { kind: 'denying', denied: there };
  }
  if (there.status === 'refused') return { kind: 'partial', failure: there };
  return { kind: 'usable', validates: there.status === 'answer' ? there.authenticated : null };
}

function failureKind(failures: readonly DnsFailure[]): 'silent' | 'unreachable' | 'refusing' | 'failing' {
  const all = (...wanted: readonly DnsFailure['status'][]) => failures.every(({ status }) => wanted.includes(status));
  if (all('unreachable')) return 'unreachable';
  if (failures.every(({ server }) => server === null) && all('timeout', 'unreachable')) return 'silent';
  return all('refused') ? 'refusing' : 'failing';
}

/** Tells whether a record is denied without the SOA record of the zone that denies it (RFC 2308 §2.1, §2.2). */
function isBareDenial(answer: DnsAnswer): boolean {
  return isAbsent(answer) && answer.zone === null;
}

/** Tells whether the resolver gives a record of the domain. */
async function hasRecords(domain: Domain, dns: DnsClient): Promise<boolean> {
  const answers = await Promise.all((['MX', 'TXT', 'A', 'AAAA'] as const).map((type) => dns.query(domain, type)));
  return answers.some(({ status }) => status === 'answer');
}

/** The login page of a network has one address for every name, so also for one that exists. */
async function inventionOf(probe: DnsRecords<'A'>, dns: DnsClient): Promise<Invention> {
  if (probe.records.some(isPlaceholder)) return 'placeholder';
  const known = await dns.query('ipv4only.arpa', 'A');
  return recordsOf(known).some((address) => probe.records.includes(address)) ? 'portal' : 'page';
}
