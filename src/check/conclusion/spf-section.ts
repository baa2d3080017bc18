/**
 * The SPF tree of the Report: the static walk, and upon it what the check of each tested address decided by. As far as
 * the SPF rule read the record; nothing is looked up for it.
 */

import type { Report, SpfTree, SpfTreeRecord, SpfTreeTerm } from '../../report/status.ts';
import {
  allTerms,
  MAX_LOOKUPS,
  MAX_VOID_LOOKUPS,
  type RecordTrace,
  type SpfOutcome,
  type TermTrace,
  type WalkNode,
  type WalkTerm,
} from '../../standards/spf/index.ts';
import type { Facts } from '../facts/fact.ts';
import { spfCheck, spfTree } from '../facts/spf.ts';
import type { Target } from '../target.ts';

/** Terms in the Report: fifteen times what any check may look up. What comes after them is counted. */
const MAX_TERMS = 150;
/** Characters of one record or term: a record is over its recommended length at 450. */
const MAX_TEXT = 1000;

export async function spfSection(
  { domain, ips }: Pick<Target, 'domain' | 'ips'>,
  facts: Facts,
): Promise<Pick<Report, 'spf'>> {
  if (!facts.known(spfTree, domain)) return {};
  const { root, isTruncated } = await facts(spfTree, domain);
  const checks = await Promise.all(ips.filter((ip) => facts.known(spfCheck, ip)).map((ip) => facts(spfCheck, ip)));
  const traces = checks.map(({ ip, trace }) => ({ ip, trace }));
  const count: Count = { lookups: 0, terms: 0, omitted: 0 };
  return {
    spf: {
      domain: root.domain,
      lookups: root.cost,
      lookupLimit: MAX_LOOKUPS,
      voidLookups: allTerms(root).filter(isVoid).length,
      voidLookupLimit: MAX_VOID_LOOKUPS,
      isMinimum: isTruncated,
      checks: checks.map(checkResult),
      tree: recordOf(root, traces, count),
      omittedTerms: count.omitted,
    },
  };
}

function checkResult({ ip, result, lookups, voidLookups, matched, problem }: SpfOutcome): SpfTree['checks'][number] {
  return {
    ip,
    result,
    lookups,
    voidLookups,
    matched: matched.map((step) => ({ domain: step.domain, term: cut(step.term) })),
    problem: problem && cut(problem.message),
  };
}

/** How a tested address went through a record. */
interface Passage {
  readonly ip: string;
  readonly trace: RecordTrace;
}

/** Kept over the whole tree, in the order of evaluation. */
interface Count {
  lookups: number;
  terms: number;
  omitted: number;
}

function recordOf({ domain, status, record, cost, terms }: WalkNode, passages: readonly Passage[], count: Count) {
  const result: SpfTreeRecord = {
    domain,
    status,
    record: record && cut(record.text),
    lookups: cost,
    terms: [],
  };
  for (const shown of shownTerms(terms, passages)) {
    count.terms += 1;
    if (count.terms <= MAX_TERMS) result.terms.push(termOf(shown, passages, count));
    else count.omitted += 1 + (shown.walked?.node ? allTerms(shown.walked.node).length : 0);
  }
  return result;
}

interface ShownTerm {
  readonly text: string;
  readonly offset: number;
  /** `null` for a term that decided without a lookup, such as `ip4` or `all`. */
  readonly walked: WalkTerm | null;
}

function shownTerms(terms: readonly WalkTerm[], passages: readonly Passage[]): ShownTerm[] {
  const walked = terms.map((walk) => ({ text: walk.term.text, offset: walk.term.offset, walked: walk }));
  const known = new Set(walked.map(({ offset }) => offset));
  const decided = new Map(
    passages
      .flatMap(({ trace }) => trace.terms)
      .filter((term) => isDecisive(term) && !known.has(term.offset))
      .map(({ text, offset }) => [offset, { text, offset, walked: null }]),
  );
  // A redirect counts last, wherever it stands (§6.1).
  const isLast = ({ walked: walk }: ShownTerm): number => (walk?.term.kind === 'modifier' ? 1 : 0);
  return [...walked, ...decided.values()].sort((a, b) => isLast(a) - isLast(b) || a.offset - b.offset);
}

function termOf({ text, offset, walked }: ShownTerm, passages: readonly Passage[], count: Count): SpfTreeTerm {
  const own = passages.flatMap(({ ip, trace }) => {
    const term = trace.terms.find((candidate) => candidate.offset === offset);
    return term === undefined ? [] : [{ ip, term }];
  });
  const below = walked?.node ?? null;
  const cost = walked?.cost ?? 0;
  count.lookups += cost - (below?.cost ?? 0);
  return {
    term: cut(text),
    target: walked?.target ?? null,
    lookups: cost,
    lookupNumber: walked === null ? null : count.lookups,
    isVoid: walked !== null && isVoid(walked),
    matches: own.filter(({ term }) => term.outcome === 'match').map(({ ip }) => ip),
    errors: own.filter(({ term }) => term.outcome === 'error').map(({ ip }) => ip),
    record: below && recordOf(below, own.flatMap(passageBelow), count),
  };
}

/** What matched inside an `include` that did not match itself decided nothing. */
function passageBelow({ ip, term }: { ip: string; term: TermTrace }): Passage[] {
  return term.record === null || !isDecisive(term) ? [] : [{ ip, trace: term.record }];
}

function isDecisive({ outcome }: TermTrace): boolean {
  return outcome === 'match' || outcome === 'error';
}

function isVoid({ voidFor }: WalkTerm): boolean {
  return voidFor.length === 2;
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
}
