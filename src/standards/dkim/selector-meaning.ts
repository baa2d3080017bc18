/**
 * Reads what was meant by all TXT records at a selector. There must be exactly one (RFC 6376 §3.6.2.2). Several are often
 * the parts of one, or one and a leftover, and only sometimes two keys between which the owner has to choose.
 */
import type { OctetString } from '../../network/octet-string.ts';
import type { Meaning } from '../meaning.ts';
import { assessKeyRecord } from './assess.ts';
import { coreOf, isBase64Only, KEY_LIKE, MAX_CORRECTED, meaningOfKeyRecord } from './correct.ts';
import { intendedAlias } from './intended-alias.ts';
import { looksLikeKeyRecord, parseKeyRecord } from './key-record.ts';
import { plainText, SEAM } from './plain-text.ts';
import { holdsPrivateKey } from './private-key.ts';
import { compact, trimmed } from './segments.ts';
import type { DkimSlip } from './slips.ts';

export type SelectorMeaning =
  | Meaning<DkimSlip>
  /** The text is the name to which a CNAME record should point. */
  | { readonly kind: 'alias'; readonly target: string }
  /** There are several keys, or a key and its revocation. The owner has to choose. */
  | { readonly kind: 'several'; readonly texts: readonly OctetString[] };

/** Number of characters below which base64 is not called a part of a key, unless it is one. */
const SHORTEST_PART = 20;

/** Most parts that are joined. Their orders are tried one by one. */
const MAX_PARTS = 4;

/**
 * Reads all texts at a selector. The order of the answer decides nothing. Never throws.
 *
 * @param published the joined strings of each TXT record, at least one.
 * @returns what was meant. `text` of a corrected meaning is one of the published texts if that one is right as it is.
 */
export function meaningOfSelector(published: readonly OctetString[]): SelectorMeaning {
  const texts = [...new Set(published)].sort();
  const [only = ''] = texts;
  if (texts.length > 1) return meaningOfSeveral(texts);
  const target = intendedAlias(only);
  if (target !== undefined) return { kind: 'alias', target };
  const meaning = meaningOfKeyRecord(only);
  // Equal TXT records are one in the DNS, but some servers give both.
  if (published.length > 1 && meaning.kind === 'right') return corrected(only, ['repeated-record'], []);
  return meaning;
}

interface Read {
  readonly text: OctetString;
  readonly meaning: Meaning<DkimSlip>;
  /** The valid record: the text itself or the corrected one. */
  readonly record: string | null;
  /** The value of `p=` of this record without whitespace. */
  readonly key: string | null;
}

function meaningOfSeveral(texts: readonly OctetString[]): SelectorMeaning {
  // The private key has its own finding. Which public key may stay depends on it.
  if (texts.some(holdsPrivateKey)) return { kind: 'unclear', slips: [], unread: [] };
  const reads = texts.map(read);
  const whole = reads.filter(({ record }) => record !== null);
  const keys = new Set(whole.map(({ key }) => key));
  // Parts that are no leftover of a published key may be another key.
  const parts = reads.filter(({ text, record }) => record === null && isPartOfKey(text) && !isInside(text, keys));
  const joined = joinedParts(parts.map(({ text }) => text));
  if (keys.size > 1 || (keys.size === 1 && joined)) return { kind: 'several', texts };
  if (joined) {
    const others = reads.filter((one) => !parts.includes(one));
    const slips: DkimSlip[] = ['in-parts', ...joined.slips, ...(others.length > 0 ? (['other-beside'] as const) : [])];
    return corrected(joined.text, slips, [...joined.leftOut, ...others.map(({ text }) => text)]);
  }
  const [best] = whole.sort((a, b) => rank(a) - rank(b) || (a.text < b.text ? -1 : 1));
  if (!best?.record) return withoutKey(reads);
  const others = reads.filter((one) => one !== best);
  const [tags, ...more] = others;
  if (tags && more.length === 0) {
    const text = withTagsOf(tags, best.record, best.key);
    if (text !== undefined) return corrected(text, ['in-parts', ...slipsOf(best)], leftOutOf(best));
  }
  const slips = [...new Set([...slipsOf(best), ...others.map((other) => slipBeside(other, keys))])];
  return corrected(best.record, slips, [...leftOutOf(best), ...others.map(({ text }) => text)]);
}

function read(text: OctetString): Read {
  const meaning = meaningOfKeyRecord(text);
  const record = meaning.kind === 'right' ? text : meaning.kind === 'corrected' ? meaning.text : null;
  const reading = record === null ? null : parseKeyRecord(record);
  return { text, meaning, record, key: reading?.kind === 'record' ? reading.record.publicKey : null };
}

/** @returns the rank of a record among those of one key: a right one without problems comes first. */
function rank({ text, meaning }: Read): number {
  if (meaning.kind !== 'right') return 100;
  return assessKeyRecord([text]).problems.length;
}

/** @returns the meaning of several texts of which none is a whole record. */
function withoutKey(reads: readonly Read[]): SelectorMeaning {
  const meant = reads.filter(({ meaning }) => meaning.kind !== 'unrelated');
  if (meant.length === 0) return { kind: 'unrelated' };
  const slips = [...new Set(meant.flatMap((one) => slipsOf(one)))];
  return { kind: 'unclear', slips, unread: reads.map(({ text }) => text) };
}

function slipsOf({ meaning }: Read): readonly DkimSlip[] {
  return meaning.kind === 'corrected' || meaning.kind === 'unclear' ? meaning.slips : [];
}

function leftOutOf({ meaning }: Read): readonly string[] {
  return meaning.kind === 'corrected' ? meaning.leftOut : [];
}

function slipBeside({ text, key, meaning }: Read, keys: ReadonlySet<string | null>): DkimSlip {
  if (key !== null) return meaning.kind === 'right' ? 'repeated-record' : 'damaged-beside';
  // A word consists of letters of base64, too.
  if (isInside(text, keys) || (isBase64Only(text) && text.length >= SHORTEST_PART)) return 'part-beside';
  return meaning.kind === 'unclear' ? 'damaged-beside' : 'other-beside';
}

/** Tells whether a text may be a part of a key record: base64, or a record whose key is cut off. */
function isPartOfKey(text: string): boolean {
  return isBase64Only(text) || meaningOfKeyRecord(text).kind === 'unclear';
}

/** Tells whether the text consists of a part of a published key. */
function isInside(text: string, keys: ReadonlySet<string | null>): boolean {
  const part = compact(text)
    .replace(/^.*?(?:^|[;"])p=/, '')
    .replace(/[^A-Za-z0-9+/=]+$/, '');
  return part.length >= 4 && [...keys].some((key) => key?.includes(part));
}

/** @returns the record that the parts make in one of their orders. A whole key shows the right order. */
function joinedParts(parts: readonly string[]): Extract<Meaning<DkimSlip>, { kind: 'corrected' }> | undefined {
  if (parts.length < 2 || parts.length > MAX_PARTS) return undefined;
  if (parts.reduce((sum, { length }) => sum + length, 0) > MAX_CORRECTED) return undefined;
  const results = new Map<string, Extract<Meaning<DkimSlip>, { kind: 'corrected' }>>();
  const isHead = (part: string): boolean => looksLikeKeyRecord(part);
  // Parts that begin with tags of their own need a separator.
  const separator = parts.filter(isHead).length > 1 ? ';' : '';
  for (const order of ordersOf(parts)) {
    // A record begins with its tags, or with the key if no part has tags.
    if (!isHead(order[0] ?? '') && parts.some(isHead)) continue;
    const whole =
      asCorrected(order.join('')) ??
      (separator === '' ? undefined : asCorrected(order.join(separator))) ??
      // Each part may have quotation marks, parentheses and comments of its own.
      asCorrected([plainOf(order[0] ?? ''), ...order.slice(1).map(coreOf)].join(''));
    if (whole) results.set(whole.text, whole);
  }
  const [only, ...others] = results.values();
  // No part may be lost on the way.
  return others.length === 0 && only?.leftOut.every((text) => !KEY_LIKE.test(text)) ? only : undefined;
}

/** @returns the first part without what belongs to a zone file, and without a semicolon behind it. */
function plainOf(part: string): string {
  const plain = trimmed(plainText(part).text).replaceAll(SEAM, ' ');
  return plain.endsWith(';') && KEY_LIKE.test(plain) ? plain.replace(/;{1,9}$/, '') : plain;
}

function asCorrected(text: string): Extract<Meaning<DkimSlip>, { kind: 'corrected' }> | undefined {
  const meaning = meaningOfKeyRecord(text);
  if (meaning.kind === 'right') return { kind: 'corrected', text, slips: ['in-parts'], leftOut: [] };
  return meaning.kind === 'corrected' ? meaning : undefined;
}

/**
 * Puts the tags that stand in a TXT record of their own before the key.
 *
 * @returns the record with these tags, or `undefined` when the text is something else than tags without a key.
 */
function withTagsOf(tags: Read, record: string, key: string | null): string | undefined {
  if (tags.meaning.kind !== 'unclear' || KEY_LIKE.test(tags.text) || tags.text.includes('p=')) return undefined;
  const whole = asCorrected(`${tags.text};${record}`);
  if (!whole || whole.leftOut.length > 0) return undefined;
  const reading = parseKeyRecord(whole.text);
  return reading.kind === 'record' && reading.record.publicKey === key ? whole.text : undefined;
}

function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, index) =>
    ordersOf(items.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
  );
}

function corrected(text: string, slips: readonly DkimSlip[], leftOut: readonly string[]): SelectorMeaning {
  const [first = 'other-beside', ...rest] = [...new Set(slips)];
  return { kind: 'corrected', text, slips: [first, ...rest], leftOut };
}
