/**
 * Matches the characters that a terminal, an editor or a browser acts on and does not show: controls (C0, C1, DEL), line
 * and paragraph separators, marks of the writing direction, everything that Unicode lets programs ignore in display, and
 * lone surrogates. This is the only list of them.
 */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** An error in what the user typed. The message is one line that says what to type instead. */
export class UsageError extends Error {
  // The name of the class in the published code is short.
  static override readonly name: string = 'UsageError';
  override readonly name = 'UsageError';
}

/**
 * Quotes the user's input for an error line, and makes it safe for a terminal.
 *
 * @returns the input in double quotes, cut to 80 characters, with control and bidirectional characters escaped or
 *   replaced.
 */
export function quoteInput(text: string): string {
  const visible = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text).slice(1, -1);
  return `"${visible.replace(INVISIBLE, '\ufffd')}"`;
}
