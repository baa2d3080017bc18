/** The mark for facts that are not confirmed. It is the same wherever such a fact is printed. */
import { shortName } from './short-name.ts';

const WORDS = 'not confirmed';

/** The mark itself. */
export const NOT_CONFIRMED = `(${WORDS})`;

/** @returns the text to append to a fact: ` (not confirmed)` if it is not confirmed, else an empty string. */
export function confirmationMark(isConfirmed: boolean): string {
  return isConfirmed ? '' : ` ${NOT_CONFIRMED}`;
}

/** @returns the text to append to a fact in brackets: `, not confirmed` if it is not confirmed, else an empty string. */
export function confirmationClause(isConfirmed: boolean): string {
  return isConfirmed ? '' : `, ${WORDS}`;
}

/** A name in a text, and whether what is told of it is confirmed. */
interface Named {
  readonly name: string;
  readonly confirmed: boolean;
}

/**
 * @returns what marks the named ones that are not confirmed, once for all of them: a mark to append to each name, and a
 *   clause to append to the text. One name alone is marked at its place.
 */
export function confirmationMarks(named: readonly Named[]): { markOf: (one: Named) => string; clause: string } {
  const unsure = named.filter(({ confirmed }) => !confirmed);
  if (unsure.length < 2) return { markOf: ({ confirmed }) => confirmationMark(confirmed), clause: '' };
  return { markOf: () => '', clause: `; ${WORDS}: ${unsure.map(({ name }) => shortName(name)).join(', ')}` };
}
