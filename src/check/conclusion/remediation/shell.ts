/**
 * Commands that are printed for pasting into a shell. Whatever goes into one is either of a shape that no shell takes
 * for anything but a word, or it does not go in at all: a hostile name must not become a command.
 */
import { PLACEHOLDERS, type Placeholder } from '../../../knowledge/providers/placeholders.ts';

/** Letters, digits and `. : _ -`, no leading hyphen: one plain word, in or out of quotes, in a URL, in JSON. */
const PLAIN_WORD = /^[A-Za-z0-9_][A-Za-z0-9._:-]*$/;

export interface FilledCommand {
  readonly text: string;
  /** What the user has to put in, as it stands in the text. */
  readonly open: readonly string[];
}

/**
 * Puts values into a template. A value that is not known, or not a plain word, stays open as `UPPER_CASE`, which a shell
 * takes for a word too (angle brackets would redirect).
 */
export function fillCommand(template: string, values: Partial<Record<Placeholder, string>>): FilledCommand {
  const open = new Set<string>();
  const text = template.replace(/\{([A-Za-z0-9]+)\}/g, (whole, name: string) => {
    const placeholder = PLACEHOLDERS.find((known) => known === name);
    if (placeholder === undefined) return whole;
    const value = values[placeholder];
    if (value !== undefined && PLAIN_WORD.test(value)) return value;
    const stand = openName(placeholder);
    open.add(stand);
    return stand;
  });
  return { text, open: [...open] };
}

/** @returns the name of a placeholder as it stands in a command: `allocationId` → `ALLOCATION_ID`. */
export function openName(placeholder: Placeholder): string {
  if (placeholder === 'helo') return 'HOST_NAME';
  return placeholder.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/**
 * @returns the text as one word of a POSIX shell. What no shell or terminal should ever see (control characters) is
 *   refused with `undefined`.
 */
export function shellWord(text: string): string | undefined {
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return undefined;
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
