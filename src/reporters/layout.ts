/**
 * Lays out text for terminals: it wraps at spaces and adds hanging indents. Widths are in code points of printable
 * text.
 */
import { stripVTControlCharacters } from 'node:util';

const NO_BREAK = '\u00a0';

/** @returns the text with spaces at which `wrap` ends no line. */
export function unbroken(text: string): string {
  return text.replaceAll(' ', NO_BREAK);
}

/**
 * Wraps text at spaces so that no line is longer than `width`. A longer single word is not broken, because a record or
 * command in two parts cannot be pasted.
 *
 * @param width the width of a line in columns, with the indent.
 * @param indent the text before every line, which may be coloured.
 * @param first the text before the first line. The default is `indent`.
 */
export function wrap(text: string, width: number, indent = '', first = indent): string[] {
  const lines: string[] = [];
  let line = '';
  const rooms = { first: width - columns(first), next: width - columns(indent) };
  const room = (): number => (lines.length === 0 ? rooms.first : rooms.next);
  const flush = (): void => {
    lines.push((lines.length === 0 ? first : indent) + line.replaceAll(NO_BREAK, ' '));
    line = '';
  };
  for (const word of text.split(' ').filter((part) => part !== '')) {
    if (line !== '' && [...line].length + 1 + [...word].length > room()) flush();
    line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '' || lines.length === 0) flush();
  return lines;
}

/** The least room of a line, in columns, even if the indent leaves less. */
const MIN_ROOM = 30;

/**
 * Wraps text as `wrap` does, for text that users read but do not paste. It keeps runs of spaces, and breaks a word that
 * is longer than a line.
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

/** Returns the width of the text on a terminal, in columns. Colour codes take none. */
function columns(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
