/** Makes a text the continuation of a sentence. */

/**
 * @returns the text with a small first letter, for use inside a sentence. Abbreviations and brand names do not change.
 */
export function lowerFirst(text: string): string {
  return /^[A-Z][^A-Z]/.test(text) && !/^[A-Z][a-z]*[A-Z]/.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
}
