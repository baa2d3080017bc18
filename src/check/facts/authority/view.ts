/**
 * Asks each name server of the zone of a name for one RRset, and compares what they say with what the resolver says.
 * Two answers are the same if they mean the same to mail: the order of the records, their TTL, the way over aliases and
 * the kind of absence do not count.
 */
import { type DnsAnswer, isAbsent, isFailure, type RecordType, recordsOf } from '../../../network/dns/answer.ts';
import { isAliasElsewhere } from '../../../network/dns/name-servers.ts';
import { canonicalName, isSameOrSubdomain } from '../../../network/domain.ts';
import { parseIp, specialPurpose } from '../../../network/ip.ts';
import { fact, type Needs } from '../fact.ts';
import { unwatched } from '../gaps.ts';
import { type Authority, authority, keyOfNames, type ZoneServer } from './servers.ts';
import { enclosingZone } from './zone.ts';

/** What one server says. */
interface Said {
  readonly server: ZoneServer;
  readonly answer: DnsAnswer;
}

/** The servers that say the same. */
export interface SaidGroup {
  readonly answer: DnsAnswer;
  readonly servers: readonly ZoneServer[];
  /** The TTL that each of them gives, in seconds. `null` for an absence whose TTL is not given. */
  readonly ttls: readonly (number | null)[];
}

/** What the name servers and the resolver say of one RRset. */
export interface AuthoritativeView {
  readonly name: string;
  readonly type: RecordType;
  readonly resolver: DnsAnswer;
  /** The zone and its servers. `null` if none of them could be asked. */
  readonly at: Authority | null;
  /** The answers of the servers that have the zone, grouped by meaning. The largest group is the first. */
  readonly groups: readonly SaidGroup[];
  /** The servers that have the zone and did not answer this question. */
  readonly unseen: readonly ZoneServer[];
  /** What all the servers say. `null` if they differ, or if not all of them answered. */
  readonly agreed: DnsAnswer | null;
}

/** The most aliases that lead from zone to zone. */
const MAX_ALIASES = 4;

/**
 * The types of RRsets that are compared. The NS and DS records of a zone are also in the zone above, so servers may
 * rightly differ.
 */
const COMPARED: readonly string[] = ['A', 'AAAA', 'CNAME', 'MX', 'PTR', 'SOA', 'TXT', 'TLSA'];

/** @returns whether the RRsets of a type are compared. */
export function isCompared(type: string): type is RecordType {
  return COMPARED.includes(type);
}

/** Asks the name servers for an RRset. `aliases` is the number of aliases that led to the name from other zones. */
export const authoritativeView = fact(
  async (
    { dns: watched, facts }: Needs<'dns'>,
    name: string,
    type: RecordType,
    aliases: number,
  ): Promise<AuthoritativeView> => {
    // What is not seen of the name servers is a state of its own.
    const dns = unwatched(watched);
    const resolver = await dns.query(name, type);
    const nothing = { name, type, resolver, at: null, groups: [], unseen: [], agreed: null };
    if (isFailure(resolver)) return nothing;
    const cut = await enclosingZone(dns, zoneHint(resolver) ?? name);
    if (cut === null) return nothing;
    const at = await facts(authority, cut.zone, keyOfNames(cut.nameServers));
    if (at === null) return nothing;
    const ask = async (server: ZoneServer): Promise<Said> => {
      const answer = await server.client.query(name, type);
      if (!isAliasElsewhere(answer)) return { server, answer };
      const alias = await server.client.query(name, 'CNAME');
      const [target] = recordsOf(alias);
      if (alias.status !== 'answer' || target === undefined || aliases >= MAX_ALIASES) return { server, answer };
      const { agreed } = await facts(authoritativeView, canonicalName(target), type, aliases + 1);
      return { server, answer: agreed === null ? answer : through(name, canonicalName(target), alias.ttl, agreed) };
    };
    const said = await Promise.all(at.servers.filter(({ standing }) => standing === 'has-zone').map(ask));
    const seen = said.filter(({ answer }) => !isFailure(answer) && answer.authoritative);
    const unseen = said.filter((one) => !seen.includes(one)).map(({ server }) => server);
    const groups = grouped(seen);
    const [only, second] = groups;
    const isSteady = at.servers.every(({ standing }) => standing !== 'unsteady');
    const isAgreed = only !== undefined && second === undefined && unseen.length === 0 && isSteady;
    return { name, type, resolver, at, groups, unseen, agreed: isAgreed ? only.answer : null };
  },
);

/** @returns the zone that a denial names for the name that was asked for. */
function zoneHint(answer: DnsAnswer): string | undefined {
  if (!isAbsent(answer) || answer.chain.length > 0 || answer.zone === null || answer.zone === '') return undefined;
  return isSameOrSubdomain(answer.name, answer.zone) ? answer.zone : undefined;
}

/** @returns the answer for the target of an alias as the answer for the alias. */
function through(name: string, target: string, ttl: number, answer: DnsAnswer): DnsAnswer {
  const followed = { ...answer, name, chain: [target, ...answer.chain] };
  return 'ttl' in followed ? { ...followed, ttl: Math.min(ttl, followed.ttl ?? ttl) } : followed;
}

function grouped(said: readonly Said[]): SaidGroup[] {
  const groups = new Map<
    string,
    { readonly answer: DnsAnswer; readonly servers: ZoneServer[]; readonly ttls: (number | null)[] }
  >();
  for (const { server, answer } of said) {
    const meaning = meaningOf(answer);
    const group = groups.get(meaning) ?? { answer, servers: [], ttls: [] };
    groups.set(meaning, group);
    group.servers.push(server);
    group.ttls.push('ttl' in answer ? answer.ttl : null);
  }
  return [...groups.values()].sort((a, b) => b.servers.length - a.servers.length);
}

/** @returns whether two answers mean the same to mail. */
export function meanSame(one: DnsAnswer, other: DnsAnswer): boolean {
  return meaningOf(one) === meaningOf(other);
}

/** @returns a text that is the same for answers that mean the same. */
function meaningOf(answer: DnsAnswer): string {
  if (answer.status !== 'answer') return isAbsent(answer) ? 'absent' : answer.status;
  // Serial numbers differ during every transfer, and only the existence of a zone matters to mail.
  if (answer.type === 'SOA') return 'answer';
  return JSON.stringify([...new Set(answer.records.map(recordText))].sort());
}

function recordText(record: ReturnType<typeof recordsOf>[number]): string {
  if (typeof record === 'string') return canonicalName(record);
  if ('exchange' in record) return `${record.preference} ${canonicalName(record.exchange)}`;
  // How a text is split into strings does not count (RFC 7208 §3.3).
  return Array.isArray(record) ? JSON.stringify(record.join('')) : JSON.stringify(record);
}

/** @returns whether the name servers agree on another answer than the resolver's. */
export function isChanged({ resolver, agreed }: Pick<AuthoritativeView, 'resolver' | 'agreed'>): boolean {
  return agreed !== null && !meanSame(resolver, agreed);
}

/**
 * Tells whether the resolver has records of its own for a name, which nobody outside sees: a zone of the local network
 * (split horizon), or private addresses in the place of public ones.
 */
export function isOwnView({ resolver, agreed }: Pick<AuthoritativeView, 'resolver' | 'agreed'>): boolean {
  if (agreed === null || !isChanged({ resolver, agreed })) return false;
  return resolver.authoritative || (hasPrivate(resolver) && !hasPrivate(agreed));
}

/** The blocks of addresses that hosts of a local network have. */
const LOCAL = /^(?:private use|unique local|shared address space|loopback|link local) /;

function hasPrivate(answer: DnsAnswer): boolean {
  return recordsOf(answer).some((record) => {
    const ip = typeof record === 'string' ? parseIp(record) : undefined;
    return ip !== undefined && LOCAL.test(specialPurpose(ip) ?? '');
  });
}

/** How long resolvers may keep the old answer. */
export interface Kept {
  /** Seconds. */
  readonly ttl: number;
  /** Whether no resolver keeps it longer. How long others may keep an old record is known by guess only. */
  readonly isLongest: boolean;
}

/**
 * @returns how long resolvers may keep the old answer. An absence is kept as long as the zone says (RFC 2308 §5), and a
 *   record for the rest of its TTL here, or the TTL that the servers now give. `null` if nothing is known.
 */
export function keptFor({ resolver, agreed, at }: AuthoritativeView): Kept | null {
  if (agreed === null || isFailure(resolver) || isFailure(agreed)) return null;
  const wasAbsent = isAbsent(resolver);
  const negative = (at?.servers ?? []).flatMap(({ negativeTtl }) => negativeTtl ?? []);
  const whole = wasAbsent ? negative : [agreed.status === 'answer' ? agreed.ttl : 0];
  const known = [...(resolver.ttl === null ? [] : [resolver.ttl]), ...whole];
  return known.length === 0 ? null : { ttl: Math.max(...known), isLongest: wasAbsent && negative.length > 0 };
}
