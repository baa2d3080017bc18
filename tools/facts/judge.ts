/** Judges the age of facts on a given day, and finds the faults that stop a release. */
import { isConfirmed, MAX_AGE_DAYS } from '../../src/knowledge/verification.ts';
import type { Fact } from './fact.ts';

const DAY_MS = 86_400_000;

/**
 * The state of a fact on a day:
 *
 * - `confirmed`: it is printed without a mark, and rightly so;
 * - `stale`: it was confirmed, and is now too old;
 * - `unconfirmed`: it was never confirmed, because it has no date or its confidence is low.
 */
export type FactState = 'confirmed' | 'stale' | 'unconfirmed';

/** @returns the state of a fact on a day, which is `YYYY-MM-DD`. */
export function stateOf(fact: Fact, day: string): FactState {
  if (isConfirmed(fact, Date.parse(day))) return 'confirmed';
  return fact.verifiedOn === null || fact.confidence === 'low' ? 'unconfirmed' : 'stale';
}

/** @returns the last day on which a fact counts as confirmed, as `YYYY-MM-DD`. `null` for a fact that never does. */
export function lastDayOf(fact: Fact): string | null {
  if (fact.verifiedOn === null || fact.confidence === 'low') return null;
  return new Date(Date.parse(fact.verifiedOn) + MAX_AGE_DAYS * DAY_MS).toISOString().slice(0, 10);
}

/** @returns the facts sorted by date, oldest first. Those without a date come first of all. */
export function oldestFirst(facts: readonly Fact[]): Fact[] {
  const key = ({ verifiedOn, kind, id }: Fact): string => `${verifiedOn ?? ''} ${kind} ${id}`;
  return [...facts].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** @returns what stops a release on a day, as clauses about the fact. Empty when nothing does. */
export function faultsOf(fact: Fact, day: string): string[] {
  const { verifiedOn, sources, isMarked } = fact;
  const state = stateOf(fact, day);
  const earliest = sources.length > 0 ? sources.map(dateIn).sort()[0] : undefined;
  return [
    ...(state === 'stale' ? [`was last checked on ${verifiedOn}, which is more than ${MAX_AGE_DAYS} days ago`] : []),
    ...(verifiedOn !== null && verifiedOn > day ? [`is dated ${verifiedOn}, which is in the future`] : []),
    ...(verifiedOn !== null && earliest !== undefined && earliest > verifiedOn
      ? [`is dated ${verifiedOn}, before its oldest source was written (${earliest})`]
      : []),
    ...(state === 'unconfirmed' && !isMarked ? ['is printed as confirmed, and nobody has confirmed it'] : []),
  ];
}

/** @returns the date in the address of a source, such as `2025-01` in `…/2025/01/…`. Empty when it has none. */
function dateIn(source: string): string {
  const [, year, month, day] = /\/(20\d\d)[/-](0[1-9]|1[0-2])(?:[/-]([0-3]\d))?(?=\D|$)/.exec(source) ?? [];
  return [year, month, day].filter((part) => part !== undefined).join('-');
}
