/**
 * What the block lists say (RFC 5782) of the tested addresses and names. Each zone's test entries are asked once per
 * run: a zone that fails them is not believed, whatever it says.
 */
import { type DnsAnswer, isAbsent, isFailure, recordsOf } from '../dns/answer.ts';
import { isCanaryListed } from '../dns/canary.ts';
import type { DnsClient } from '../dns/client.ts';
import { canonicalName } from '../domain.ts';
import { type IpAddress, ipFamily, parseIp, reversedLabels } from '../ip.ts';
import type { List } from '../lists/schema.ts';
import { type ListVerdict, readAnswer } from '../lists/verdict.ts';

/** Whether a zone passes its test entries. */
export type Liveness =
  | { readonly state: 'alive' }
  /** The entry that must be listed is not, or the one that must not be is. */
  | { readonly state: 'broken'; readonly reason: string; readonly answers: readonly string[] }
  | { readonly state: 'refused'; readonly answers: readonly string[] }
  | { readonly state: 'unknown'; readonly answer: DnsAnswer };

export interface ListLookup {
  readonly list: List;
  /** The address or name asked about. */
  readonly subject: string;
  readonly answer: DnsAnswer<'A'>;
  readonly outcome:
    | { readonly kind: 'clean' }
    | { readonly kind: 'unknown' }
    | (ListVerdict & { /** The list's own words, from TXT. */ readonly reasons: readonly string[] });
}

/** Half of what one DNS query may take: the canary goes through a client that does not retry as ours does. */
const CANARY_TIMEOUT_MS = 3000;

/** @returns whether the zone passes the test entries of RFC 5782 §5 for its kind. */
export async function gatherLiveness(dns: DnsClient, list: List): Promise<Liveness> {
  const entries = testEntries(list);
  const [mustNot, isListed] = await Promise.all([
    entries.notListed === null ? null : dns.query(entries.notListed, 'A'),
    entries.address === null
      ? false
      : isCanaryListed(entries.address, list.zone, {
          servers: dns.servers,
          timeoutMs: CANARY_TIMEOUT_MS,
          signal: dns.signal,
        }),
  ]);
  if (mustNot?.status === 'answer') {
    const verdict = readAnswer(list, mustNot.records);
    if (verdict.kind === 'refused') return { state: 'refused', answers: mustNot.records };
    return {
      state: 'broken',
      reason: 'it lists what must not be listed: it lists everything',
      answers: mustNot.records,
    };
  }
  if (isListed) return { state: 'alive' };
  // The package cannot tell why, nor can it ask for names: our own client asks the entry and keeps the difference.
  const answer = await dns.query(entries.listed, 'A');
  if (isFailure(answer)) return { state: 'unknown', answer };
  if (isAbsent(answer)) {
    return {
      state: 'broken',
      reason: 'its test entry is not listed: it is empty, or it refuses this resolver silently',
      answers: [],
    };
  }
  const verdict = readAnswer(list, answer.records);
  if (verdict.kind === 'refused') return { state: 'refused', answers: answer.records };
  if (verdict.kind === 'broken') {
    return { state: 'broken', reason: 'its answers are not those of a block list', answers: answer.records };
  }
  return { state: 'alive' };
}

interface TestEntries {
  /** Query name of the entry that must be listed. */
  readonly listed: string;
  /** The same entry as an address, where it is one. */
  readonly address: string | null;
  /** Query name of the entry that must not be listed. */
  readonly notListed: string | null;
}

function testEntries({ canary, zone, kind, families }: List): TestEntries {
  if (kind === 'domain') {
    const name = canary?.domainListed ?? (canary?.listed ? reversed(canary.listed) : 'TEST');
    // RFC 5782 §5 names the entry; some lists name a real domain instead, which may be the one under test.
    return { listed: `${name}.${zone}`, address: null, notListed: `INVALID.${zone}` };
  }
  if (families.includes(4)) {
    const address = canary?.listed ?? '127.0.0.2';
    const notListed = canary === null ? '127.0.0.1' : canary.notListed;
    return {
      listed: `${reversed(address)}.${zone}`,
      address,
      notListed: notListed === null ? null : `${reversed(notListed)}.${zone}`,
    };
  }
  // IPv4-mapped addresses are held as IPv4, so their nibble names are written out here (RFC 5782 §5).
  const mapped = (last: '1' | '2'): string => `${last}.0.0.0.0.0.f.7.f.f.f.f.${'0.'.repeat(19)}0.${zone}`;
  return { listed: mapped('2'), address: canary?.v6Listed ?? '::FFFF:7F00:2', notListed: mapped('1') };
}

function reversed(address: string): string {
  const ip = parseIp(address);
  return ip === undefined ? address : reversedLabels(ip);
}

/** @returns the lists' answers about an address: every list that carries its family. */
export function listsForIp(lists: readonly List[], ip: IpAddress): List[] {
  return lists.filter((list) => list.kind !== 'domain' && list.families.includes(ipFamily(ip)));
}

/** One lookup: A, and where it is listed TXT for the list's own words. */
export async function gatherListing(dns: DnsClient, list: List, subject: IpAddress | string): Promise<ListLookup> {
  const ip = parseIp(subject);
  const name = `${ip === undefined ? canonicalName(subject) : reversedLabels(ip)}.${list.zone}`;
  const answer = await dns.query(name, 'A');
  if (isFailure(answer)) return { list, subject, answer, outcome: { kind: 'unknown' } };
  if (isAbsent(answer)) return { list, subject, answer, outcome: { kind: 'clean' } };
  const verdict = readAnswer(list, answer.records);
  const txt = verdict.kind === 'listed' ? await dns.query(name, 'TXT') : undefined;
  const reasons = txt ? recordsOf(txt).map((strings) => strings.join('')) : [];
  return { list, subject, answer, outcome: { ...verdict, reasons } };
}
