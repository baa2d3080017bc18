/**
 * Whether a block list works as one (RFC 5782 §5), by its test entries: asked once per zone and run. A zone that fails
 * them is not believed, whatever it says.
 */

import type { AskedList } from '../../knowledge/lists/catalogue.ts';
import { readAnswer } from '../../knowledge/lists/verdict.ts';
import { type DnsAnswer, type DnsFailure, isAbsent, isFailure } from '../../network/dns/answer.ts';
import { type IpFamily, parseIp, reversedLabels } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';

export type Liveness =
  | { readonly state: 'alive' }
  /** The entry that must be listed is not: the list is empty, or it says nothing to this resolver. */
  | { readonly state: 'missing' }
  /** It lists what must not be listed. */
  | { readonly state: 'wildcard'; readonly answers: readonly string[] }
  /** It answers, but not as a block list. */
  | { readonly state: 'parked'; readonly answers: readonly string[] }
  | { readonly state: 'refused'; readonly answers: readonly string[] }
  | { readonly state: 'unknown'; readonly answer: DnsFailure };

/** The part of a list that one address family, or names, are asked of; each has test entries of its own. */
export type ListSide = IpFamily | 'name';

/** Whether a list passes its test entries. A list is asked once for each side, however many addresses are looked up. */
export const listLiveness = fact(async ({ dns }: Needs<'dns'>, list: AskedList, side: ListSide): Promise<Liveness> => {
  const entries = testEntries(list, side);
  // The package says no more than yes or no; our own look at the same entry says whether the yes is a listing.
  const [isListed, listed, notListed] = await Promise.all([
    entries.address === null ? false : dns.isCanaryListed(entries.address, list.queryZone),
    dns.query(entries.listed, 'A'),
    entries.notListed === null ? undefined : dns.query(entries.notListed, 'A'),
  ]);
  const fault = faultOf(list, listed) ?? (notListed && faultOf(list, notListed));
  if (fault) return fault;
  if (notListed?.status === 'answer') return { state: 'wildcard', answers: notListed.records };
  if (notListed && isFailure(notListed)) return { state: 'unknown', answer: notListed };
  if (isListed || listed.status === 'answer') return { state: 'alive' };
  return isFailure(listed) ? { state: 'unknown', answer: listed } : { state: 'missing' };
});

/** What an answer to a test entry gives away, whichever entry it was. */
function faultOf(list: AskedList, answer: DnsAnswer<'A'>): Liveness | undefined {
  if (isFailure(answer) || isAbsent(answer)) return undefined;
  const verdict = readAnswer(list, answer.records);
  if (verdict.kind === 'refused') return { state: 'refused', answers: answer.records };
  return verdict.kind === 'broken' ? { state: 'parked', answers: answer.records } : undefined;
}

interface TestEntries {
  /** Query name of the entry that must be listed. */
  readonly listed: string;
  /** The same entry as an address, where it is one. */
  readonly address: string | null;
  /** Query name of the entry that must not be listed. */
  readonly notListed: string | null;
}

function testEntries({ canary, queryZone: zone, families }: AskedList, side: ListSide): TestEntries {
  if (side === 'name') {
    const name = canary?.domainListed ?? (canary?.listed ? reversed(canary.listed) : 'TEST');
    // RFC 5782 §5 names the entry; some lists name a real domain instead, which may be the one under test.
    return { listed: `${name}.${zone}`, address: null, notListed: `INVALID.${zone}` };
  }
  // A list of both families whose IPv6 entries nobody knows is taken by its IPv4 ones: that it answers is then known.
  const isV6 = side === 6 && (canary?.v6Listed !== undefined || !families.includes(4));
  if (isV6) {
    const address = canary?.v6Listed ?? '::FFFF:7F00:2';
    return {
      listed: `${mappedNibbles(address)}.${zone}`,
      address,
      notListed: `${mappedNibbles('::FFFF:7F00:1')}.${zone}`,
    };
  }
  const address = canary?.listed ?? '127.0.0.2';
  const notListed = canary === null ? '127.0.0.1' : canary.notListed;
  return {
    listed: `${reversed(address)}.${zone}`,
    address,
    notListed: notListed === null ? null : `${reversed(notListed)}.${zone}`,
  };
}

/** IPv4-mapped addresses are held as IPv4 everywhere else, so their nibble names are written here (RFC 5782 §5). */
function mappedNibbles(address: string): string {
  const ip = parseIp(address);
  if (ip === undefined || ip.includes(':')) return reversed(address);
  const nibbles = ip.split('.').flatMap((octet) => [...Number(octet).toString(16).padStart(2, '0')]);
  return [...'0'.repeat(20), ...'ffff', ...nibbles].reverse().join('.');
}

function reversed(address: string): string {
  const ip = parseIp(address);
  return ip === undefined ? address : reversedLabels(ip);
}
