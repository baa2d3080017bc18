/**
 * Asks block lists (RFC 5782) about an address or a name. Each answer counts only as far as its list works: a list that
 * refuses, fails or lists everything gives no result, and no answer from a list that may not work does not mean clean.
 *
 * A list whose answers do not get through the resolver is asked at its own name servers.
 */

import { type AskedList, type ChosenLists, chooseLists } from '../../knowledge/lists/catalogue.ts';
import { readAnswer } from '../../knowledge/lists/verdict.ts';
import { type DnsAnswer, isFailure, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import type { NameServerClient } from '../../network/dns/client.ts';
import { canonicalName } from '../../network/domain.ts';
import { type IpAddress, ipFamily, parseIp, reversedLabels } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';
import { type ListSide, type Liveness, listLiveness, listLivenessAt } from './list-liveness.ts';
import { isHeard, type ListOutcome, type Lookup, outcomeOf } from './list-outcome.ts';
import { listServers } from './list-servers.ts';

/** One lookup: a list, and the address or name to look up in it. */
export interface Question {
  readonly list: AskedList;
  /** The address or name to look up. */
  readonly subject: IpAddress | string;
}

/** Why asking the name servers of a list themselves gave no answer that counts. */
export type DirectFault =
  /** The user does not want it. */
  | 'off'
  /** The resolver has no name servers or no addresses for them, or did not answer. */
  | 'not-found'
  /** Their addresses are not public. */
  | 'not-public'
  /** None of them answers. */
  | 'silent'
  /** The answers do not come from a server of the zone: something on the way answers instead. */
  | 'not-authoritative'
  /** They refuse the address of this machine. */
  | 'refused'
  /** They answer, and their test entries are wrong or not answered. */
  | 'broken';

/** What came of asking the name servers of a list themselves. */
export type DirectTry =
  | { readonly state: 'answered'; readonly server: string }
  | { readonly state: 'failed'; readonly fault: DirectFault };

/** One question with the DNS answer and what it means. */
export interface ListResult extends Question {
  readonly answer: DnsAnswer<'A'>;
  readonly outcome: ListOutcome;
  /** Whether the list gave some of its answers, so that one that is missing may be a listing. */
  readonly isHeard: boolean;
  /** What came of asking its own name servers. `null` when the resolver's answer was good enough. */
  readonly direct: DirectTry | null;
}

/** @returns whether the result tells if the list has the subject. */
export function hasTold({ outcome }: Pick<ListResult, 'outcome'>): boolean {
  return outcome.kind === 'clean' || outcome.kind === 'listed';
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
 * Asks one list about one subject: through the resolver, and at the list's own name servers if the resolver's answers do
 * not count. With the setting `listsDirect` the name servers are asked first, or never.
 *
 * @returns the DNS answer and its meaning. It does not reject when a lookup fails.
 */
export async function askList(needs: Asking, question: Question): Promise<ListResult> {
  const { listsDirect } = needs.settings;
  if (listsDirect === true) {
    const direct = await askDirectly(needs, question);
    if ('result' in direct && (hasTold(direct.result) || direct.result.isHeard))
      return resultOf(question, direct.result);
    return combined(question, await askAt(needs, question, null), direct);
  }
  const through = await askAt(needs, question, null);
  if (!isKeptFrom(through)) return { ...question, ...through, direct: null };
  if (listsDirect === false) return combined(question, through, { fault: 'off' });
  return combined(question, through, await askDirectly(needs, question));
}

/** What asking a list takes. */
type Asking = Pick<Needs<'dns' | 'settings'>, 'dns' | 'facts' | 'settings'>;

/** What one way of asking a list gave. */
interface WayResult {
  readonly answer: DnsAnswer<'A'>;
  readonly outcome: ListOutcome;
  readonly isHeard: boolean;
  /** The first failure among the answer and the test entries. */
  readonly failure: DnsAnswer<'A'> | undefined;
}

/** What asking the name servers of a list gave. `isLost`: a lookup failed, so that they may be there. */
type Direct = { readonly result: WayResult } | { readonly fault: DirectFault; readonly isLost?: boolean };

/** Tells whether another way may bring the answer: the list or the resolver did not give one that counts. */
function isKeptFrom({ outcome }: WayResult): boolean {
  switch (outcome.kind) {
    case 'refused':
    case 'broken':
      return true;
    case 'failed':
      // Where no resolver is reached, nothing finds the name servers either.
      return outcome.status !== 'unreachable';
    default:
      return false;
  }
}

async function askDirectly(needs: Asking, question: Question): Promise<Direct> {
  const found = await needs.facts(listServers, question.list);
  if (found.kind === 'found') return { result: await askAt(needs, question, found.client) };
  const isLost = found.fault === 'lookup-failed';
  return { fault: found.fault === 'lookup-failed' ? 'not-found' : found.fault, isLost };
}

/** @returns the side of a list that covers the subject. */
export function sideOf(subject: string): ListSide {
  const ip = parseIp(subject);
  return ip === undefined ? 'name' : ipFamily(ip);
}

/** Asks through the resolver, or at the list's own name servers, and looks up the test entries at the same time. */
async function askAt(
  { dns, facts }: Asking,
  { list, subject }: Question,
  at: NameServerClient | null,
): Promise<WayResult> {
  const ip = parseIp(subject);
  const side = sideOf(subject);
  const name = `${ip === undefined ? canonicalName(subject) : reversedLabels(ip)}.${list.queryZone}`;
  const [lookup, found] = await Promise.all([lookUp(at ?? dns, name, list), facts(listLiveness, list, side, at)]);
  const { server } = lookup.answer;
  // Another server may not have the list, so its answers count only with its own test entries.
  const isSameServer = server === null || found.state !== 'alive' || found.servers.every((other) => other === server);
  const life = isSameServer ? found : await facts(listLivenessAt, list, side, at, server);
  return {
    answer: lookup.answer,
    outcome: outcomeOf(list, lookup, life, ip),
    // A list that works at one server is heard, whatever the other says.
    isHeard: isHeard(list, lookup, found) || isHeard(list, lookup, life),
    failure: failureOf(lookup, life),
  };
}

function failureOf({ answer }: Lookup, life: Liveness): DnsAnswer<'A'> | undefined {
  if (isFailure(answer)) return answer;
  return life.state === 'unknown' ? life.answer : undefined;
}

function resultOf(question: Question, { answer, outcome, isHeard }: WayResult): ListResult {
  return {
    ...question,
    answer,
    outcome,
    isHeard,
    direct: directTryOf({ answer, outcome, isHeard, failure: undefined }),
  };
}

/** @returns the result of both ways. An answer of the name servers that counts outweighs that of the resolver. */
function combined(question: Question, through: WayResult, direct: Direct): ListResult {
  if (!('result' in direct)) {
    const { answer, outcome } = through;
    // The resolver answers about the list, and only the lookup of its name servers failed.
    const isHeard = through.isHeard || (direct.isLost === true && through.failure === undefined);
    return { ...question, answer, outcome, isHeard, direct: { state: 'failed', fault: direct.fault } };
  }
  const { result } = direct;
  if (hasTold(result)) return resultOf(question, result);
  const tried = directTryOf(result);
  const { answer, outcome } = hasRefused(tried)
    ? { answer: result.answer, outcome: refusalOf(result, through) }
    : through;
  return { ...question, answer, outcome, isHeard: through.isHeard || result.isHeard, direct: tried };
}

function hasRefused(tried: DirectTry): boolean {
  return tried.state === 'failed' && tried.fault === 'refused';
}

/** @returns the refusal, with the code that says why if there is one. */
function refusalOf(...told: readonly WayResult[]): ListOutcome {
  const refusal = told.find(({ outcome }) => outcome.kind === 'refused');
  return refusal?.outcome ?? { kind: 'refused', answers: [], codes: [] };
}

function directTryOf({ answer, outcome, failure }: WayResult): DirectTry {
  if (outcome.kind === 'clean' || outcome.kind === 'listed') return { state: 'answered', server: answer.server ?? '' };
  if (outcome.kind === 'refused') return { state: 'failed', fault: 'refused' };
  if (failure === undefined || !isFailure(failure)) return { state: 'failed', fault: 'broken' };
  switch (failure.status) {
    case 'refused':
      return { state: 'failed', fault: 'refused' };
    case 'timeout':
    case 'unreachable':
      return { state: 'failed', fault: 'silent' };
    default: {
      const isForeign = failure.status === 'malformed' && failure.server !== null && !failure.authoritative;
      return { state: 'failed', fault: isForeign ? 'not-authoritative' : 'broken' };
    }
  }
}

/** Looks up the A record and, if the subject is listed, the TXT record with the reasons. */
async function lookUp(dns: Resolver, name: string, list: AskedList): Promise<Lookup> {
  // A failure is an outcome of its own, which every caller reports.
  const answer = await unwatched(dns).query(name, 'A');
  if (answer.status !== 'answer' || readAnswer(list, answer.records).kind !== 'listed') return { answer, reasons: [] };
  const txt = await dns.query(name, 'TXT');
  return { answer, reasons: recordsOf(txt).map((strings) => strings.join('')) };
}
