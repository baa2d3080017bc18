/** The decimal numbers of a zone file. */

/** @returns whether the text is a number of decimal digits that is not greater than `max`. */
export function isNumber(text: string, max: number): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= max;
}
