/**
 * Ranks the addresses of a pool for `mailcheck pool <domain> <ip…>`, cleanest first. The order depends on the listings
 * of each address, the listings of its network, and its PTR record.
 */

import { createFacts } from '../check/facts/fact.ts';
import { askList, hasTold, type ListResult, listsForIp } from '../check/facts/lists.ts';
import { confirmedNames, type PtrFact, ptr } from '../check/facts/ptr.ts';
import { isClean, judgeListings, type ListingCode } from '../check/rules/rbl/listings.ts';
import { lostLists } from '../check/rules/rbl/lost.ts';
import type { Settings } from '../check/settings.ts';
import type { Target } from '../check/target.ts';
import type { ChosenLists } from '../knowledge/lists/catalogue.ts';
import { isCustomName } from '../knowledge/providers/reverse-name.ts';
import { isConfirmed } from '../knowledge/verification.ts';
import { webProxyAt } from '../knowledge/web-proxies/catalogue.ts';
import type { DnsClient } from '../network/dns/client.ts';
import { type IpAddress, specialPurpose } from '../network/ip.ts';
import { confirmationMark } from '../report/confirmation.ts';
import type { Severity } from '../report/status.ts';
import { organizationalDomain } from '../standards/organizational-domain.ts';

/**
 * The status of one address. `listed`: some listing is an error. `unknown`: no listing is an error, but some list gave
 * no usable answer. `minor`: every listing is a warning. `clean`: there is no listing.
 */
export type PoolStatus = 'clean' | 'minor' | 'unknown' | 'listed';

/**
 * The state of the PTR record of an address, best first. `own` is a confirmed name in the user's domain, `confirmed` is
 * another confirmed name, and `generic` is a provider's default name. The others are not confirmed by a forward lookup.
 */
export type PtrState = 'own' | 'confirmed' | 'generic' | 'mismatch' | 'absent' | 'unknown';

/** A listing of an address or of its network, with its fix. */
export interface PoolListing {
  readonly code: ListingCode;
  readonly severity: Severity;
  readonly list: string;
  readonly zone: string;
  readonly codes: readonly string[];
  readonly answers: readonly string[];
  readonly txt: readonly string[];
  /** The listed network, or `null` if the list does not name it. */
  readonly network: string | null;
  readonly impact: string;
  readonly fix: string;
  readonly links: readonly string[];
}

/** One address of the pool, with its rank and the reasons for it. */
export interface PoolEntry {
  /** The place in the ranking, from 1 for the best address. */
  readonly rank: number;
  readonly ip: IpAddress;
  readonly status: PoolStatus;
  readonly ptr: { readonly state: PtrState; readonly names: readonly string[] };
  /** Listings of the address itself. */
  readonly listings: readonly PoolListing[];
  /** Listings of the network that the address belongs to. */
  readonly block: readonly PoolListing[];
  readonly lists: { readonly asked: number; readonly clean: number };
  /** Lists that gave no usable answer, each with the reason. */
  readonly unknown: readonly { readonly zone: string; readonly reason: string }[];
  /**
   * Zones of lists that did not list the address, while it is not known whether they answer this resolver truthfully.
   */
  readonly notVerified: readonly string[];
  /**
   * Why no mail comes from the address: the special-purpose block that it belongs to (RFC 6890), or the web proxy whose
   * address it is. `null` when mail may come from it.
   */
  readonly special: string | null;
}

/** The pool, and what its ranking needs. */
export interface PoolQuestion {
  readonly target: Pick<Target, 'domain' | 'ips'>;
  readonly lists: ChosenLists;
  readonly dns: DnsClient;
  readonly settings: Settings;
  /** The current time in milliseconds since the epoch. It decides which data about a list is marked as outdated. */
  readonly now: number;
}

/**
 * Asks every list about every address of the pool, and ranks the addresses.
 *
 * @returns one entry for each address, cleanest first. Network failures do not reject the promise: they make an address
 *   `unknown`.
 */
export async function rankPool({ target, lists, dns, settings, now }: PoolQuestion): Promise<PoolEntry[]> {
  const facts = createFacts({ dns, settings });
  const entries = await Promise.all(
    target.ips.map(async (ip) => {
      // What lists say of a web proxy is not about a mail host.
      const asked = webProxyAt(ip) === undefined ? listsForIp(lists.asked, ip) : [];
      const [reverse, ...results] = await Promise.all([
        facts(ptr, ip),
        ...asked.map((list) => askList({ dns, facts, settings }, { list, subject: ip })),
      ]);
      return describe(ip, target.domain, reverse, results, lists, now);
    }),
  );
  // The sort is stable, so addresses of equal weight stay in the order the user typed.
  return entries.sort(compare).map((entry, index) => ({ ...entry, rank: index + 1 }));
}

function describe(
  ip: IpAddress,
  domain: Target['domain'],
  ptr: PtrFact,
  results: readonly ListResult[],
  { dead, keyless }: ChosenLists,
  now: number,
): PoolEntry {
  const found = poolListings(ip, domain, results, now);
  const blocking = results.filter(({ list }) => list.kind === 'ip');
  const unknown = [
    ...dead.map((row) => ({ zone: row.zone, reason: `${row.reason}${confirmationMark(isConfirmed(row, now))}` })),
    ...keyless.map(({ zone }) => ({ zone, reason: 'needs a key' })),
    ...blocking.flatMap(({ list, outcome }) => {
      const reason = unknownReason(outcome);
      return reason === undefined ? [] : [{ zone: list.zone, reason }];
    }),
  ];
  const clean = blocking.filter(isClean).length;
  // A list that few receivers rely on may be silent, as in the check.
  const isBlind = dead.length + keyless.length > 0 || !blocking.some(hasTold) || lostLists(blocking).needed.length > 0;
  return {
    rank: 0,
    ip,
    status: statusOf(found, isBlind),
    ptr: ptrState(ptr, ip, domain),
    listings: found.filter(({ code }) => code !== 'rbl/block-listed'),
    block: found.filter(({ code }) => code === 'rbl/block-listed'),
    lists: { asked: blocking.length, clean },
    unknown,
    notVerified: blocking.filter(({ outcome }) => outcome.kind === 'unverified').map(({ list }) => list.zone),
    special: specialPurpose(ip) ?? proxyText(ip, now),
  };
}

function proxyText(ip: IpAddress, now: number): string | null {
  const proxy = webProxyAt(ip);
  if (proxy === undefined) return null;
  return `it belongs to ${proxy.name}’s web proxy${confirmationMark(isConfirmed(proxy, now))}. Pass the mail server’s own address instead`;
}

/** Returns the status. As in the check, a listing outweighs a list that did not answer, which outweighs a warning. */
function statusOf(found: readonly PoolListing[], isBlind: boolean): PoolStatus {
  if (found.some(({ severity }) => severity === 'error')) return 'listed';
  if (isBlind) return 'unknown';
  return found.length > 0 ? 'minor' : 'clean';
}

function unknownReason(outcome: ListResult['outcome']): string | undefined {
  switch (outcome.kind) {
    case 'refused':
      return 'refused';
    case 'broken':
      return outcome.fault;
    case 'failed':
      return outcome.status;
    default:
      return undefined;
  }
}

function poolListings(
  ip: IpAddress,
  domain: Target['domain'],
  results: readonly ListResult[],
  now: number,
): PoolListing[] {
  const target: Target = { domain, ips: [ip], ipSource: 'argument', selectors: [] };
  return results
    .flatMap((result) => judgeListings(result, target, now))
    .flatMap(({ listing: { code, evidence }, finding }) => {
      const { list, zone, codes, answers, txt, network, impact } = evidence;
      const { summary: fix, links = [] } = finding.remediation;
      const listing: PoolListing = {
        code,
        severity: finding.severity,
        list,
        zone,
        codes: codes.map(({ name }) => name),
        answers,
        txt,
        network,
        impact,
        fix,
        links,
      };
      return listing.severity === 'info' ? [] : [listing];
    });
}

function ptrState(ptr: PtrFact, ip: IpAddress, domain: Target['domain']): PoolEntry['ptr'] {
  const names = ptr.names.map(({ name }) => name);
  if (ptr.kind !== 'names') return { state: ptr.kind, names };
  const confirmed = confirmedNames(ptr);
  if (confirmed.length === 0) {
    const isUnknown = ptr.names.some(({ confirmation }) => confirmation === 'unknown');
    return { state: isUnknown ? 'unknown' : 'mismatch', names };
  }
  const organization = organizationalDomain(domain);
  if (confirmed.some((name) => organizationalDomain(name) === organization)) return { state: 'own', names };
  const isGeneric = confirmed.every((name) => !isCustomName(name, ip, false));
  return { state: isGeneric ? 'generic' : 'confirmed', names };
}

const STATUSES: readonly PoolStatus[] = ['clean', 'minor', 'unknown', 'listed'];
const PTR_STATES: readonly PtrState[] = ['own', 'confirmed', 'generic', 'mismatch', 'absent', 'unknown'];

/** Returns the sort keys, heaviest first: the listings of the address, those of its network, and the PTR record. */
function weights({ status, listings, block, unknown, ptr }: PoolEntry): number[] {
  const count = (found: readonly PoolListing[], severity: Severity, code?: ListingCode): number =>
    found.filter((entry) => entry.severity === severity && (code === undefined || entry.code === code)).length;
  return [
    STATUSES.indexOf(status),
    count(listings, 'error', 'rbl/listed'),
    count(block, 'error'),
    count(listings, 'error'),
    count(listings, 'warning'),
    count(block, 'warning'),
    unknown.length,
    PTR_STATES.indexOf(ptr.state),
  ];
}

function compare(a: PoolEntry, b: PoolEntry): number {
  const right = weights(b);
  for (const [index, left] of weights(a).entries()) {
    const difference = left - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
