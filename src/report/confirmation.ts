/** The mark for facts that are not confirmed. It is the same wherever such a fact is printed. */

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
