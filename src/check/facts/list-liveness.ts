/**
 * Checks by its test entries whether a block list works (RFC 5782 §5). If the test entries of a zone fail, its other
 * answers are ignored.
 */

import type { AskedList } from '../../knowledge/lists/catalogue.ts';
import { readAnswer } from '../../knowledge/lists/verdict.ts';
import { type DnsAnswer, type DnsFailure, isAbsent, isFailure } from '../../network/dns/answer.ts';
import type { DnsClient, NameServerClient } from '../../network/dns/client.ts';
import { type DnsServer, serverLabel, serverOfLabel } from '../../network/dns/servers.ts';
import { type IpFamily, parseIp, reversedLabels } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';

/** Whether a list works, as its test entries show. */
export type Liveness =
  | {
      readonly state: 'alive';
      /** The labels of the servers that answered the test entries. Only their other answers count. */
      readonly servers: readonly string[];
    }
  /** The entry that must be listed is not: the list is empty, or it does not answer this resolver. */
  | { readonly state: 'missing' }
  /** The list contains the entry that must not be listed, so it lists everything. */
  | { readonly state: 'wildcard'; readonly answers: readonly string[] }
  /** The zone answers with addresses that no block list uses. */
  | { readonly state: 'parked'; readonly answers: readonly string[] }
  /** The entry that must be listed is listed in one answer and not in the next: the resolver's answers differ. */
  | { readonly state: 'unsteady' }
  /** The list answers that it refuses this resolver. */
  | { readonly state: 'refused'; readonly answers: readonly string[] }
  /** The lookup of a test entry failed. `isInPart`: another lookup of them did not. */
  | { readonly state: 'unknown'; readonly answer: DnsFailure; readonly isInPart: boolean };

/** The part of a list that covers one address family, or names. Each part has its own test entries. */
export type ListSide = IpFamily | 'name';

/**
 * Looks up the test entries of one side of a list. The result is kept per list object, so that the addresses that one
 * rule looks up share it.
 *
 * @param at asks the list's own name servers. `null` asks the resolver.
 */
export const listLiveness = fact(
  (needs: Needs<'dns'>, list: AskedList, side: ListSide, at: NameServerClient | null): Promise<Liveness> =>
    // A failure is a state of its own, and the answers of the list then count as unknown.
    gatherLiveness(unwatched(at ?? needs.dns), list, side),
);

/** Looks up the test entries of one side of a list at one server, because servers may differ. */
export const listLivenessAt = fact(
  async (
    needs: Needs<'dns'>,
    list: AskedList,
    side: ListSide,
    at: NameServerClient | null,
    server: string,
  ): Promise<Liveness> => {
    if (at === null) {
      const dns = unwatched(needs.dns);
      return gatherLiveness(dns.towards(dns.servers.filter((other) => serverLabel(other) === server)), list, side);
    }
    // A referral may have led to a server that is not among those of the zone above.
    return gatherLiveness(
      unwatched(at).towards([serverOfLabel(server)].filter((one) => one !== undefined)),
      list,
      side,
    );
  },
);

/** Tells whether the resolver has the TXT record of a test entry. Whoever takes its address out leaves the text. */
export const hasEntryText = fact(async ({ dns }: Needs<'dns'>, list: AskedList, side: ListSide): Promise<boolean> => {
  // The answer is for words only.
  const answer = await unwatched(dns).query(testEntries(list, side).listed, 'TXT');
  return answer.status === 'answer';
});

/** Asks the resolver, or the list's own name servers, which need no second way to look a test entry up. */
type ListClient = Pick<NameServerClient, 'servers' | 'query'> & {
  towards(servers: readonly DnsServer[]): ListClient;
} & Partial<Pick<DnsClient, 'isCanaryListed'>>;

/**
 * Looks up the test entries. `isCanaryListed` asks for the entry a second time in its own way, but treats every failure
 * as "not listed". When it contradicts our own answer, a third question decides.
 */
async function gatherLiveness(dns: ListClient, list: AskedList, side: ListSide): Promise<Liveness> {
  const entries = testEntries(list, side);
  const [isListedAgain, listed, notListed] = await Promise.all([
    entries.address === null ? true : (dns.isCanaryListed?.(entries.address, list.queryZone) ?? true),
    dns.query(entries.listed, 'A'),
    entries.notListed === null ? undefined : dns.query(entries.notListed, 'A'),
  ]);
  const fault = faultOf(list, listed) ?? (notListed && faultOf(list, notListed));
  if (fault) return fault;
  if (notListed?.status === 'answer') return { state: 'wildcard', answers: notListed.records };
  if (notListed && isFailure(notListed)) return { state: 'unknown', answer: notListed, isInPart: !isFailure(listed) };
  if (isFailure(listed)) return { state: 'unknown', answer: listed, isInPart: notListed !== undefined };
  if (listed.status !== 'answer') return { state: 'missing' };
  if (!isListedAgain) {
    const again = await dns.towards(dns.servers).query(entries.listed, 'A');
    if (isFailure(again)) return { state: 'unknown', answer: again, isInPart: true };
    if (again.status !== 'answer') return { state: 'unsteady' };
  }
  const servers = [listed, ...(notListed ? [notListed] : [])].map(({ server }) => server ?? '');
  return { state: 'alive', servers: [...new Set(servers)] };
}

/** @returns the fault that an answer to either test entry shows, or `undefined` when it shows none. */
function faultOf(list: AskedList, answer: DnsAnswer<'A'>): Liveness | undefined {
  if (isFailure(answer) || isAbsent(answer)) return undefined;
  const verdict = readAnswer(list, answer.records);
  if (verdict.kind === 'refused') return { state: 'refused', answers: answer.records };
  return verdict.kind === 'broken' ? { state: 'parked', answers: answer.records } : undefined;
}

interface TestEntries {
  /** The query name of the entry that must be listed. */
  readonly listed: string;
  /** The address of that entry. `null` when the entry is a name. */
  readonly address: string | null;
  /** The query name of the entry that must not be listed. `null` when the list has none. */
  readonly notListed: string | null;
}

function testEntries({ canary, queryZone: zone, families }: AskedList, side: ListSide): TestEntries {
  if (side === 'name') {
    const name = canary?.domainListed ?? (canary?.listed ? reversed(canary.listed) : 'TEST');
    // RFC 5782 §5 defines INVALID. Some lists document a real domain instead, but that may be the domain under test.
    return { listed: `${name}.${zone}`, address: null, notListed: `INVALID.${zone}` };
  }
  // If the IPv6 test entries of a list for both families are unknown, its IPv4 entries at least show that it answers.
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

/** Writes the nibble name of an IPv4-mapped test entry (RFC 5782 §5). `parseIp` turns such an address into IPv4. */
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
