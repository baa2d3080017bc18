/** The mark of a fact that is not confirmed: the same words wherever one is printed. */

export const NOT_CONFIRMED = '(not confirmed)';

/** @returns ` (not confirmed)`, to be put behind a fact that is not confirmed, or nothing. */
export function confirmationMark(isConfirmed: boolean): string {
  return isConfirmed ? '' : ` ${NOT_CONFIRMED}`;
}
