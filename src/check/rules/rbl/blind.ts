/** Reports the lists without a usable answer: one finding for each kind of problem, which names the lists. */

import { type ChosenLists, type DeadZone, deadZone, lookupPage } from '../../../knowledge/lists/catalogue.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import { type QueryEvidence, queryEvidence } from '../../../network/dns/answer.ts';
import type { About, Question } from '../../../report/status.ts';
import { hasTold, type ListResult } from '../../facts/lists.ts';
import type { AskedResolver } from '../../facts/resolvers.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import type { Context } from '../rule.ts';
import type {
  BlindEvidence,
  BrokenList,
  RefusingList,
  SilentList,
  UnansweredList,
  UnverifiedList,
} from './evidence.ts';
import type { findings } from './findings.ts';
import type { LostLists } from './lost.ts';

/** What the findings about lists without a usable answer are made of. */
export interface Blindness {
  readonly results: readonly ListResult[];
  readonly chosen: ChosenLists;
  readonly lost: LostLists;
  /** The configured DNS servers. */
  readonly resolvers: readonly AskedResolver[];
  /** Whether the resolver has the text of a test entry whose address it lacks. */
  readonly hasEntryText: boolean;
}

/** Reports lists that refuse, are broken, fail or cannot be verified, and addresses that no working list covers. */
export function* blindFindings(
  blindness: Blindness,
  { target, clock }: Pick<Context, 'target' | 'clock'>,
  finding: Emit<typeof findings>,
): Generator<Finding> {
  const { results, chosen, lost } = blindness;
  const [ip] = target.ips;
  const about = ip === undefined ? { name: target.domain } : { ip };
  const isNamed = yield* neededFindings(blindness, about, clock.now(), finding);
  // A cause that all lists have in common is told once.
  if (lost.cause === undefined) yield* otherFindings(blindness, about, finding);
  const seesAddresses = chosen.asked.length === 0 || chosen.asked.some(({ kind }) => kind === 'ip');
  for (const address of seesAddresses ? target.ips : []) {
    const own = results.filter((result) => result.subject === address && result.list.kind !== 'allow');
    if (own.some(hasTold) || isNamed) continue;
    // All answers are "not listed" from lists that may not work. The address does not count as clean.
    const reason = own.length === 0 ? 'no-list-carries' : 'none-works';
    const detail = { about: { ip: address }, rests: questionsOf(...own.map(({ answer }) => answer)) };
    yield finding('rbl/inconclusive', { reason, ip: address }, detail);
  }
}

/** Notes the lists that the check can do without, and those whose silence cannot be verified. */
function* otherFindings(
  { results, lost }: Blindness,
  about: About,
  finding: Emit<typeof findings>,
): Generator<Finding> {
  if (lost.others.length > 0) {
    const lists = [...new Map(lost.others.map((result) => [result.list.zone, unansweredOf(result)])).values()];
    yield finding('rbl/not-asked', { lists }, { about, rests: restsOn(lost.others) });
  }
  const unverified = new Map<string, UnverifiedList>();
  const silent = results.filter(({ outcome }) => outcome.kind === 'unverified');
  for (const { list, outcome } of silent) {
    if (outcome.kind === 'unverified') {
      unverified.set(list.zone, { zone: list.zone, list: list.name, reason: outcome.reason });
    }
  }
  if (unverified.size > 0) {
    yield finding('rbl/not-verified', { lists: [...unverified.values()] }, { about, rests: restsOn(silent) });
  }
}

/**
 * Reports the lists that the check needs.
 *
 * @returns whether there are any.
 */
function* neededFindings(
  { lost, chosen, resolvers, results, hasEntryText }: Blindness,
  about: About,
  now: number,
  finding: Emit<typeof findings>,
): Generator<Finding, boolean> {
  const refused = lost.needed.filter(({ outcome }) => outcome.kind === 'refused');
  const { cause } = lost;
  const caused = cause === undefined ? [] : lost.needed.filter((result) => !refused.includes(result));
  const remaining = lost.needed.filter((result) => !caused.includes(result));
  const broken = new Map<string, BrokenList>(
    chosen.dead.map((row) => [row.zone, { zone: row.zone, fault: 'dead', isKey: false, ...endOf(row, now) }]),
  );
  for (const { list, outcome } of remaining) {
    if (outcome.kind !== 'broken') continue;
    // The data may explain the fault, although it was not certain enough to leave the list out.
    const known = endOf(deadZone(list.zone), now);
    broken.set(list.zone, {
      zone: list.zone,
      fault: outcome.fault,
      isKey: list.gates,
      ...known,
      keyedBy: list.keyedBy,
    });
  }
  const refusing = [
    ...new Map([...chosen.keyless.map(keylessOf), ...refused.map(refusalOf)].map((row) => [row.zone, row])).values(),
  ];
  if (refusing.length > 0) {
    const evidence = { lists: refusing, answers: addressesIn(refused), ...blindOf(refused, resolvers) };
    yield finding('rbl/query-refused', evidence, { about, rests: restsOn(refused) });
  }
  if (broken.size > 0) {
    const faulty = remaining.filter(({ outcome }) => outcome.kind === 'broken');
    const evidence = { lists: [...broken.values()], answers: addressesIn(faulty), ...blindOf(faulty, resolvers, true) };
    yield finding('rbl/list-broken', evidence, { about, rests: restsOn(faulty) });
  }
  const failing = remaining.filter(({ outcome }) => outcome.kind === 'failed');
  if (failing.length > 0) {
    const lists = [...new Map(failing.flatMap((result) => silentOf(result, now))).values()];
    const queries: QueryEvidence[] = failing.map(({ answer }) => queryEvidence(answer));
    const evidence = { reason: 'silent', lists, queries, ...blindOf(failing, resolvers, true) } as const;
    yield finding('rbl/inconclusive', evidence, { about: { ...about, item: 'silent' }, rests: restsOn(failing) });
  }
  if (cause !== undefined && caused.length > 0) {
    // The lists whose silence cannot be verified are in the same darkness.
    const lists = zonesOf(results.filter((result) => result.list.kind !== 'allow' && !refused.includes(result)));
    const common = { lists, answers: addressesIn(caused), ...blindOf(caused, resolvers) };
    const detail = { about: { ...about, item: 'resolver' }, rests: restsOn(caused) };
    if (cause.kind === 'rewritten') {
      yield finding('rbl/inconclusive', { reason: 'answers-rewritten', ...common }, detail);
    } else if (cause.kind === 'removed' || hasEntryText) {
      yield finding('rbl/inconclusive', { reason: 'answers-removed', isSeen: hasEntryText, ...common }, detail);
    } else {
      yield finding('rbl/inconclusive', { reason: 'all-fail', status: cause.status, ...common }, detail);
    }
  }
  return refusing.length + broken.size + failing.length + caused.length > 0;
}

const restsOn = (results: readonly ListResult[]): Question[] => questionsOf(...results.map(({ answer }) => answer));

const zonesOf = (results: readonly ListResult[]): string[] => [...new Set(results.map(({ list }) => list.zone))];

function addressesIn(results: readonly ListResult[]): string[] {
  return [...new Set(results.flatMap(({ outcome }) => ('answers' in outcome ? outcome.answers : [])))];
}

/**
 * @param isOutOfService whether the lists themselves may be out of service. Then missing name servers are no news.
 * @returns the resolvers that were asked, and what came of asking the name servers of the lists instead.
 */
function blindOf(
  results: readonly ListResult[],
  resolvers: readonly AskedResolver[],
  isOutOfService = false,
): BlindEvidence {
  const faults = new Map<string, { fault: BlindEvidence['direct'][number]['fault']; zones: string[] }>();
  for (const { list, direct } of results) {
    if (direct?.state !== 'failed' || (isOutOfService && direct.fault === 'not-found')) continue;
    const row = faults.get(direct.fault) ?? { fault: direct.fault, zones: [] };
    faults.set(direct.fault, { ...row, zones: [...new Set([...row.zones, list.zone])] });
  }
  return { resolvers, direct: [...faults.values()] };
}

function keylessOf({ zone, variable }: ChosenLists['keyless'][number]): RefusingList {
  return { zone, reason: null, needsKey: true, variable, keyedBy: null, lookup: null };
}

function refusalOf({ list, outcome, subject }: ListResult): RefusingList {
  return {
    zone: list.zone,
    reason: outcome.kind === 'refused' ? (outcome.codes[0]?.meaning ?? null) : null,
    needsKey: false,
    // A key that is in use is not the one to get.
    variable: list.keyedBy === null ? (list.access.key?.env ?? null) : null,
    keyedBy: list.keyedBy,
    lookup: lookupPage(list, subject),
  };
}

function silentOf({ list, outcome }: ListResult, now: number): [string, SilentList][] {
  if (outcome.kind !== 'failed') return [];
  const { reason, confirmed } = endOf(deadZone(list.zone), now);
  return [[list.zone, { zone: list.zone, status: outcome.status, isKey: list.gates, reason, confirmed }]];
}

function unansweredOf({ list: { zone, kind }, outcome }: ListResult): UnansweredList {
  return {
    zone,
    isAllowList: kind === 'allow',
    fault: outcome.kind === 'broken' ? outcome.fault : null,
    status: outcome.kind === 'failed' ? outcome.status : null,
  };
}

/** @returns what the data says about the end of a zone. Most zones have no entry: the reason is then `null`. */
function endOf(
  row: DeadZone | undefined,
  now: number,
): Pick<BrokenList, 'reason' | 'since' | 'confidence' | 'confirmed'> {
  if (row === undefined) return { reason: null, since: null, confidence: 'high', confirmed: true };
  const { reason, since, confidence } = row;
  return { reason, since, confidence, confirmed: isConfirmed(row, now) };
}
