/** Text layout for terminals: wrapping at words, hanging indents. Widths count code points of printable text. */
import { stripVTControlCharacters } from 'node:util';

/**
 * Wraps `text` at spaces so that no line is longer than `width`; a single word that is longer stays whole, since a
 * record or command cut in two cannot be pasted.
 *
 * @param indent put before every line; it may be coloured.
 * @param first put before the first line instead, when given.
 */
export function wrap(text: string, width: number, indent = '', first = indent): string[] {
  const lines: string[] = [];
  let line = '';
  const rooms = { first: width - columns(first), next: width - columns(indent) };
  const room = (): number => (lines.length === 0 ? rooms.first : rooms.next);
  const flush = (): void => {
    lines.push((lines.length === 0 ? first : indent) + line);
    line = '';
  };
  for (const word of text.split(' ').filter((part) => part !== '')) {
    if (line !== '' && [...line].length + 1 + [...word].length > room()) flush();
    line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '' || lines.length === 0) flush();
  return lines;
}

/** How wide it is shown: colour takes no column. */
function columns(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** @returns `singular` or its plural with the number before it. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}
