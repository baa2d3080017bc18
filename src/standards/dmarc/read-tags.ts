/**
 * Reads the tags of a text as their owner meant them. The text is read word by word, so that a slip in a separator, a
 * name or a value does not hide the tags behind it.
 */
import { isTagName, meantTags, nearestPolicy, slipsBetween } from './nearness.ts';
import { startsWithAddress } from './read-addresses.ts';
import type { DmarcSlip } from './slip.ts';

/** A tag with its value as published, but for white space and quotation marks around the value. */
export interface ReadTag {
  readonly tag: string;
  readonly value: string;
  /** The whole piece as published. */
  readonly written: string;
}

export interface ReadTags {
  readonly tags: readonly ReadTag[];
  readonly slips: readonly DmarcSlip[];
  /** The pieces that are no tag, in order. */
  readonly unread: readonly string[];
  /** What stands first: the version with its tag name, the bare word `DMARC1`, another tag, or something else. */
  readonly start: 'version' | 'bare-version' | 'tag' | 'other';
}

/** The start of a tag in the text. */
interface TagStart {
  readonly tag: string;
  readonly valueAt: number;
  readonly slips: readonly DmarcSlip[];
}

const NAME = /([A-Za-z][A-Za-z0-9_]{0,30})(\s{0,9}(?:=[=:>]{0,2}|[:;.,~>+/-]{1,2}=?)\s{0,9}|\s{1,9})/y;
const VERSION = /([A-Za-z]{0,7})(\s{0,9}[=:;.,~>-]{1,3}\s{0,9}|\s{1,9})/y;
const VERSION_WORD = /[A-Za-z]{3,8}(?:[ ._-]?[vV]?[ ._-]?\d{1,2}(?:\.\d{1,2})?(?![\d@]))?/y;
/** Names that end a value to which they are glued. The longer ones come first. */
const GLUED = /(?:adkim|aspf|rua|ruf|pct|psd|np|sp|fo|rf|ri|p|t|v)\s?=/gi;
const BETWEEN = /[\s;,|&+:/.()>-]+/y;
const WORD = /[^\s;,|]+/y;
/** The beginning of a value from which it is plain that the word before it is the tag. */
const PLAUSIBLE: Readonly<Record<string, RegExp>> = {
  adkim: /(?:r|s|relaxed|strict)(?![A-Za-z0-9@])/iy,
  aspf: /(?:r|s|relaxed|strict)(?![A-Za-z0-9@])/iy,
  fo: /[01ds](?![A-Za-z2-9@])/iy,
  t: /[yn](?![A-Za-z0-9@])/iy,
  psd: /[ynu](?![A-Za-z0-9@])/iy,
  pct: /\d{1,3}(?![A-Za-z0-9@])/y,
  ri: /\d{1,10}(?![A-Za-z0-9@])/y,
  rf: /(?:afrf|iodef)(?![A-Za-z0-9@])/iy,
};

/** @returns the match of a sticky pattern at a position. */
function at(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

/** Reads a text that `cleanText` has cleaned. Takes time linear in the length of the text. */
export function readTags(text: string): ReadTags {
  return new Reader(text).read();
}

class Reader {
  readonly #text: string;
  readonly #tags: ReadTag[] = [];
  readonly #slips: DmarcSlip[] = [];
  readonly #unread: string[] = [];
  #start: ReadTags['start'] | undefined;
  #position = 0;
  /** The start of the piece that cannot be read, while it is passed over. */
  #unreadFrom: number | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(): ReadTags {
    this.#skipSeparators();
    while (this.#position < this.#text.length) {
      if (!this.#readVersion() && !this.#readTag()) this.#readWord();
      this.#skipSeparators();
    }
    this.#endUnread(this.#text.length);
    const { tags, slips, unread } = { tags: this.#tags, slips: this.#slips, unread: this.#unread };
    return { tags, slips, unread, start: this.#start ?? 'other' };
  }

  /** Passes over what stands between two tags. Notes it if it is not one semicolon. */
  #skipSeparators(): void {
    const begin = this.#position;
    const between = at(BETWEEN, this.#text, begin)?.[0] ?? '';
    this.#position += between.length;
    if (between.includes(';')) this.#endUnread(begin);
    if (this.#unreadFrom !== undefined) return;
    const isEnd = this.#position >= this.#text.length;
    const found = between.replace(/\s+/g, '');
    const last = this.#tags.at(-1);
    if (begin === 0) {
      if (found !== '') this.#slips.push({ kind: 'stray', found });
      else if (between !== '') this.#slips.push({ kind: 'leading-space' });
    } else if (found !== ';' && !(isEnd && found === '')) {
      const after = last ? { tag: last.tag, meant: last.written } : {};
      if (found === '') this.#slips.push({ kind: 'missing-semicolon', found, ...after });
      else if (isEnd || found.includes(';')) this.#slips.push({ kind: 'stray', found });
      else this.#slips.push({ kind: 'wrong-separator', found, ...after });
    }
  }

  #endUnread(end: number): void {
    if (this.#unreadFrom === undefined) return;
    const piece = this.#text.slice(this.#unreadFrom, end).trim();
    if (piece !== '') this.#unread.push(piece);
    this.#unreadFrom = undefined;
  }

  /** Passes over a word that is no tag. */
  #readWord(): void {
    this.#unreadFrom ??= this.#position;
    this.#start ??= 'other';
    this.#position += at(WORD, this.#text, this.#position)?.[0].length ?? 1;
  }

  #push(from: number, tag: string, value: string, slips: readonly DmarcSlip[]): void {
    this.#endUnread(from);
    this.#slips.push(...slips);
    this.#tags.push({ tag, value, written: this.#text.slice(from, this.#position).trim() });
  }

  #readVersion(): boolean {
    const from = this.#position;
    const start = versionAt(this.#text, from);
    if (!start) return false;
    this.#start ??= start.isBare ? 'bare-version' : 'version';
    this.#position = start.end;
    const written = this.#text.slice(from, start.end);
    const isRight = /^v\s*=\s*DMARC1$/.test(written);
    const isCase = /^v\s*=\s*DMARC1$/i.test(written);
    const kind = isCase ? 'version-case' : 'version-spelling';
    this.#push(from, 'v', 'DMARC1', isRight ? [] : [{ kind, tag: 'v', found: written, meant: 'v=DMARC1' }]);
    return true;
  }

  #readTag(): boolean {
    const from = this.#position;
    const start = tagAt(this.#text, from);
    if (!start) return false;
    this.#start ??= 'tag';
    const { tag, valueAt, slips } = start;
    const end = tag === 'rua' || tag === 'ruf' ? addressesEnd(this.#text, valueAt) : valueEnd(this.#text, tag, valueAt);
    this.#position = Math.max(end, valueAt);
    const value = this.#text.slice(valueAt, end).trim();
    this.#push(from, tag, value, slips);
    return true;
  }
}

/** What may stand for the `v` of the version. */
const VERSION_NAME = /^(?:v|ver|version|[a-z]?)$/i;

/** @returns the end of the version at a position, right or misspelt. */
function versionAt(text: string, position: number): { readonly end: number; readonly isBare: boolean } | undefined {
  const [whole = '', name = '', operator = ''] = at(VERSION, text, position) ?? [];
  const isNamed = VERSION_NAME.test(name) && (operator.trim() !== '' || /^v/i.test(name)) && !/^[pt]$/i.test(name);
  const start = position + (isNamed ? whole.length : 0);
  const word = at(VERSION_WORD, text, start)?.[0];
  if (word === undefined || !isVersion(word, isNamed ? 2 : 1)) return undefined;
  const end = start + word.length;
  // `dmarc@example.com` is an address, and `dmarc=` the name of a tag.
  const behind = text.slice(end, end + 80);
  if (/^[\w+.%-]{0,64}\s?@/.test(behind) || (!isNamed && /^\s{0,9}=/.test(behind))) return undefined;
  return { end, isBare: !isNamed };
}

function isVersion(word: string, slips: number): boolean {
  const letters = word.toLowerCase().replace(/[^a-z]/g, '');
  if (letters.length < 4) return false;
  const forms = [letters, letters.replace(/^v|v$/g, ''), letters.replace(/[li]$/, '')];
  return forms.some((form) => slipsBetween(form, 'dmarc') <= (form.length === 4 ? 1 : slips));
}

/** @returns the start of the tag at a position, right or mistyped; `undefined` for text that is no tag. */
function tagAt(text: string, position: number): TagStart | undefined {
  const match = at(NAME, text, position);
  if (!match) return undefined;
  const [whole, name = '', between = ''] = match;
  const operator = between.trim();
  const valueAt = position + whole.length;
  const meant = isTagName(name) ? [name] : meantTags(name);
  const [tag] = meant;
  if (operator === '=') {
    if (tag === undefined || meant.length > 1) return { tag: name, valueAt, slips: [] };
    if (tag === name) return { tag, valueAt, slips: [] };
    if (!isPlausible(text, tag, valueAt)) return { tag: name, valueAt, slips: [] };
    return { tag, valueAt, slips: [{ kind: 'tag-name', tag, found: name, meant: tag }] };
  }
  const isSpelt = tag === name.toLowerCase() || (operator.includes('=') && meant.length === 1);
  if (tag === undefined || !isSpelt || !isPlausible(text, tag, valueAt)) return undefined;
  // `:` is the operator of a scheme, and no tag has the name of one.
  const slips: DmarcSlip[] = [{ kind: 'wrong-equals', tag, found: operator }];
  if (tag !== name) slips.push({ kind: 'tag-name', tag, found: name, meant: tag });
  return { tag, valueAt, slips };
}

/** @returns whether what stands at a position can be the value of a tag. */
function isPlausible(text: string, tag: string, position: number): boolean {
  if (tag === 'p' || tag === 'sp' || tag === 'np') {
    return nearestPolicy(wordAt(text, position)) !== undefined;
  }
  if (tag === 'rua' || tag === 'ruf') return startsWithAddress(text.slice(position, position + 400));
  const pattern = PLAUSIBLE[tag];
  return pattern !== undefined && at(pattern, text, position) !== null;
}

const POLICY_WORD = /[A-Za-z\u0080-\uffff]{1,24}/y;

function wordAt(text: string, position: number): string {
  return at(POLICY_WORD, text, position)?.[0] ?? '';
}

const PLAIN_VALUE: Readonly<Record<string, RegExp>> = {
  v: /[^\s;,|]*/y,
  pct: /[^\s;,|:]*/y,
  fo: /\s?[01ds](?:\s?[:,|/ ]{1,2}\s?[01ds](?![A-Za-z0-9=]))*(?![A-Za-z0-9@])/iy,
  rf: /[^\s;,|]*/y,
};
const SIMPLE_VALUE = /[^\s;,|&+:/=.-]*/y;

/** @returns the end of a value that is one word, or of free text in a tag that DMARC does not know. */
function valueEnd(text: string, tag: string, from: number): number {
  if (!isTagName(tag)) return freeTextEnd(text, from);
  const pattern = PLAIN_VALUE[tag] ?? SIMPLE_VALUE;
  const word = at(pattern, text, from) ?? at(SIMPLE_VALUE, text, from);
  const end = from + (word?.[0].length ?? 0);
  // The next tag may be glued to the word: `p=rejectrua=…`.
  const glued = gluedTag(text.slice(from, end + 2), (before) => isWholeValue(tag, before));
  return glued === undefined ? end : from + glued;
}

function isWholeValue(tag: string, value: string): boolean {
  if (tag === 'p' || tag === 'sp' || tag === 'np') return nearestPolicy(value) !== undefined;
  return value !== '' && isPlausible(value, tag, 0);
}

/** @returns where in a value the next tag begins that is glued to it. */
function gluedTag(value: string, isWhole: (before: string) => boolean): number | undefined {
  GLUED.lastIndex = 0;
  for (let match = GLUED.exec(value); match; match = GLUED.exec(value)) {
    if (match.index > 0 && isWhole(value.slice(0, match.index))) return match.index;
    GLUED.lastIndex = match.index + 1;
  }
  return undefined;
}

/** @returns the end of free text: the next semicolon, or the start of a tag of DMARC. */
function freeTextEnd(text: string, from: number): number {
  const semicolon = text.indexOf(';', from);
  const end = semicolon < 0 ? text.length : semicolon;
  return nextTag(text, from, end) ?? end;
}

/** @returns where the next tag of DMARC begins behind a separator, before `end`. */
function nextTag(text: string, from: number, end: number): number | undefined {
  const boundary = /[\s,|&]+/g;
  boundary.lastIndex = from;
  for (let match = boundary.exec(text); match && match.index < end; match = boundary.exec(text)) {
    const position = match.index + match[0].length;
    if (position >= end) return undefined;
    const start = tagAt(text, position);
    const isKnown =
      start !== undefined && (isTagName(start.tag) || !/^[^\s;,|]*@/.test(text.slice(position, position + 320)));
    if (isKnown || (versionAt(text, position) && /^v/i.test(text.slice(position, position + 1)))) return match.index;
  }
  return undefined;
}

/** @returns the end of a list of addresses. A semicolon between two addresses does not end it. */
function addressesEnd(text: string, from: number): number {
  let end = from;
  for (;;) {
    const semicolon = text.indexOf(';', end);
    const stop = semicolon < 0 ? text.length : semicolon;
    const next = nextTag(text, end, stop);
    const piece = text.slice(end, next ?? stop);
    const glued = gluedTag(piece, (before) => /@[\w.-]{1,253}\.[a-z]{2,24}$/i.test(before.slice(-320)));
    if (glued !== undefined) return end + glued;
    if (next !== undefined) return next;
    if (semicolon < 0) return text.length;
    const rest = text.slice(semicolon + 1, semicolon + 420);
    if (tagAt(text, semicolon + 1 + (/^[\s;]*/.exec(rest)?.[0].length ?? 0)) || !startsWithAddress(rest))
      return semicolon;
    end = semicolon + 1;
  }
}
