/** The screen that the report for a terminal is written for, and the lines that its parts share. */
import type { Status } from '../../report/status.ts';
import { wrap } from '../layout.ts';
import { printable } from '../printable.ts';
import type { ReporterOptions } from '../reporter.ts';
import { type Tones, tonesFor } from '../tones.ts';
import { MARKS } from '../words.ts';

/** The longest line without `width`, in columns. */
const DEFAULT_WIDTH = 80;

/** What every part of the report needs to know of the screen and of the user's choices. */
export interface Screen {
  readonly tones: Tones;
  /** The longest line, in columns. A record, command or link may be longer: it is never cut. */
  readonly width: number;
  readonly isFull: boolean;
  readonly isVerbose: boolean;
  /** Writes a command as one for the reader's own shell. */
  readonly commandLine: (command: string) => string;
}

/** @returns the screen for the options of a reporter. */
export function screenFor({
  color,
  verbose,
  full = false,
  width = DEFAULT_WIDTH,
  commandLine = (command) => command,
}: ReporterOptions): Screen {
  return { tones: tonesFor(color), width, isFull: full || verbose, isVerbose: verbose, commandLine };
}

/** @returns text from anywhere, made safe to print and wrapped, with what stands before its lines. */
export function paragraph(text: string, { width }: Screen, indent = '', first = indent): string[] {
  return wrap(printable(text), width, indent, first);
}

/** @returns the symbol and the word of a status, in the same width for every status. */
export function markOf(status: Status): string {
  const { symbol, word } = MARKS[status];
  return `${symbol} ${word.padEnd(MARK_COLUMNS - 2)}`;
}

/** The width of a symbol and its word. */
const MARK_COLUMNS = 2 + Math.max(...Object.values(MARKS).map(({ word }) => word.length));

/** @returns a paragraph whose beginning is a mark, which alone has the colour of the status. */
export function marked(text: string, status: Status, mark: string, screen: Screen): string[] {
  const [head = '', ...rest] = paragraph(text, screen, ' '.repeat(mark.length), mark);
  return [`${screen.tones.of(status)(head.slice(0, mark.length))}${head.slice(mark.length)}`, ...rest];
}
