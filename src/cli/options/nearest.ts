/** Suggests names for misspelled ones. */
import { distance } from 'fastest-levenshtein';

/** @returns the candidate closest to the typed name, or `undefined` if no candidate is close. */
export function closest(typed: string, candidates: readonly string[]): string | undefined {
  return candidates
    .map((candidate) => ({ candidate, edits: distance(typed.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 2)))
    .sort((a, b) => a.edits - b.edits)[0]?.candidate;
}

/** @returns ` (did you mean …?)` with the candidate closest to the typed name. It is empty if no candidate is close. */
export function nearest(typed: string, candidates: readonly string[]): string {
  const close = closest(typed, candidates);
  return close === undefined ? '' : ` (did you mean ${close}?)`;
}
