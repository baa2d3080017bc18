/**
 * Builds the SPF tree of the Report. It combines the walk of the record with the terms that decided the check of each
 * tested address. It uses only what the SPF rule has read, and looks up nothing itself.
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

/**
 * The number of terms in the Report, fifteen times the lookups that a check may make. Further terms are only counted.
 */
const MAX_TERMS = 150;
/** The number of characters shown of one record or term. The recommended length of a record is 450. */
const MAX_TEXT = 1000;

/**
 * @returns the section `spf` of the Report, or an empty object when no rule walked the record.
 */
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

/** The evaluation of one record for one tested address. */
interface Passage {
  readonly ip: string;
  readonly trace: RecordTrace;
}

/** Running totals over the whole tree, in the order of evaluation. */
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
  /** The term in the walk. `null` for a term that decided without a lookup, such as `ip4` or `all`. */
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
  // A redirect is evaluated last, wherever it is in the record (RFC 7208 §6.1).
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

/** @returns the evaluation below a term. A match inside an `include` that did not match itself decided nothing. */
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
