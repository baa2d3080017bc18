/** Writes JSON that is safe to print. All JSON that mailcheck prints or writes into a file comes from here. */
import { INVISIBLE } from '../usage-error.ts';

/**
 * @param indent the blanks of one level. `0` writes one line.
 * @returns `value` as JSON with a final newline. Characters that a terminal or an editor would act on are escaped.
 *   Parsing it gives the same value.
 */
export function jsonText(value: unknown, indent = 2): string {
  return `${JSON.stringify(value, null, indent).replace(INVISIBLE, escaped)}\n`;
}

/** Escapes each unit of UTF-16. JSON.stringify wrote line feeds for its own layout; those in strings are escaped already. */
function escaped(character: string): string {
  if (character === '\n') return character;
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}
