/**
 * Tells whether it is safe to sign with the key that the user gave. It is when every name server of the zone has the key
 * record, and when every answer from before has run out at the resolvers. A receiver that has an older answer finds no key,
 * or another one, and the signature fails.
 *
 * How long the record has been at all name servers is known from an earlier run alone, or from the age of the resolver's
 * answer. Otherwise it counts as published now.
 */
import { type DnsAnswer, isAbsent, recordsOf } from '../../network/dns/answer.ts';
import { canonicalName } from '../../network/domain.ts';
import { assessKeyRecord } from '../../standards/dkim/assess.ts';
import { keyName } from '../../standards/dkim/lookup.ts';
import type { ZoneServer } from './authority/servers.ts';
import { type AuthoritativeView, authoritativeView, isOwnView, meanSame } from './authority/view.ts';
import { parentOf } from './authority/zone.ts';
import { fact, type HostNeeds, hostFact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';
import type { KeyBook, Sighting } from './key-sighting.ts';

/** The most selectors that the name servers are asked about. */
const MAX_SELECTORS = 5;
/** The most aliases that lead to a key record. */
const MAX_ALIASES = 4;

/** One name server, and what is wrong at it. */
export interface SwitchServer {
  readonly name: string;
  readonly address: string;
}

/** How far the change to the key is at one selector. */
export interface KeySwitch {
  readonly selector: string;
  /** The name of the key record. */
  readonly name: string;
  readonly fingerprint: string;
  readonly zone: string | null;
  /** The addresses of the name servers that have the key. */
  readonly having: readonly SwitchServer[];
  /** The addresses of the name servers that have another record. */
  readonly other: readonly SwitchServer[];
  /** The addresses of the name servers that have no record. */
  readonly lacking: readonly SwitchServer[];
  /** The addresses of the name servers that may have the zone, and did not answer. */
  readonly unseen: readonly SwitchServer[];
  /** Whether all name servers could be found and asked. */
  readonly isWhole: boolean;
  /** Whether the resolver of this run still has an older answer. */
  readonly isResolverOld: boolean;
  /** Since when all name servers have the key, in milliseconds since the epoch. `null` if they do not. */
  readonly since: number | null;
  /** Seconds for which resolvers keep an older answer. `null` if it is not known. */
  readonly keptFor: number | null;
  /** From when the switch is safe, in milliseconds since the epoch. `null` if it is not known. */
  readonly safeAt: number | null;
  readonly state: 'safe' | 'kept' | 'not-everywhere' | 'unseen';
}

type Used = 'clock' | 'dns' | 'keys' | 'published' | 'settings' | 'signingKey' | 'stopwatch' | 'target';

type Sources = Needs<Used>;

/**
 * Asks every name server for the key records of the selectors that the user gave, if the user gave a key too. Selectors at
 * which the key is nowhere are left out. What the name servers have stays as it is when the rules run again over planned
 * records.
 */
export const keySwitches = hostFact(
  // No answer of the DNS is judged here but those of the name servers themselves, which no record changes before it is there.
  ({ facts }: HostNeeds<Used>): Promise<readonly KeySwitch[]> => facts(switchesAtServers),
);

const switchesAtServers = fact(async (needs: Sources): Promise<readonly KeySwitch[]> => {
  const { signingKey, target, keys, published } = needs;
  // Records that are not published yet are at no name server.
  if (signingKey?.kind !== 'key' || keys === null || published !== null) return [];
  const { fingerprint } = signingKey.signingKey.key;
  const readElapsed = needs.stopwatch('the key at the name servers');
  const asked = await Promise.all(
    target.selectors.slice(0, MAX_SELECTORS).map(async (selector) => {
      const name = keyName(selector, target.domain);
      const view = await needs.facts(authoritativeView, name, 'TXT', 0);
      const known = await keys.known(canonicalName(name), fingerprint);
      return { selector, name, view, known, age: await ageOf(needs, view) };
    }),
  );
  const observedAt = needs.clock.now() + readElapsed();
  const found = await Promise.all(asked.map((one) => switchOf(needs, keys, { ...one, fingerprint, observedAt })));
  return found.filter((one) => one !== null);
});

/** What is known of the key at one selector. */
interface Seen extends Pick<KeySwitch, 'selector' | 'name' | 'fingerprint'> {
  readonly view: AuthoritativeView;
  readonly known: Sighting | null;
  /** Seconds for which all name servers have had the record. `null` if it is not known. */
  readonly age: number | null;
  /** Milliseconds since the epoch. */
  readonly observedAt: number;
}

/** @returns how far the change is, or `null` if the key is nowhere. */
async function switchOf(
  needs: Sources,
  keys: KeyBook,
  { selector, name, fingerprint, view, known, age, observedAt }: Seen,
): Promise<KeySwitch | null> {
  const isRight = (answer: DnsAnswer): boolean => holdsKey(answer, fingerprint);
  const servers = serversOf(view, isRight);
  const { having, other, lacking, isWhole } = servers;
  const isElsewhere = other.length + lacking.length > 0;
  const isEverywhere = isWhole && !isElsewhere && having.length > 0;
  // Receivers do not see what a resolver has of its own.
  const isResolverOld = !isRight(view.resolver) && !isOwnView(view);
  const kept = await keptLongest(needs, view);
  const answersNow = longest([kept, ...otherTtls(view, isRight)]);
  const before = { known, answersNow, observedAt };
  const earlier = earlierOf(needs, canonicalName(name), fingerprint);
  const sighting = isElsewhere
    ? withoutKey(before)
    : withKey(before, { earlier, byAge: age === null ? null : observedAt - age * 1000 });
  // What is there before the key counts too: resolvers keep it when the key has taken its place.
  if (isEverywhere || isElsewhere) await keys.keep(canonicalName(name), fingerprint, sighting);
  if (having.length === 0 && !isRight(view.resolver)) return null;
  const keptFor = kept === null ? null : longest([answersNow, sighting.otherTtl]);
  const since = isEverywhere ? sighting.since : null;
  const left = isResolverOld && 'ttl' in view.resolver ? (view.resolver.ttl ?? keptFor ?? 0) : 0;
  const safeAt =
    since === null || keptFor === null
      ? null
      : Math.max(
          since + keptFor * 1000,
          sighting.olderUntil ?? 0,
          earlier.safeAt,
          isResolverOld ? observedAt + left * 1000 : 0,
        );
  const state = isElsewhere
    ? 'not-everywhere'
    : safeAt === null
      ? 'unseen'
      : safeAt <= needs.clock.now() && !isResolverOld
        ? 'safe'
        : 'kept';
  return {
    selector,
    name,
    fingerprint,
    zone: view.at?.zone ?? null,
    ...servers,
    isResolverOld,
    since,
    keptFor,
    safeAt,
    state,
  };
}

/** @returns whether the answer is one record with this key, which receivers can use. */
function holdsKey(answer: DnsAnswer, fingerprint: string): boolean {
  if (answer.status !== 'answer' || answer.type !== 'TXT') return false;
  const [record, ...others] = recordsOf(answer as DnsAnswer<'TXT'>).map(assessKeyRecord);
  return others.length === 0 && record?.usable === true && record.key?.fingerprint === fingerprint;
}

type Servers = Pick<KeySwitch, 'having' | 'other' | 'lacking' | 'unseen' | 'isWhole'>;

/**
 * A server that has not the zone gives no old answer. One that is silent may be so to this machine alone. An address that
 * cannot be reached from here does not count if the same server answers at another one.
 */
function serversOf({ at, groups, unseen }: AuthoritativeView, isRight: (answer: DnsAnswer) => boolean): Servers {
  const of = (isWanted: (answer: DnsAnswer) => boolean): SwitchServer[] =>
    groups.filter(({ answer }) => isWanted(answer)).flatMap(({ servers }) => servers.map(shown));
  const having = of(isRight);
  const lacking = of(isAbsent);
  const other = of((answer) => !isRight(answer) && !isAbsent(answer));
  const seen = new Set([...having, ...lacking, ...other].map(({ name }) => name));
  const silent = (at?.servers ?? []).filter(
    ({ name, standing }) =>
      standing === 'silent' ||
      standing === 'fails' ||
      standing === 'unsteady' ||
      (standing === 'unseen' && !seen.has(name)),
  );
  const open = [...unseen, ...silent].map(shown);
  return { having, other, lacking, unseen: open, isWhole: at?.isWhole === true && open.length === 0 };
}

const shown = ({ name, address }: ZoneServer): SwitchServer => ({ name, address });

/** @returns the TTLs of the other records at the name servers, in seconds. */
function otherTtls({ groups }: AuthoritativeView, isRight: (answer: DnsAnswer) => boolean): (number | null)[] {
  return groups.filter(({ answer }) => !isRight(answer) && !isAbsent(answer)).flatMap(({ ttls }) => ttls);
}

/** What was known before, and how long resolvers keep what the name servers say now, in seconds. */
interface Before {
  readonly known: Sighting | null;
  readonly answersNow: number | null;
  /** Milliseconds since the epoch. */
  readonly observedAt: number;
}

/** @returns what is known from now on, if some name server does not have the key. */
function withoutKey({ known, answersNow, observedAt }: Before): Sighting {
  const otherTtl = answersNow ?? known?.otherTtl ?? null;
  // What had a longer TTL was answered until now at the latest.
  const wasLonger = known !== null && known.otherTtl !== null && known.otherTtl > (otherTtl ?? 0);
  const olderUntil = latest([known?.olderUntil, wasLonger ? observedAt + (known.otherTtl ?? 0) * 1000 : undefined]);
  return { since: null, otherTtl, lostAt: observedAt, ...(olderUntil === undefined ? {} : { olderUntil }) };
}

/** @returns what is known from now on, if all name servers have the key. */
function withKey(
  { known, answersNow, observedAt }: Before,
  { earlier, byAge }: { readonly earlier: Earlier; readonly byAge: number | null },
): Sighting {
  const seenLost = latest([known?.lostAt, earlier.lostAt]);
  // A clock that was put back would make what is seen now older than the loss.
  const lostAt = seenLost === undefined ? undefined : Math.min(seenLost, observedAt);
  const times = [known?.since ?? null, ...earlier.since, byAge].filter((time) => time !== null);
  return {
    since: Math.min(observedAt, ...times.filter((time) => time >= (lostAt ?? 0))),
    otherTtl: longest([known?.otherTtl ?? null, answersNow]),
    ...(lostAt === undefined ? {} : { lostAt }),
    ...(known?.olderUntil === undefined ? {} : { olderUntil: known.olderUntil }),
  };
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function longest(seconds: readonly (number | null)[]): number | null {
  const known = seconds.filter((one) => one !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** What the reports of earlier runs say of a key, in milliseconds since the epoch. */
interface Earlier {
  /** Since when all name servers had it. */
  readonly since: readonly number[];
  /** From when it was safe to sign with it by these reports. 0 if they do not say. */
  readonly safeAt: number;
  /** When some name server did not have it. */
  readonly lostAt: number | undefined;
}

function earlierOf({ settings }: Sources, name: string, fingerprint: string): Earlier {
  const all = (settings.earlierKeys ?? []).filter((key) => key.name === name && key.fingerprint === fingerprint);
  const timesOf = (field: 'since' | 'safeAt' | 'lostAt'): number[] =>
    all.flatMap((key) => (typeof key[field] === 'string' ? [Date.parse(key[field])] : []));
  return { since: timesOf('since'), safeAt: Math.max(0, ...timesOf('safeAt')), lostAt: latest(timesOf('lostAt')) };
}

/**
 * @returns the longest time for which a resolver keeps an older answer, in seconds: an absence as long as the zone says
 *   (RFC 2308 §5), and a record as long as the servers now say. The same holds for each alias on the way. `null` if it is
 *   not known.
 */
async function keptLongest(needs: Sources, view: AuthoritativeView, aliases = 0): Promise<number | null> {
  const { name, groups, at } = view;
  const [group] = groups;
  if (group === undefined || at === null) return null;
  const negative = at.servers.map(({ negativeTtl }) => negativeTtl);
  const next = group.answer.chain[0];
  if (next === undefined) return longest([...groups.flatMap(({ ttls }) => ttls), ...negative]);
  if (aliases >= MAX_ALIASES) return null;
  const having = at.servers.filter(({ standing }) => standing === 'has-zone');
  const links = await Promise.all(having.map(({ client }) => client.query(name, 'CNAME')));
  if (!links.every((link) => link.status === 'answer')) return null;
  const below = await needs.facts(authoritativeView, next, 'TXT', aliases + 1);
  const rest = await keptLongest(needs, below, aliases + 1);
  return rest === null ? null : longest([rest, ...negative, ...links.map(({ ttl }) => ttl)]);
}

/**
 * Tells the age of the resolver's answer by the TTL that is left of it. Other servers of the zone have the record later than
 * the one that gave this answer, but not later than a secondary asks for changes.
 *
 * A resolver may cut every TTL, such as one of a container platform to 30 s. What is left of a TTL then shows no age. So the
 * resolver must have another answer with a TTL that is not shorter than the whole one.
 *
 * @returns the seconds for which all name servers have had the record. `null` if it is not known.
 */
async function ageOf({ dns: watched }: Sources, { resolver, at, groups }: AuthoritativeView): Promise<number | null> {
  const [group, ...others] = groups;
  if (resolver.status !== 'answer' || resolver.authoritative || resolver.chain.length > 0) return null;
  if (at === null || group === undefined || others.length > 0 || !meanSame(resolver, group.answer)) return null;
  const refreshes = at.servers.filter(({ standing }) => standing === 'has-zone').map(({ refresh }) => refresh);
  const lag = refreshes.length === 1 ? 0 : refreshes.some((one) => one === null) ? null : longest(refreshes);
  const ttls = group.ttls.filter((ttl) => ttl !== null);
  const whole = Math.min(...ttls);
  if (lag === null || resolver.ttl >= whole) return null;
  // The answers tell how long the resolver keeps anything, and nothing of the target.
  const dns = unwatched(watched);
  const names = [at.zone, parentOf(at.zone)].filter((name) => name !== '');
  const known = await Promise.all(names.map((name) => dns.query(name, 'NS')));
  const isCut = !known.some((answer) => answer.status === 'answer' && !answer.authoritative && answer.ttl >= whole);
  const age = whole - resolver.ttl - lag;
  return isCut || age <= 0 ? null : age;
}
