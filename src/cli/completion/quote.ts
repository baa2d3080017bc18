/** Quotes text as one word of a shell. No character of a value or description can end the quotes. */

/** @returns the word for bash and zsh. In POSIX shells only the quote is special between single quotes. */
export function quoted(text: string): string {
  return `'${oneLine(text).replaceAll("'", "'\\''")}'`;
}

/** @returns the word for fish. Between its single quotes a backslash escapes itself and the quote. */
export function fishQuoted(text: string): string {
  return `'${oneLine(text).replaceAll(/[\\']/g, '\\$&')}'`;
}

/** @returns the text on one line. Each run of white space and control characters becomes one space. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
}
