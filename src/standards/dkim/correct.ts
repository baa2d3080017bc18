/**
 * Reads what was meant by a key record that a web form, a mail client or a careless paste has damaged.
 *
 * The text is read by tokens: what belongs to a zone file or a document is taken out, the rest is split into tags, and
 * each tag is read as what it is nearest to. The result is given only if its key is whole, so that no reading can give
 * another key than the one that was meant.
 */
import type { OctetString } from '../../network/octet-string.ts';
import type { Meaning } from '../meaning.ts';
import { looksLikeKeyRecord, parseKeyRecord } from './key-record.ts';
import { plainText } from './plain-text.ts';
import { holdsPrivateKey } from './private-key.ts';
import { readPublicKey } from './public-key.ts';
import { compact, type Segment, segmentsOf, trimmed } from './segments.ts';
import type { DkimSlip } from './slips.ts';
import { type WholeKey, wholeKey } from './whole-key.ts';

/** Longest text that is corrected, in octets. The record of a key of 16384 bits has about 2800. */
export const MAX_CORRECTED = 4096;

/**
 * Reads one text (RFC 6376 §3.6.1). Never throws, and takes time linear in the length of the text.
 *
 * @param published the joined strings of one TXT record.
 * @returns what was meant by it. A corrected text is a valid record with a whole key.
 */
export function meaningOfKeyRecord(published: OctetString): Meaning<DkimSlip> {
  // A private key is never repeated, not even a part of it.
  if (holdsPrivateKey(published)) return { kind: 'unclear', slips: [], unread: [] };
  if (isSound(published)) return { kind: 'right' };
  if (published.length > MAX_CORRECTED) return { kind: 'unclear', slips: [], unread: [] };
  if (!isAboutKeys(published)) return { kind: 'unrelated' };
  return new Reading(published).meaning();
}

/** @returns whether the text is a valid record, with a key that can be decoded or a revoked key. */
export function isSound(text: string): boolean {
  const reading = parseKeyRecord(text);
  if (reading.kind !== 'record') return false;
  const { publicKey, keyType } = reading.record;
  if (publicKey === '') return true;
  return (keyType === 'rsa' || keyType === 'ed25519') && readPublicKey(publicKey, keyType).kind === 'key';
}

/** The records of other standards, some of which have a tag `p=` too. */
const OTHER_STANDARD = /^[\s"']*v\s*=\s*(?:spf|DMARC|TLSRPT|STSv|BIMI)/i;

/** @returns whether the text consists of nothing but base64, as a part of a key does. */
export function isBase64Only(text: string): boolean {
  const core = coreOf(text);
  return /^[A-Za-z0-9+/]+={0,2}$/.test(core) || (core.length >= 40 && /^[A-Za-z0-9_-]+={0,2}$/.test(core));
}

/** @returns the text without whitespace, and without what belongs to a zone file. */
export function coreOf(text: string): string {
  if (text.length > MAX_CORRECTED) return text;
  const plain = trimmed(plainText(text).text.replace(/^[\w.*@\s\x01-]{0,300}\bTXT\b/i, ''));
  return compact(plain).replace(/;+$/, '');
}

function isAboutKeys(text: string): boolean {
  if (OTHER_STANDARD.test(text)) return false;
  return (
    looksLikeKeyRecord(text) || /d\W?k\W?i\W?m\W?1/i.test(text) || /MI[GIH][A-Za-z0-9+/]{20}/.test(text) || isPart(text)
  );
}

/** Tells whether the text may be a part of a key. Tokens of services are shorter, or contain other characters. */
function isPart(text: string): boolean {
  return text.length >= 60 && isBase64Only(text);
}

/** The tag lists whose values are words. Whitespace in them means nothing. */
const WORD_LISTS: ReadonlySet<string> = new Set(['h', 's', 't']);

/** The words of a zone file before the data of a TXT record: owner, TTL, class and type. */
const ZONE_WORDS = /^[\w.*@\s\x01-]*$/;

/** A run of base64 that is long enough to be a part of a key. */
export const KEY_LIKE = /[A-Za-z0-9+/_-]{40}/;

/** Number of characters below which no value can be a key or a part of one. A key of 512 bits has 128. */
const SHORTEST_KEY = 16;

/** Collects what one text says: its tags, its key, its slips. */
class Reading {
  readonly #published: string;
  readonly #slips: Set<DkimSlip>;
  readonly #leftOut: string[];
  readonly #unread: string[] = [];
  /** The tags besides `v=`, `k=` and `p=`, in their order. */
  readonly #others = new Map<string, string>();
  /** The names of all tags in the order of their first occurrence. */
  readonly #order: string[] = [];
  readonly #keyTypes: string[] = [];
  readonly #keys: string[] = [];
  /** Text that is no tag and may be a part of the key. */
  readonly #loose: string[] = [];

  constructor(published: string) {
    const { text, slips, comments } = plainText(published);
    this.#published = published;
    this.#slips = new Set(slips);
    this.#leftOut = [...comments];
    if (/\r(?!\n[ \t])|(?<!\r)\n/.test(text)) this.#slips.add('line-breaks');
    const segments = segmentsOf(text);
    segments.forEach((segment, index) => {
      this.#take(segment, segments[index + 1], index === 0);
    });
  }

  meaning(): Meaning<DkimSlip> {
    const key = this.#key();
    if (key === undefined || this.#unread.length > 0) return this.#unclear();
    const text = this.#recordOf(key);
    if (!isSound(text)) return this.#unclear();
    const [first = 'stray-text', ...rest] = simplified(this.#slips);
    return { kind: 'corrected', text, slips: [first, ...rest], leftOut: this.#leftOut };
  }

  #take(segment: Segment, next: Segment | undefined, isFirst: boolean): void {
    const { name, value, isGlued } = segment;
    if (name === '') {
      this.#takeText(value, isFirst);
      return;
    }
    const known = name.replace(/:$/, '').toLowerCase();
    // `p=v=DKIM1; …`, `p=p=…`: the value begins with a tag, or with the words of a zone file before one.
    if ((value === '' || isStartOfLine(value)) && next?.isGlued && /^[vp]/i.test(next.name)) {
      this.#slips.add('record-inside-p');
      return;
    }
    if (isGlued && !this.#slips.has('record-inside-p')) this.#slips.add('missing-semicolon');
    if (name.endsWith(':')) this.#slips.add('equals-sign');
    if (known.length === 1 && 'vkphstng'.includes(known)) {
      if (!name.startsWith(known)) this.#slips.add('tag-name');
      this.#takeTag(known, value);
    } else this.#takeOther(name, value);
  }

  #takeTag(name: string, value: string): void {
    if (name === 'v') this.#takeVersion(value);
    else if (name === 'k') {
      this.#seen('k');
      this.#keyTypes.push(compact(value));
    } else if (name === 'p') {
      this.#seen('p');
      if (this.#keys.includes(value)) this.#slips.add('repeated-tag');
      else this.#keys.push(value);
    } else this.#keep(name, WORD_LISTS.has(name) ? compact(value) : value);
  }

  #takeVersion(value: string): void {
    if (this.#order.includes('v')) this.#slips.add('repeated-tag');
    else if (this.#order.length > 0) this.#slips.add('tag-order');
    if (!isNearVersion(value)) {
      this.#unread.push(`v=${value}`);
      return;
    }
    if (value !== 'DKIM1') this.#slips.add('version');
    this.#seen('v');
  }

  /** Takes a tag that RFC 6376 does not define. It may be a misspelt one, which its value shows. */
  #takeOther(name: string, value: string): void {
    if (/^d\W?k\W?i\W?m\W?1$/i.test(value)) {
      this.#slips.add('tag-name');
      this.#takeVersion('DKIM1');
    } else if (wholeKey(value, false)) {
      this.#slips.add('tag-name');
      this.#takeTag('p', value);
    } else this.#keep(name, value);
  }

  #keep(name: string, value: string): void {
    const readable = value.replace(/[\s\x01]+/g, ' ');
    const before = this.#others.get(name);
    if (before === readable) this.#slips.add('repeated-tag');
    else if (before !== undefined) this.#unread.push(`${name}=${readable}`);
    else if (/^[\x20-\x3a\x3c-\x7e]*$/.test(readable)) {
      this.#seen(name);
      this.#others.set(name, readable);
    } else if ('hstg'.includes(name)) this.#unread.push(`${name}=${readable}`);
    else this.#leaveOut(`${name}=${readable}`);
  }

  /** Takes text that is no tag. */
  #takeText(text: string, isFirst: boolean): void {
    const bare = text.replace(/^=+/, '');
    if (text === '') this.#slips.add('empty-tag');
    else if (isNearVersion(bare) && !this.#order.includes('v')) {
      this.#slips.add('tag-name');
      this.#takeVersion('DKIM1');
    } else if (/^(?:rsa|ed25519)$/i.test(bare) && this.#keyTypes.length === 0) {
      this.#slips.add('tag-name');
      this.#takeTag('k', bare.toLowerCase());
    } else if (isFirst && isStartOfLine(text)) {
      this.#slips.add('zone-file-line');
    } else if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(compact(text))) this.#loose.push(text);
    else this.#leaveOut(text);
  }

  #leaveOut(text: string): void {
    this.#leftOut.push(text.replaceAll('\x01', ' ').trim());
    this.#slips.add(/^-{2,}|\s-{3,}/.test(text) ? 'comment' : 'stray-text');
  }

  #seen(name: string): void {
    if (!this.#order.includes(name)) this.#order.push(name);
  }

  /** @returns the key, or the empty one of a revoked record. */
  #key(): { readonly type: WholeKey['type'] | null; readonly base64: string } | undefined {
    const isEd25519 = this.#keyTypes.some((type) => /^ed|25519/i.test(type));
    const filled = this.#keys.filter((value) => value !== '');
    // Where something like a key stands, an empty p= need not mean that the key is revoked.
    if (filled.length === 0 && this.#keys.length > 0 && !KEY_LIKE.test(this.#published)) {
      return { type: null, base64: '' };
    }
    // An empty p= revokes the key. Beside a key it contradicts it.
    if (filled.length !== this.#keys.length) return undefined;
    const whole = filled.map((value) => wholeKey(value, isEd25519));
    const found = whole.find((key) => key !== undefined);
    if (found) {
      if (whole.some((key) => key?.base64 !== found.base64)) return undefined;
      if (filled.length > 1) this.#slips.add('repeated-tag');
      for (const text of this.#loose) this.#leaveOut(text);
      return this.#accept(found);
    }
    const joined = wholeKey([...filled, ...this.#loose].join('\x01'), isEd25519);
    if (!joined) return undefined;
    if (filled.length === 0) {
      this.#slips.add('bare-key');
      for (const name of ['v', 'k']) this.#seen(name);
    } else this.#slips.add(filled.length > 1 ? 'repeated-tag' : 'empty-tag');
    this.#seen('p');
    return this.#accept(joined);
  }

  #accept({ type, base64, slips, rest }: WholeKey): { readonly type: WholeKey['type']; readonly base64: string } {
    for (const slip of slips) this.#slips.add(slip);
    const tag = /^([vkhstn])=([\s\S]*)$/.exec(rest);
    if (tag) {
      this.#slips.add('missing-semicolon');
      this.#takeTag(tag[1] ?? '', tag[2] ?? '');
    } else if (/^[\W_]+$/.test(rest)) this.#slips.add('stray-text');
    else if (rest !== '') this.#leaveOut(rest);
    return { type, base64 };
  }

  #recordOf({ type, base64 }: { readonly type: WholeKey['type'] | null; readonly base64: string }): string {
    const keyType = type ?? (this.#keyTypes[0] === 'ed25519' ? 'ed25519' : 'rsa');
    if (this.#keyTypes.some((given) => given !== keyType)) this.#slips.add('key-type');
    else if (this.#keyTypes.length > 1) this.#slips.add('repeated-tag');
    if (keyType === 'ed25519') this.#seen('k');
    const names = [...new Set(['v', ...this.#order])].filter((name) => this.#order.includes(name));
    // `k=` stands before the key, where people look for it.
    const ordered = this.#keyTypes.length > 0 ? names : withKeyTypeFirst(names);
    const values: Readonly<Record<string, string>> = { v: 'DKIM1', k: keyType, p: base64 };
    return ordered.map((name) => `${name}=${values[name] ?? this.#others.get(name) ?? ''}`).join('; ');
  }

  #unclear(): Meaning<DkimSlip> {
    const value = trimmed([...this.#keys, ...this.#loose].join('\x01'));
    // What is wrong with a value that is no key at all tells nothing about the record.
    const slips = compact(value).length < SHORTEST_KEY ? [] : simplified(this.#slips);
    if (isPlaceholder(value.replaceAll('\x01', ''))) slips.push('placeholder');
    else if (isTruncated(this.#published, compact(value))) slips.push('truncated');
    return { kind: 'unclear', slips, unread: this.#unread };
  }
}

/** Tells whether the text is the start of a line of a zone file. */
function isStartOfLine(text: string): boolean {
  return ZONE_WORDS.test(text) && /(?:^|[\s\x01])(?:IN|TXT)(?:$|[\s\x01])|_domainkey/i.test(text);
}

function withKeyTypeFirst(names: readonly string[]): string[] {
  if (!names.includes('k')) return [...names];
  return names.filter((name) => name !== 'k').flatMap((name) => (name === 'p' ? ['k', 'p'] : [name]));
}

/** A whole line of a zone file has quotation marks, parentheses and line breaks of its own. */
const PARTS_OF_LINE: readonly DkimSlip[] = ['quotes', 'parentheses', 'comment', 'line-breaks', 'empty-tag'];
/** A record inside a record has its tags once more. */
const PARTS_OF_INNER_RECORD: readonly DkimSlip[] = ['repeated-tag', 'tag-order', 'missing-semicolon'];

/** @returns the slips without those that follow from another. */
function simplified(slips: ReadonlySet<DkimSlip>): DkimSlip[] {
  const implied = new Set<DkimSlip>([
    ...(slips.has('zone-file-line') ? PARTS_OF_LINE : []),
    ...(slips.has('record-inside-p') ? PARTS_OF_INNER_RECORD : []),
  ]);
  return [...slips].filter((slip) => !implied.has(slip));
}

/** Tells whether the value was meant as `DKIM1`. A number other than 1 may be a version of the future. */
function isNearVersion(value: string): boolean {
  const word = value.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  if (/^dkim(?:1?0?|l|i|v1)$/.test(word)) return true;
  return !/[02-9]/.test(word) && isOneEditAway(word, 'dkim1');
}

/** @returns whether one letter more, less, changed or swapped with its neighbour makes one word of the other. */
function isOneEditAway(word: string, target: string): boolean {
  let same = 0;
  while (same < word.length && word[same] === target[same]) same++;
  const rest = word.slice(same);
  const wanted = target.slice(same);
  return (
    rest.slice(1) === wanted ||
    rest === wanted.slice(1) ||
    rest.slice(1) === wanted.slice(1) ||
    (rest.length > 1 && rest.charAt(1) + rest.charAt(0) + rest.slice(2) === wanted)
  );
}

const PLACEHOLDER =
  /^(?:[<[{(].*[>\]})]|\.{2,}|x{3,}|.*(?:your|public|insert|paste|replace|example|placeholder|todo|changeme)[^a-z0-9+/]?.*)$/i;

function isPlaceholder(key: string): boolean {
  // Placeholders are shorter than keys. The limit is necessary because the base64 of a key may spell a word by chance.
  return key.length <= 80 && (PLACEHOLDER.test(key) || /\.{3}|\xe2\x80\xa6/.test(key));
}

function isTruncated(published: string, key: string): boolean {
  // A truncated key may have any length, so only its whole groups of four characters are decoded.
  const reading = readPublicKey(key.slice(0, key.length - (key.length % 4)), 'rsa');
  if (reading.kind === 'fault' && reading.fault === 'truncated') return true;
  return published.length === 255 && key !== '';
}
