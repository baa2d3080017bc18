/** An error in what the user typed. The message is one line that says what to type instead. */
export class UsageError extends Error {
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
  return `"${visible.replace(/[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')}"`;
}
