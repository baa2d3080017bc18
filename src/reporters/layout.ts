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

/** However narrow the terminal, a line has room for so many columns. */
const MIN_ROOM = 30;

/**
 * As `wrap`, for text that is read and never pasted: it keeps runs of spaces, and breaks a word that is longer than a
 * line.
 */
export function breakLines(text: string, width: number, indent = '', first = indent): string[] {
  const room = Math.max(MIN_ROOM, width - Math.max(columns(indent), columns(first)));
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(' ')) {
    const longer: string = line === undefined ? word : `${line} ${word}`;
    if (line === undefined || longer.length <= room) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
    while (line.length > room) {
      lines.push(line.slice(0, room));
      line = line.slice(room);
    }
  }
  lines.push(line ?? '');
  return lines.map((part, index) => (index === 0 ? first : indent) + part);
}

/** How wide it is shown: colour takes no column. */
function columns(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
