/**
 * Quotes the reply of a server for people. Servers break a sentence over several lines, and often end with a link or a
 * telephone number. So every line is quoted, not one of them.
 */

import { lettersOf } from '../octet-string.ts';

/** The most characters of a reply that are quoted. The longest refusals of large receivers have about 500. */
export const MAX_QUOTE = 600;

/** The enhanced status code (RFC 3463) at the beginning of a line. */
const ENHANCED = /^\s*[245]\.\d{1,3}\.\d{1,3}(?=\s|$)\s*/;

/**
 * @returns the text of all lines of a reply as one line. A line that repeats an earlier one is left out, and so is an
 *   enhanced status code after the first line. A text that is too long ends with an ellipsis.
 */
export function quoteLines(lines: readonly string[]): string {
  // A reply has one character for each octet. Servers write other languages in UTF-8 (RFC 6531 §3.7.4.2).
  const texts = lines.map((line, index) => lettersOf(index === 0 ? line : line.replace(ENHANCED, '')).trim());
  const quoted = [...new Set(texts)].filter((text) => text !== '').join(' ');
  return quoted.length > MAX_QUOTE ? `${quoted.slice(0, MAX_QUOTE - 1)}…` : quoted;
}

/** @returns the code of a reply and the text of all its lines: `554 5.7.1 Relay access denied`. */
export function quoteReply({ code, lines }: { readonly code: number; readonly lines: readonly string[] }): string {
  return `${code} ${quoteLines(lines)}`.trim();
}
