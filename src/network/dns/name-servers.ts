/**
 * Asks the name servers of a zone themselves, as a resolver does (RFC 1034 §5.3.3): without recursion, and along the
 * referrals of the zones below. Only an authoritative answer counts.
 *
 * The owner of a zone chooses its referrals. So a referral must lead to a zone deeper on the way to the name, only few
 * are followed, and of each only few servers are asked, at addresses that the gate lets through.
 */
import { canonicalName, isSameOrSubdomain } from '../domain.ts';
import { type GateOptions, type Redirections, redirected, refusal } from '../gate.ts';
import { type IpAddress, ipFamily, parseIp } from '../ip.ts';
import { type DnsAnswer, type RecordType, type Resolver, unasked } from './answer.ts';
import { type Asker, type Attempt, NO_ANSWER_OVER_TCP, type NoRoute, replyOf } from './asker.ts';
import { hostAddresses } from './host-addresses.ts';
import { interpret } from './interpret.ts';
import { type Question, type Reply, readData, type SignedQuestion } from './message.ts';
import { DNS_PORT, type DnsServer, serverLabel } from './servers.ts';
import type { Upstreams } from './upstreams.ts';

/** The most referrals that one question follows. A list has one zone below another, seldom two. */
const MAX_REFERRALS = 4;
/** The most name servers of one zone whose addresses are looked up. */
export const MAX_NAMES = 4;
/** The most addresses of the name servers of one zone that are asked. */
export const MAX_ADDRESSES = 6;

/** The detail of an answer that does not come from a server of the zone, or not from one that has it. */
export const NOT_AUTHORITATIVE =
  'the answer is not authoritative: the server does not have the zone, or another one answered';
/** The detail of an answer that is an alias, whose target another zone has. */
const ALIAS_ELSEWHERE = 'the name is an alias of a name in another zone';

/** @returns whether a server answered, and does not have the zone. */
export function isWithoutZone(answer: DnsAnswer): boolean {
  return answer.status === 'malformed' && answer.detail === NOT_AUTHORITATIVE;
}

/** @returns whether a server that has the zone answered with an alias of a name in another zone. */
export function isAliasElsewhere(answer: DnsAnswer): boolean {
  return answer.status === 'malformed' && answer.detail === ALIAS_ELSEWHERE;
}

/** Where the questions to name servers may go. */
export interface NameServerGate extends GateOptions {
  /** Redirects questions to other addresses, as it does connections. */
  readonly connectTo?: Redirections;
}

/** A zone and the addresses of its name servers. */
export interface ZoneServers {
  readonly zone: string;
  readonly servers: readonly DnsServer[];
  /** How long a try waits, in milliseconds, and after how long the next one starts. As for every name server when absent. */
  readonly waits?: { readonly tryTimeoutMs: number; readonly retryAfterMs: number };
}

/** What is asked of the name servers of a zone: the records of a name, or the delegation of a zone below. */
export type Wanted = 'records' | 'delegation';

/** The parts of the DNS client that ask name servers. */
export interface NameServerParts {
  /** @returns the asker for these servers. */
  readonly askerOf: (servers: readonly DnsServer[]) => Asker;
  readonly limit: Upstreams['limit'];
  /** Looks up the addresses of a name server whose referral does not have them. */
  readonly lookUp: Resolver['query'];
}

/** @returns where the questions for a name server go, or why the gate lets none through. */
export async function routeThrough(gate: NameServerGate, server: DnsServer): Promise<DnsServer | NoRoute> {
  const refused = await refusal(server.address, gate);
  if (refused !== undefined) return { detail: `${serverLabel(server)} is not asked: its address is ${refused}` };
  const { host, port } = redirected(server.address, server.port, gate.connectTo);
  const address = parseIp(host);
  return address === undefined ? { detail: `${host} is no address` } : { address, port };
}

/**
 * Asks the name servers of a zone.
 *
 * @param wanted with `delegation`, the name is that of a zone, and the answer has the NS records with which its parent
 *   refers to it. They are not authoritative.
 * @returns the authoritative answer. Anything else is a failure: `malformed` for an answer that is not authoritative.
 *   Rejects only for a fault of mailcheck.
 */
export async function resolveAt(
  from: ZoneServers,
  name: string,
  type: RecordType,
  parts: NameServerParts,
  wanted: Wanted = 'records',
): Promise<DnsAnswer> {
  const started = performance.now();
  const question = { name: canonicalName(name), type, checkingDisabled: false, isIterative: true };
  const { zone, found, below } = await lastReply(from, question, parts, wanted);
  const reply = replyOf(found);
  const exchange = {
    ...unasked(question.name, type),
    server: found && reply ? serverLabel(found.state.server) : null,
    transport: found?.transport ?? 'udp',
    durationMs: performance.now() - started,
    authoritative: reply?.authoritative ?? false,
    extendedErrors: reply?.extendedErrors ?? [],
  };
  if (found === undefined) return { ...exchange, status: 'unreachable', detail: `${zone} has no name server to ask` };
  const { result } = found;
  if (result.kind !== 'reply') return { ...exchange, status: result.kind, detail: result.detail };
  if (result.reply.truncated) {
    return { ...exchange, status: 'truncated-no-tcp', detail: NO_ANSWER_OVER_TCP };
  }
  if (below !== undefined) return { ...exchange, status: 'answer', records: below.names, ttl: below.ttl };
  const meaning = interpret(result.reply, question.name, type);
  switch (meaning.status) {
    case 'answer':
    case 'nodata':
    case 'nxdomain':
      return result.reply.authoritative
        ? { ...exchange, ...meaning }
        : { ...exchange, status: 'malformed', detail: NOT_AUTHORITATIVE };
    case 'alias':
      return { ...exchange, status: 'malformed', detail: ALIAS_ELSEWHERE };
    default: {
      const isForeign = meaning.status === 'malformed' && !result.reply.authoritative;
      return { ...exchange, status: meaning.status, detail: isForeign ? NOT_AUTHORITATIVE : meaning.detail };
    }
  }
}

/**
 * Asks the name servers of a zone, and follows their referrals to the zones below.
 *
 * @param wanted with `delegation`, the referral to the zone of that name is not followed. It is then `below`.
 * @returns the last try, and the zone whose servers were asked then. It is a referral where there are too many of them.
 */
export async function lastReply(
  from: ZoneServers,
  question: Question | SignedQuestion,
  parts: NameServerParts,
  wanted: Wanted = 'records',
): Promise<{ readonly zone: string; readonly found: Attempt | undefined; readonly below?: Referral }> {
  let at = from;
  for (let referrals = 0; ; referrals += 1) {
    const { zone, servers } = at;
    const found = await parts.limit(() => parts.askerOf(servers).ask(question));
    const reply = replyOf(found);
    const below = reply === undefined || reply.truncated ? undefined : referralOf(reply, zone, question.name);
    const isWanted = wanted === 'delegation' && below?.zone === question.name;
    if (isWanted) return { zone, found, below };
    if (below === undefined || referrals >= MAX_REFERRALS) return { zone, found };
    at = { zone: below.zone, servers: await addressesOf(below, parts) };
  }
}

/** A zone below, as a referral names it. */
interface Referral {
  readonly zone: string;
  readonly names: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  /** The addresses that the referral has for a name. */
  readonly glue: ReadonlyMap<string, readonly IpAddress[]>;
}

/**
 * Reads a referral (RFC 1034 §4.3.2): NS records of a zone that is below the asked one, and at or above the name.
 *
 * @returns the zone below, or `undefined` when the reply is no such referral.
 */
function referralOf(reply: Reply, zone: string, name: string): Referral | undefined {
  if (reply.authoritative || reply.rcode !== 'NOERROR' || reply.answers.length > 0) return undefined;
  const delegations = reply.authorities.filter(({ type }) => type === 'NS');
  const [first] = delegations;
  if (first === undefined) return undefined;
  const below = canonicalName(first.name);
  if (below === zone || !isSameOrSubdomain(below, zone) || !isSameOrSubdomain(name, below)) return undefined;
  const names = delegations
    .filter((record) => canonicalName(record.name) === below)
    .flatMap(({ data }) => readData('NS', data) ?? [])
    .map(canonicalName);
  const glue = new Map<string, IpAddress[]>();
  for (const { name: owner, type, data } of reply.additionals) {
    const host = canonicalName(owner);
    // The servers of a zone know the addresses of names in it. What they say of other names is hearsay.
    if ((type !== 'A' && type !== 'AAAA') || !isSameOrSubdomain(host, zone)) continue;
    const ip = parseIp(readData(type, data) ?? '');
    if (ip !== undefined) glue.set(host, [...(glue.get(host) ?? []), ip]);
  }
  return { zone: below, names: [...new Set(names)], ttl: first.ttl, glue };
}

async function addressesOf({ names: all, glue }: Referral, { lookUp }: NameServerParts): Promise<DnsServer[]> {
  const names = all.slice(0, MAX_NAMES);
  const known = names.flatMap((name) => glue.get(name) ?? []);
  if (known.length > 0) return serversAt(known);
  return serversAt((await hostAddresses(names, { query: lookUp })).addresses);
}

/** @returns the name servers at these addresses, each once, those of IPv4 first, and no more than are asked. */
export function serversAt(addresses: readonly IpAddress[]): DnsServer[] {
  const distinct = [...new Set(addresses)];
  // Where IPv4 has more servers than are asked, IPv6 keeps a place for a machine that has no IPv4.
  const [ipv4, ipv6] = [distinct.filter((ip) => ipFamily(ip) === 4), distinct.filter((ip) => ipFamily(ip) === 6)];
  const ofIpv6 = ipv6.slice(0, Math.max(MAX_ADDRESSES / 2, MAX_ADDRESSES - ipv4.length));
  return [...ipv4.slice(0, MAX_ADDRESSES - ofIpv6.length), ...ofIpv6].map((address) => ({ address, port: DNS_PORT }));
}
