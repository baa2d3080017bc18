/** Makes the structured reason of a permerror or temperror. */
import type { ProblemKind, SpfProblem } from './result.ts';

const TEMPORARY: ReadonlySet<ProblemKind> = new Set(['dns-failure', 'time-limit']);

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
