/** Creates the trace of a term: its outcome and number of lookups, or the reason why it was not evaluated. */
import type { Directive, SpfRecord, Term } from './record.ts';
import type { RecordTrace, TermOutcome, TermTrace } from './result.ts';

interface TermText {
  readonly text: string;
  readonly offset: number;
}

interface Counts {
  readonly lookups: number;
  readonly voidLookups: number;
}

/**
 * @returns a function that creates the trace of a term. The trace has the lookups that were counted since this call.
 */
export function traceFrom(
  counts: Counts,
  { text, offset }: TermText,
): (outcome: TermOutcome, reason: string, target: string | null, record: RecordTrace | null) => TermTrace {
  const { lookups, voidLookups } = counts;
  return (outcome, reason, target, record) => ({
    text,
    offset,
    outcome,
    reason,
    lookups: counts.lookups - lookups,
    voidLookups: counts.voidLookups - voidLookups,
    target,
    record,
  });
}

/**
 * Creates the trace of a term that was not evaluated.
 *
 * @param all the first `all` of the record, if any.
 * @returns a trace that tells whether the term is always ignored or the check ended before it.
 */
export function passedBy(term: Term, all: Directive | undefined): TermTrace {
  if (term.kind === 'unknown-modifier') return untouched(term, 'ignored', 'not a modifier of RFC 7208');
  if (term.kind === 'modifier' && term.name === 'exp') return untouched(term, 'ignored', 'explanation of a fail');
  if (all && term.kind === 'modifier') return untouched(term, 'ignored', 'not used beside "all"');
  if (all && term.offset > all.offset) return untouched(term, 'ignored', 'after "all"');
  return untouched(term, 'not-evaluated', 'already decided');
}

/** @returns the traces of all terms of a record with syntax errors, in their order. No term of it was evaluated. */
export function invalidTerms({ terms, problems }: SpfRecord): TermTrace[] {
  const valid = terms.map((term) => untouched(term, 'not-evaluated', 'the record has a syntax error'));
  const invalid = problems.map(({ term, offset, message }) => untouched({ text: term, offset }, 'error', message));
  return [...valid, ...invalid].sort((a, b) => a.offset - b.offset);
}

function untouched({ text, offset }: TermText, outcome: TermOutcome, reason: string): TermTrace {
  return { text, offset, outcome, reason, lookups: 0, voidLookups: 0, target: null, record: null };
}
