/**
 * Builds the commands that users paste into a shell. A value goes into a command only if every shell reads it as one
 * plain word: a hostile name must not become a command.
 */
import { PLACEHOLDERS, type Placeholder } from '../../../knowledge/providers/placeholders.ts';

/**
 * Letters, digits and `. : _ -`, starting with a letter, digit or underscore. Such a value is one plain word with or
 * without quotes, in a URL and in JSON.
 */
const PLAIN_WORD = /^[A-Za-z0-9_][A-Za-z0-9._:-]*$/;

/** A command with the known values filled in. */
export interface FilledCommand {
  readonly text: string;
  /** The `UPPER_CASE` names in the text that the user must replace. */
  readonly open: readonly string[];
}

/**
 * Fills a template with values. A placeholder whose value is unknown or not a plain word becomes an `UPPER_CASE` name,
 * which a shell also reads as a plain word. Angle brackets would redirect.
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

/** @returns the name of an unfilled placeholder in a command: `allocationId` → `ALLOCATION_ID`. */
export function openName(placeholder: Placeholder): string {
  if (placeholder === 'helo') return 'HOST_NAME';
  return placeholder.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
