/** Text as one word of a shell. No value or description can end its quotes, whatever it holds. */

/** @returns the word for bash and zsh (POSIX: nothing is special between single quotes but the quote). */
export function quoted(text: string): string {
  return `'${oneLine(text).replaceAll("'", "'\\''")}'`;
}

/** @returns the word for fish, where a backslash escapes itself and the quote between single quotes. */
export function fishQuoted(text: string): string {
  return `'${oneLine(text).replaceAll(/[\\']/g, '\\$&')}'`;
}

/** A description is shown on one line; control bytes would reach the terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
}
