/**
 * Asks block lists (RFC 5782) about an address or a name. Each answer counts only as far as its list works: a list that
 * refuses, fails or lists everything gives no result, and no answer from a list that may not work does not mean clean.
 */

import { type AskedList, type ChosenLists, chooseLists } from '../../knowledge/lists/catalogue.ts';
import type { ListCode } from '../../knowledge/lists/schema.ts';
import { readAnswer } from '../../knowledge/lists/verdict.ts';
import { type DnsAnswer, type DnsFailureStatus, isAbsent, isFailure, recordsOf } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { canonicalName } from '../../network/domain.ts';
import { type IpAddress, ipFamily, parseIp, reversedLabels, samePrefix } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';
import { type ListSide, type Liveness, listLiveness, listLivenessAt } from './list-liveness.ts';

/** One lookup: a list, and the address or name to look up in it. */
export interface Question {
  readonly list: AskedList;
  /** The address or name to look up. */
  readonly subject: IpAddress | string;
}

/** The reason why the answers of a list are ignored. */
export type ListFault =
  | 'lists-everything'
  | 'outside-127'
  | 'answers-127.0.0.1'
  /** A test entry that the list is known to have is missing. */
  | 'no-test-entry'
  /** A test entry is there in one answer and missing in the next. */
  | 'unsteady'
  /** A test entry is missing, and the user's own key may be the cause. */
  | 'no-test-entry-with-key';

/** The reason why "not listed" cannot be trusted although the list shows no fault. */
export type Unverified =
  /** The list is not known to have a test entry, and none answered. */
  | 'no-known-test-entry'
  /** The list answers only registered resolvers, and this resolver seems not to be registered. */
  | 'resolver-not-registered';

/** What one list says about one subject. */
export type ListOutcome =
  | { readonly kind: 'clean' }
  | {
      readonly kind: 'listed';
      readonly codes: readonly ListCode[];
      /** The returned addresses that are not in the list's code table. */
      readonly unknown: readonly string[];
      /** The texts of the list's TXT record. */
      readonly reasons: readonly string[];
      /** The listed network, if the TXT record names one that is larger than the address. */
      readonly network: string | null;
    }
  | { readonly kind: 'unverified'; readonly reason: Unverified }
  | { readonly kind: 'refused'; readonly answers: readonly string[]; readonly codes: readonly ListCode[] }
  | { readonly kind: 'broken'; readonly fault: ListFault; readonly answers: readonly string[] }
  | { readonly kind: 'failed'; readonly status: DnsFailureStatus };

/** One question with the DNS answer and what it means. */
export interface ListResult extends Question {
  readonly answer: DnsAnswer<'A'>;
  readonly outcome: ListOutcome;
}

/** The lists that the settings choose. They are the same objects for everything that asks about them in a run. */
export const chosenLists = fact(async ({ settings }: Needs<'settings'>): Promise<ChosenLists> => {
  const { dnsblZones: zones, dnsblExcept: except, listKeys: keys } = settings;
  return chooseLists({ zones, except, keys });
});

/** @returns the lists that hold addresses of this family. A list of names is never asked about an address. */
export function listsForIp<L extends AskedList>(lists: readonly L[], ip: IpAddress): L[] {
  return lists.filter((list) => list.kind !== 'domain' && list.families.includes(ipFamily(ip)));
}

/**
 * Asks one list about one subject, and looks up its test entries at the same time.
 *
 * @returns the DNS answer and its meaning. It does not reject when a lookup fails.
 */
export async function askList(
  { dns, facts }: Pick<Needs<'dns'>, 'dns' | 'facts'>,
  question: Question,
): Promise<ListResult> {
  const { list, subject } = question;
  const ip = parseIp(subject);
  const side: ListSide = ip === undefined ? 'name' : ipFamily(ip);
  const name = `${ip === undefined ? canonicalName(subject) : reversedLabels(ip)}.${list.queryZone}`;
  const [lookup, found] = await Promise.all([lookUp(dns, name, list), facts(listLiveness, list, side)]);
  const { server } = lookup.answer;
  // Another server may not have the list, so its answers count only with its own test entries.
  const isSameServer = server === null || found.state !== 'alive' || found.servers.every((other) => other === server);
  const life = isSameServer ? found : await facts(listLivenessAt, list, side, server);
  const outcome = weigh(list, lookup, life);
  return {
    ...question,
    answer: lookup.answer,
    outcome: outcome.kind === 'listed' ? withNetwork(outcome, ip) : outcome,
  };
}

interface Lookup {
  readonly answer: DnsAnswer<'A'>;
  readonly reasons: readonly string[];
}

/** Looks up the A record and, if the subject is listed, the TXT record with the reasons. */
async function lookUp(dns: DnsClient, name: string, list: AskedList): Promise<Lookup> {
  // A failure is an outcome of its own, which every caller reports.
  const answer = await unwatched(dns).query(name, 'A');
  if (answer.status !== 'answer' || readAnswer(list, answer.records).kind !== 'listed') return { answer, reasons: [] };
  const txt = await dns.query(name, 'TXT');
  return { answer, reasons: recordsOf(txt).map((strings) => strings.join('')) };
}

/** @returns what the answer means, given whether the list works. */
function weigh(list: AskedList, { answer, reasons }: Lookup, life: Liveness): ListOutcome {
  const verdict = answer.status === 'answer' ? readAnswer(list, answer.records) : undefined;
  const records = recordsOf(answer);
  if (verdict?.kind === 'refused') return { kind: 'refused', answers: records, codes: verdict.codes };
  if (life.state === 'refused') {
    const refusal = readAnswer(list, life.answers);
    return { kind: 'refused', answers: life.answers, codes: refusal.kind === 'refused' ? refusal.codes : [] };
  }
  if (life.state === 'wildcard') return { kind: 'broken', fault: 'lists-everything', answers: life.answers };
  if (life.state === 'parked') return { kind: 'broken', fault: 'outside-127', answers: life.answers };
  if (verdict?.kind === 'broken') return { kind: 'broken', fault: verdict.fault, answers: records };
  if (life.state === 'unsteady' && !verdict) return { kind: 'broken', fault: 'unsteady', answers: [] };
  const failure = isFailure(answer) ? answer : life.state === 'unknown' ? life.answer : undefined;
  if (failure) {
    // A list that leaves every question of a resolver open does not know the resolver. One that leaves some open fails.
    const isSilent = isFailure(answer) && life.state === 'unknown' && failure.status !== 'unreachable';
    return isSilent && needsRegisteredResolver(list)
      ? { kind: 'unverified', reason: 'resolver-not-registered' }
      : { kind: 'failed', status: failure.status };
  }
  if (life.state === 'missing' && mustHaveTestEntry(list)) {
    const fault = list.keyedBy === null ? 'no-test-entry' : 'no-test-entry-with-key';
    return { kind: 'broken', fault, answers: [] };
  }
  if (verdict) return { ...verdict, reasons, network: null };
  if (life.state === 'missing') {
    const reason = needsRegisteredResolver(list) ? 'resolver-not-registered' : 'no-known-test-entry';
    return { kind: 'unverified', reason };
  }
  return isAbsent(answer) ? { kind: 'clean' } : { kind: 'failed', status: 'malformed' };
}

function needsRegisteredResolver(list: AskedList): boolean {
  return list.access.registration === 'ip-registration';
}

function mustHaveTestEntry(list: AskedList): boolean {
  return list.canary?.confirmed === true && !needsRegisteredResolver(list);
}

/** Adds the listed network: a list that lists whole networks names them in its TXT record. */
function withNetwork(outcome: Extract<ListOutcome, { kind: 'listed' }>, ip: IpAddress | undefined): ListOutcome {
  if (ip === undefined) return outcome;
  const networks = outcome.reasons.flatMap(
    (text) => text.match(/(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f:]*:[\da-f:]*)\/\d{1,3}/gi) ?? [],
  );
  const network = networks.find((candidate) => holds(candidate, ip));
  return network === undefined ? outcome : { ...outcome, network };
}

/** @returns whether the network contains the address and more than that address. */
function holds(network: string, ip: IpAddress): boolean {
  const [text = '', length = ''] = network.split('/');
  const base = parseIp(text);
  const bits = ipFamily(ip) === 4 ? 32 : 128;
  const prefix = Number(length);
  return (
    base !== undefined && ipFamily(base) === ipFamily(ip) && prefix < bits && prefix > 0 && samePrefix(base, ip, prefix)
  );
}
