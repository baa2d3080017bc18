/** What the user typed cannot be used. The message is one line that says what to type instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Quotes what was typed for an error line, shortened, so that it cannot disturb a terminal. */
export function quoteInput(text: string): string {
  const visible = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text).slice(1, -1);
  return `"${visible.replace(/[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')}"`;
}
