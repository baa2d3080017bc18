/**
 * Splits a damaged key record into tags, whatever separates them: a semicolon, another character, a quotation mark that
 * was taken out, or nothing at all.
 */
import { SEAM } from './plain-text.ts';

/** A piece of a damaged record: a tag, or text that is none (`name` is empty). */
export interface Segment {
  /** The name as published. */
  readonly name: string;
  /** The value with whitespace and seams. */
  readonly value: string;
  /** Whether the tag shares its piece between two semicolons with a tag before it. */
  readonly isGlued: boolean;
}

/** The tags of a key record (RFC 6376 §3.6.1, and `g=` of RFC 4871). */
const KNOWN = 'vkphstng';

/** The start of a tag that RFC 6376 defines: after a separator, or right after a value that can only end there. */
const TAG_START = new RegExp(
  `(?<=^|[\\s${SEAM},|.:(=]|dkim1|rsa|ed25519|sha256|email)([${KNOWN}])[\\s${SEAM}]*=`,
  'gi',
);

/** The start of the value that each tag has. A tag in the middle of a piece must have such a value. */
const VALUE_START: Readonly<Record<string, RegExp>> = {
  v: /^dk?i?k?m/i,
  k: /^(?:rsa|ed-?25519|dsa)/i,
  p: /^(?:$|MI[GIH]|[A-Za-z0-9+/]{24}|v=|<)/,
  h: /^sha/i,
  s: /^(?:email|\*)/i,
  t: /^[ys](?![a-z0-9])/i,
  n: /^./,
  g: /^(?![A-Za-z]=)/,
};

/** @returns the segments of the text in their order. Empty pieces between semicolons are segments without name and value. */
export function segmentsOf(text: string): Segment[] {
  const pieces = text.split(';');
  // The last semicolon ends the list (RFC 6376 §3.2).
  if (pieces.length > 1 && trimmed(pieces.at(-1) ?? '') === '') pieces.pop();
  return pieces.flatMap(segmentsOfPiece);
}

function segmentsOfPiece(piece: string): Segment[] {
  const starts = [...piece.matchAll(TAG_START)].filter((match, index, all) => {
    const name = (match[1] ?? '').toLowerCase();
    const before = all.slice(0, index).at(-1)?.[1]?.toLowerCase();
    if (trimmed(piece.slice(0, match.index)) === '') return true;
    // A note may hold any words.
    if ((name === 'n' || name === 'g') && before === 'n') return false;
    const value = compact(piece.slice(match.index + match[0].length, match.index + match[0].length + 80));
    return VALUE_START[name]?.test(value) ?? false;
  });
  const [first] = starts;
  if (!first) return [looseSegment(piece)];
  const segments = starts.map((start, index): Segment => {
    const from = start.index + start[0].length;
    const to = starts[index + 1]?.index ?? piece.length;
    const value = piece.slice(from, to);
    // What follows a key is seen where the key ends.
    const isKey = /^p$/i.test(start[1] ?? '');
    return { name: start[1] ?? '', value: isKey ? trimmed(value) : withoutSeparators(value), isGlued: index > 0 };
  });
  const before = trimmed(piece.slice(0, first.index));
  return before === '' ? segments : [looseSegment(before), ...segments];
}

/** Reads text without a known tag: `name=value`, a tag whose `=` is mistyped, or anything else. */
function looseSegment(piece: string): Segment {
  const text = trimmed(piece);
  const mistyped = /^([vkp])(?:[\s\x01]*[:~+>-][\s\x01=]*|[\s\x01]+)(?=\S)/i.exec(text);
  if (mistyped) {
    const value = text.slice(mistyped[0].length);
    if (VALUE_START[(mistyped[1] ?? '').toLowerCase()]?.test(compact(value.slice(0, 80)))) {
      return { name: `${mistyped[1]}:`, value, isGlued: false };
    }
  }
  const tag = /^([A-Za-z]\w{0,30})[\s\x01]*=/.exec(text);
  // Padding is no value: base64 may end in "=".
  if (tag && !/^=?$/.test(text.slice(tag[0].length))) {
    return { name: tag[1] ?? '', value: trimmed(text.slice(tag[0].length)), isGlued: false };
  }
  return { name: '', value: text, isGlued: false };
}

/** @returns the text without whitespace and seams. */
export function compact(text: string): string {
  return text.replace(/[\s\x01]+/g, '');
}

/** @returns the text without whitespace and seams at its ends. */
export function trimmed(text: string): string {
  return withoutEnds(text, /[\s\x01]/);
}

/** Drops what stands for a semicolon at the end of a value. */
function withoutSeparators(text: string): string {
  return withoutEnds(text, /[\s\x01,|.:(]/);
}

function withoutEnds(text: string, dropped: RegExp): string {
  let from = 0;
  let to = text.length;
  while (from < to && dropped.test(text.charAt(from))) from++;
  while (to > from && dropped.test(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}
