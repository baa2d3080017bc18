/** Splits zone files into entries of tokens (RFC 1035 §5.1). Removes quotes, comments and parentheses. */
import { UsageError } from '../../usage-error.ts';

export interface Token {
  /** The text with one character per octet (latin1). */
  readonly text: string;
  readonly quoted: boolean;
  /** The word as it was written, where it has a backslash. A dot in its text may then be part of a label. */
  readonly written?: string;
}

/** The longest character string, in octets (RFC 1035 §3.3). */
export const MAX_STRING = 255;

export interface Entry {
  /** Number of its first line, from 1. */
  readonly line: number;
  /** Whether the line starts with white space. The entry then has the owner name of the entry before. */
  readonly indented: boolean;
  readonly tokens: readonly Token[];
}

/**
 * The characters that end a word. `\s` would match more octets, such as 0xA0, which is part of a letter in UTF-8.
 */
const ENDS_WORD = /[ \t\r\n;()"]/;

/** The most records that are read. The zone of a mail domain has some hundred, and a large one some ten thousand. */
export const MAX_RECORDS = 100_000;

export const TOO_MANY_RECORDS = `more than ${MAX_RECORDS} records: leave out those that mail does not need`;

/** The most characters in the words of a record. They hold 65535 octets in hexadecimal. */
const MAX_WORDS = 2 * 65_535;

/** @returns the beginning of a word for an error message. */
export function cut(word: string): string {
  return word.slice(0, 80);
}

/** @returns an error whose message starts with file and line. The line may be unknown. */
export function fault(file: string, line: number | undefined, what: string): UsageError {
  return new UsageError(line === undefined ? `${file}: ${what}` : `${file}:${line}: ${what}`);
}

/**
 * Splits a zone file into its entries. Empty lines and comments have no entry.
 *
 * @param file the path for error messages.
 * @throws UsageError with file and line for a syntax error.
 */
export function readEntries(text: string, file: string): Entry[] {
  const entries: Entry[] = [];
  let line = 1;
  let depth = 0;
  let openedAt = 0;
  let tokens: Token[] = [];
  let size = 0;
  let start = { line: 1, indented: false };
  let atLineStart = true;
  const octets = Buffer.from(text.replace(/^\ufeff/, ''), 'utf8').toString('latin1');
  const finish = (): void => {
    if (entries.length > MAX_RECORDS) throw fault(file, start.line, TOO_MANY_RECORDS);
    if (tokens.length > 0) entries.push({ ...start, tokens });
    tokens = [];
    size = 0;
  };
  let index = 0;
  const refuseLong = (word: string): void => {
    if (size + word.length > MAX_WORDS) throw fault(file, line, `a record has more than ${MAX_WORDS} characters`);
  };

  /** Reads an escape at the current position: `\X`, or `\DDD` with the number of the octet (RFC 1035 §5.1). */
  const escaped = (): string => {
    const digits = /^\d{3}/.exec(octets.slice(index + 1, index + 4))?.[0];
    if (digits !== undefined) {
      if (Number(digits) > 255) throw fault(file, line, `\\${digits} is more than an octet can hold`);
      index += 4;
      return String.fromCharCode(Number(digits));
    }
    const next = octets[index + 1];
    if (next === undefined || next === '\n') throw fault(file, line, 'the line ends with a backslash');
    index += 2;
    return next;
  };

  while (index < octets.length) {
    const char = octets[index] ?? '';
    if (char === '\n') {
      index += 1;
      line += 1;
      if (depth === 0) {
        finish();
        atLineStart = true;
      }
      continue;
    }
    if (char === ' ' || char === '\t' || char === '\r') {
      if (atLineStart) start = { line, indented: true };
      atLineStart = false;
      index += 1;
      continue;
    }
    if (char === ';') {
      while (index < octets.length && octets[index] !== '\n') index += 1;
      continue;
    }
    if (atLineStart) start = { line, indented: false };
    atLineStart = false;
    if (char === '(') {
      depth += 1;
      openedAt = line;
      index += 1;
      continue;
    }
    if (char === ')') {
      if (depth === 0) throw fault(file, line, 'a closing parenthesis has no opening one');
      depth -= 1;
      index += 1;
      continue;
    }
    if (char === '"') {
      let value = '';
      index += 1;
      while (octets[index] !== '"') {
        refuseLong(value);
        const inside = octets[index];
        if (inside === undefined || inside === '\n') throw fault(file, line, 'a quoted string has no closing quote');
        if (inside === '\\') value += escaped();
        else {
          value += inside;
          index += 1;
        }
      }
      index += 1;
      size += value.length + 1;
      tokens.push({ text: value, quoted: true });
      continue;
    }
    let value = '';
    let hasEscape = false;
    const wordAt = index;
    for (;;) {
      refuseLong(value);
      const inside = octets[index];
      if (inside === undefined || ENDS_WORD.test(inside)) break;
      if (inside === '\\') {
        hasEscape = true;
        value += escaped();
      } else {
        value += inside;
        index += 1;
      }
    }
    size += value.length + 1;
    tokens.push({ text: value, quoted: false, ...(hasEscape ? { written: octets.slice(wordAt, index) } : {}) });
  }
  if (depth > 0) throw fault(file, openedAt, 'an opening parenthesis has no closing one');
  finish();
  return entries;
}
