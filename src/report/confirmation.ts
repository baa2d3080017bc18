/** The mark for facts that are not confirmed. It is the same wherever such a fact is printed. */

/** The mark itself. */
export const NOT_CONFIRMED = '(not confirmed)';

/** @returns the text to append to a fact: ` (not confirmed)` if it is not confirmed, else an empty string. */
export function confirmationMark(isConfirmed: boolean): string {
  return isConfirmed ? '' : ` ${NOT_CONFIRMED}`;
}
