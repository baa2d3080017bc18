/**
 * The tag=value lists of RFC 6376 §3.2, the syntax of DKIM key records and DMARC records alike.
 *
 * Whatever the text, the parser returns the tags it can make out and says where the rest departs from the grammar:
 * a record is explained, not just refused.
 */

export interface Tag {
  readonly name: string;
  /** Without the whitespace around it. */
  readonly value: string;
  /** Octets before the tag's name in the record. */
  readonly offset: number;
  /** Octets before the value. */
  readonly valueOffset: number;
}

export type TagListDefectKind =
  /** Something between two semicolons that has no `=`. */
  | 'no-equals'
  /** A name that does not start with a letter or holds more than letters, digits and `_`. */
  | 'bad-name'
  /** Nothing between two semicolons; only the last semicolon may be followed by nothing. */
  | 'empty'
  /** Characters other than printing ASCII and folding whitespace. */
  | 'bad-value'
  /** "Tags with duplicate names MUST NOT occur within a single tag-list" (§3.2). */
  | 'duplicate';

export interface TagListDefect {
  readonly kind: TagListDefectKind;
  readonly offset: number;
  /** The offending piece, as published. */
  readonly text: string;
}

export interface TagList {
  readonly tags: readonly Tag[];
  readonly defects: readonly TagListDefect[];
}

const TAG_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
/** VALCHAR and FWS: `%x21-3A / %x3C-7E`, space, tab, and a line break only where the line goes on. */
const TAG_VALUE = /^(?:[\x20-\x3a\x3c-\x7e\t]|\r\n(?=[ \t]))*$/;

/** Parses a tag list; never throws, in time linear in the text. */
export function parseTagList(text: string): TagList {
  const tags: Tag[] = [];
  const defects: TagListDefect[] = [];
  const seen = new Set<string>();
  const pieces = text.split(';');
  let start = 0;
  pieces.forEach((piece, index) => {
    const offset = start + leadingWhitespace(piece);
    start += piece.length + 1;
    const trimmed = trimWhitespace(piece);
    if (trimmed === '') {
      if (index < pieces.length - 1 || pieces.length === 1) defects.push({ kind: 'empty', offset, text: '' });
      return;
    }
    const equals = piece.indexOf('=');
    if (equals < 0) {
      defects.push({ kind: 'no-equals', offset, text: trimmed });
      return;
    }
    const name = trimWhitespace(piece.slice(0, equals));
    const rawValue = piece.slice(equals + 1);
    const value = trimWhitespace(rawValue);
    const valueOffset = start - 1 - piece.length + equals + 1 + leadingWhitespace(rawValue);
    if (!TAG_NAME.test(name)) defects.push({ kind: 'bad-name', offset, text: name });
    else if (seen.has(name)) defects.push({ kind: 'duplicate', offset, text: name });
    if (!TAG_VALUE.test(value)) defects.push({ kind: 'bad-value', offset: valueOffset, text: name });
    seen.add(name);
    tags.push({ name, value, offset, valueOffset });
  });
  return { tags, defects };
}

/** @returns the first tag of that name; names are case-sensitive (RFC 6376 §3.2). */
export function findTag(list: TagList, name: string): Tag | undefined {
  return list.tags.find((tag) => tag.name === name);
}

/** Whitespace of RFC 6376 §2.8; JavaScript's `trim` would also take NBSP and other characters that are not in it. */
const WHITESPACE = ' \t\r\n';

function leadingWhitespace(text: string): number {
  let count = 0;
  while (count < text.length && WHITESPACE.includes(text.charAt(count))) count++;
  return count;
}

function trimWhitespace(text: string): string {
  let end = text.length;
  const begin = leadingWhitespace(text);
  while (end > begin && WHITESPACE.includes(text.charAt(end - 1))) end--;
  return text.slice(begin, end);
}
