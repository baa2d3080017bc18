/**
 * Parses the tag=value lists of RFC 6376 §3.2. DKIM key records, DKIM-Signature fields and DMARC records use this
 * syntax.
 *
 * The parser accepts every text. It returns the tags that it can read and the places that do not follow the grammar, so
 * that a finding can explain the mistake.
 */

export interface Tag {
  readonly name: string;
  /** The value without surrounding whitespace. */
  readonly value: string;
  /** Octets from the start of the record to the tag's name. */
  readonly offset: number;
  /** Octets from the start of the record to the value. */
  readonly valueOffset: number;
}

export type TagListDefectKind =
  /** The text between two semicolons has no `=`. */
  | 'no-equals'
  /** The name does not start with a letter, or contains characters other than letters, digits and `_`. */
  | 'bad-name'
  /** There is no text between two semicolons. Only the last semicolon may end the list. */
  | 'empty'
  /**
   * The value, or the whitespace around it, contains characters other than printable ASCII and folding whitespace. A line
   * break counts as whitespace only where it folds the text (RFC 6376 §2.8). The tag is still returned, because lenient
   * parsers take every line break as whitespace.
   */
  | 'bad-value'
  /** The name occurs twice: "Tags with duplicate names MUST NOT occur within a single tag-list" (§3.2). */
  | 'duplicate';

export interface TagListDefect {
  readonly kind: TagListDefectKind;
  /** Octets from the start of the record to the mistake. */
  readonly offset: number;
  /** The piece without `=` as published, or the name of the tag. Empty for the kind `empty`. */
  readonly text: string;
}

export interface TagList {
  readonly tags: readonly Tag[];
  readonly defects: readonly TagListDefect[];
}

const TAG_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
/** VALCHAR and FWS: `%x21-3A / %x3C-7E`, space, tab, and a line break only before a continuation line. */
const TAG_VALUE = /^(?:[\x20-\x3a\x3c-\x7e\t]|\r\n(?=[ \t]))*$/;
/** A line break that is no folding whitespace: FWS is `[*WSP CRLF] 1*WSP` (RFC 6376 §2.8). */
const BARE_LINE_BREAK = /\r(?!\n[ \t])|(?<!\r)\n/;

/**
 * Parses a tag list (RFC 6376 §3.2). Never throws, and takes time linear in the length of the text.
 *
 * @returns the tags in their order, duplicates included, and the defects.
 */
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
      if (BARE_LINE_BREAK.test(piece)) {
        defects.push({ kind: 'bad-value', offset: start - 1 - piece.length, text: tags.at(-1)?.name ?? '' });
      }
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
    if (!TAG_VALUE.test(value) || BARE_LINE_BREAK.test(piece))
      defects.push({ kind: 'bad-value', offset: valueOffset, text: name });
    seen.add(name);
    tags.push({ name, value, offset, valueOffset });
  });
  return { tags, defects };
}

/** @returns the first tag with this name. Names are case-sensitive (RFC 6376 §3.2). */
export function findTag(list: TagList, name: string): Tag | undefined {
  return list.tags.find((tag) => tag.name === name);
}

/**
 * The whitespace of RFC 6376 §2.8, and line breaks that do not fold, which are reported as defects. JavaScript's `trim`
 * would also remove the no-break space and other characters.
 */
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
