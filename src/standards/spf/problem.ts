/** Creates the reason for a permerror or temperror. */
import type { ProblemKind, SpfProblem } from './result.ts';

const TEMPORARY: ReadonlySet<ProblemKind> = new Set(['dns-failure', 'time-limit']);

/**
 * Creates a problem at a term of a domain's record, or at the domain itself.
 *
 * @param term the term, or `null` when the problem is not about a single term.
 * @returns the problem. Its result is `temperror` for a DNS failure and for the time limit, otherwise `permerror`.
 */
export function problemAt(
  domain: string,
  term: { readonly text: string; readonly offset: number } | null,
  kind: ProblemKind,
  message: string,
  details: Partial<Pick<SpfProblem, 'target' | 'query' | 'syntax'>> = {},
): SpfProblem {
  return {
    kind,
    result: TEMPORARY.has(kind) ? 'temperror' : 'permerror',
    message,
    domain,
    term: term?.text ?? null,
    offset: term?.offset ?? null,
    target: null,
    ...details,
  };
}
