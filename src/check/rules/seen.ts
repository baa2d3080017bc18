/** Joins what a rule saw into its note. */

/** The most items that one note names. The evidence of the findings has them all. */
const MAX_NAMED = 4;

/** @returns the items without repetition, as one text: `a; b; 3 more`. Empty if there is none. */
export function seenTexts(items: readonly string[]): string {
  const all = [...new Set(items)].filter((item) => item !== '');
  const named = all.slice(0, all.length > MAX_NAMED ? MAX_NAMED - 1 : MAX_NAMED);
  const more = all.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}
