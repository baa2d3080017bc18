/** Judges the answer of a block list: it counts only as far as the list works. */

import type { AskedList } from '../../knowledge/lists/catalogue.ts';
import type { ListCode } from '../../knowledge/lists/schema.ts';
import { readAnswer } from '../../knowledge/lists/verdict.ts';
import { type DnsAnswer, type DnsFailureStatus, isAbsent, isFailure, recordsOf } from '../../network/dns/answer.ts';
import { type IpAddress, ipFamily, parseIp, samePrefix } from '../../network/ip.ts';
import type { Liveness } from './list-liveness.ts';

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

/** The answer about one subject: the A records, and the texts of the TXT record if they list it. */
export interface Lookup {
  readonly answer: DnsAnswer<'A'>;
  readonly reasons: readonly string[];
}

/**
 * @param ip the subject, if it is an address.
 * @returns what the answer means, given whether the list works.
 */
export function outcomeOf(list: AskedList, lookup: Lookup, life: Liveness, ip: IpAddress | undefined): ListOutcome {
  const outcome = weigh(list, lookup, life);
  return outcome.kind === 'listed' ? withNetwork(outcome, ip) : outcome;
}

/**
 * Tells whether the list gave some of the answers that were asked for. An answer that it did not give may then be a
 * listing. A list that gave none is dead, or does not serve whoever asks.
 */
export function isHeard(list: AskedList, { answer }: Lookup, life: Liveness): boolean {
  if (answer.status === 'answer' && readAnswer(list, answer.records).kind === 'listed') return true;
  if (life.state === 'alive') return true;
  return life.state === 'unknown' ? life.isInPart || !isFailure(answer) : isFailure(answer);
}

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
