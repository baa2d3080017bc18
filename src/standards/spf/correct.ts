/**
 * Reads what the owner of a name meant by its TXT records as SPF: which of them are SPF or parts of it, and which one
 * record was meant by all of them together. Receivers read one record, exactly as it is written (RFC 7208 §4.5, §4.6).
 */
import { lettersOf, type OctetString } from '../../network/octet-string.ts';
import type { Meaning } from '../meaning.ts';
import { type Arranged, arrange } from './arrange.ts';
import { asTyped } from './characters.ts';
import { type Body, readBody } from './correct-body.ts';
import { joinStrings } from './correct-strings.ts';
import { validTerm } from './correct-term.ts';
import { readVersion, type VersionReading } from './correct-version.ts';
import { isSpfRecord, parseRecord } from './parse.ts';
import type { SpfSlip } from './slip.ts';

/** Longest record in octets that is corrected. People do not type longer ones. */
const MAX_CORRECTED_OCTETS = 4096;

/** What the TXT records of a name mean as SPF. */
export interface SpfReading {
  /** The records that are SPF, or parts of it, by their place in the list of TXT records. */
  readonly sources: readonly number[];
  readonly meaning: Meaning<SpfSlip>;
}

/** One TXT record that is SPF or meant as SPF. */
interface Source {
  readonly index: number;
  readonly letters: string;
  /** Whether receivers recognise it. */
  readonly isSpf: boolean;
  /** Whether the record has a version, as published or misspelt. */
  readonly hasVersion: boolean;
  readonly isTooLong: boolean;
  readonly slips: readonly SpfSlip[];
  readonly body: Body;
}

/**
 * Reads all TXT records of a name, each as its character strings. Never throws.
 *
 * @returns the records that are SPF or meant as SPF, and the one record that they mean. `unrelated` without any.
 */
export function readMeaning(records: readonly (readonly OctetString[])[]): SpfReading {
  const read = records.flatMap((strings, index) => readSource(strings, index) ?? []);
  const cut = cutTerm(records, read);
  const sources = cut ? [cut.source] : belonging(read);
  const places = cut ? cut.places : sources.map(({ index }) => index);
  if (sources.length === 0) return { sources: [], meaning: { kind: 'unrelated' } };
  const unread = sources.flatMap(({ body }) => body.unread);
  const hasVersion = sources.some((source) => source.hasVersion);
  const slips = sources
    .flatMap((source) => [...source.slips, ...source.body.slips])
    .filter(({ kind }) => kind !== 'version-missing' || !hasVersion);
  const [first] = sources;
  if (first && !cut && sources.length === 1 && first.isSpf && isRightAsPublished(records[first.index] ?? [], first)) {
    return { sources: places, meaning: { kind: 'right' } };
  }
  if (unread.length > 0 || sources.some(({ isTooLong }) => isTooLong)) {
    return { sources: places, meaning: { kind: 'unclear', slips, unread } };
  }
  const arranged = arrange(sources.map(({ body }) => body.terms));
  return { sources: places, meaning: corrected(sources, slips, arranged) };
}

/**
 * Finds a record that was cut within a term: the rest of the term and what follows stand in another TXT record.
 *
 * @returns both as one source, and their places.
 */
function cutTerm(
  records: readonly (readonly OctetString[])[],
  read: readonly Source[],
): { readonly source: Source; readonly places: readonly number[] } | null {
  const [spf, second] = read.filter(({ isSpf }) => isSpf);
  if (!spf || second || spf.isTooLong || hasEnding(spf) || spf.letters.endsWith(' ')) return null;
  const known = new Set(read.map(({ index }) => index));
  const last = spf.letters.slice(spf.letters.lastIndexOf(' ') + 1);
  const found = records.flatMap((strings, index) => {
    const text = strings.join('');
    const [, fragment = '', rest = ''] = /^(\S{1,255})(?: +(.*))?$/s.exec(text) ?? [];
    const others = readBody(rest);
    if (known.has(index) || fragment === '' || others.unread.length > 0 || !others.terms.some(isTelling)) return [];
    const source = readSource([spf.letters + text], spf.index);
    if (!source?.isSpf || source.isTooLong || source.body.unread.length > 0) return [];
    const slip: SpfSlip = { kind: 'split-term', saw: `${last}" and "${fragment}`, meant: last + fragment };
    return [{ source: { ...source, slips: [...source.slips, slip] }, places: [spf.index, index] }];
  });
  return found.length === 1 ? (found[0] ?? null) : null;
}

function corrected(sources: readonly Source[], slips: readonly SpfSlip[], arranged: Arranged): Meaning<SpfSlip> {
  const text = ['v=spf1', ...arranged.terms].join(' ');
  const tokens = sources.flatMap(({ body }) => body.tokens);
  const all = [
    ...joining(sources),
    ...slips,
    ...arranged.slips,
    ...tokens.map((token): SpfSlip => ({ kind: 'service-token', saw: token, meant: '' })),
  ];
  const [slip, ...others] = all;
  if (slip === undefined) return { kind: 'right' };
  // A name of letters beyond ASCII may have become no name at all.
  if (!/^[\x20-\x7e]*$/.test(text) || parseRecord(text).problems.length > 0) {
    return { kind: 'unclear', slips: all, unread: [] };
  }
  return { kind: 'corrected', text, slips: [slip, ...others], leftOut: [...tokens, ...arranged.leftOut] };
}

/** @returns the slips of a name whose record is in several TXT records. */
function joining(sources: readonly Source[]): SpfSlip[] {
  const records = sources.filter(({ hasVersion }) => hasVersion);
  const continued =
    sources.length > records.length && records.length > 0 ? sources.filter(({ hasVersion }) => !hasVersion) : [];
  return [
    ...(records.length > 1 ? [{ kind: 'merged' as const, saw: `the ${records.length} SPF records`, meant: '' }] : []),
    ...continued.map(({ letters }) => ({ kind: 'continued' as const, saw: letters, meant: '' })),
  ];
}

/** @returns the records that belong together, those with a version first. */
function belonging(read: readonly Source[]): Source[] {
  const spf = read.filter(({ isSpf }) => isSpf);
  const others = read.filter(({ isSpf }) => !isSpf);
  const isSenderId = ({ slips }: Source) => slips.some(({ kind }) => kind === 'sender-id');
  if (spf.length === 0) {
    const versioned = others.filter(({ hasVersion }) => hasVersion);
    const plain = versioned.some((source) => !isSenderId(source))
      ? versioned.filter((source) => !isSenderId(source))
      : versioned;
    const alone = others.filter(({ hasVersion, body }) => !hasVersion && (plain.length > 0 || isWholeRecord(body)));
    return [...plain, ...alone];
  }
  const known = new Set(spf.flatMap(({ body }) => body.terms.map((term) => term.toLowerCase())));
  const adds = ({ body }: Source) => body.terms.some((term) => !isEnding(term) && !known.has(term.toLowerCase()));
  const beside = others.filter((source) => !isSenderId(source) && source.body.unread.length === 0);
  const joined = beside.filter((source) => adds(source) || (!source.hasVersion && !spf.some(hasEnding)));
  return [...spf, ...joined.filter(({ hasVersion }) => hasVersion), ...joined.filter(({ hasVersion }) => !hasVersion)];
}

function hasEnding({ body }: Source): boolean {
  return body.terms.some((term) => isEnding(term) || /^redirect=/i.test(term));
}

function isEnding(term: string): boolean {
  return /^[-~?+]?all$/i.test(term);
}

/** Tells whether terms without a version are a record all the same: two or more of them, with an ending. */
function isWholeRecord({ terms }: Body): boolean {
  return terms.length > 1 && /^(?:[-~?]all|redirect=.*)$/i.test(terms.at(-1) ?? '');
}

function isRightAsPublished(strings: readonly OctetString[], { slips, body }: Source): boolean {
  const text = strings.join('');
  if (parseRecord(text).problems.length > 0 || text.length > MAX_CORRECTED_OCTETS)
    return text.length > MAX_CORRECTED_OCTETS;
  if (slips.length > 0 || body.slips.length > 0 || body.tokens.length > 0) return false;
  return arrange([body.terms]).slips.length === 0;
}

function readSource(strings: readonly OctetString[], index: number): Source | null {
  const text = strings.join('');
  const isSpf = isSpfRecord(text);
  if (text.length > MAX_CORRECTED_OCTETS) return isSpf ? tooLong(text, index) : null;
  if (!isSpf && !/[a-z0-9]/i.test(text)) return null;
  const slips: SpfSlip[] = [];
  const letters = lettersOf(text);
  const typed = asTyped(withoutEntities(lettersOf(joinStrings(strings, slips)), slips), slips);
  const bare = withoutQuotes(typed, slips);
  const version = readVersion(bare);
  const body = readBody(version?.rest ?? bare);
  const common = { index, letters, isSpf, isTooLong: false, body };
  if (version === null) {
    if (isTermsOnly(body)) return { ...common, hasVersion: false, slips: [...slips, ...withoutVersion(bare)] };
    return looksLikeRecord(bare, body) ? { ...common, ...unreadVersion(bare, body), slips } : null;
  }
  if (!isSpf && !isMeant(body, version.certainty)) return null;
  return { ...common, hasVersion: true, slips: [...slips, ...version.slips] };
}

/** Tells whether a text begins with something like the version and has a sender and an ending, so that it is no prose. */
function looksLikeRecord(text: string, { terms }: Body): boolean {
  const [first = ''] = text.trim().split(' ');
  // Another number is another version (RFC 7208 §4.5).
  if (/spf(?!1(?!\d))\d/i.test(first)) return false;
  return /s[pf]{2}|p[sf]{2}|f[sp]{2}/i.test(first) && terms.some(isTelling) && terms.some(isEnding);
}

/** @returns a source whose version cannot be read. Nothing is proposed for it. */
function unreadVersion(text: string, body: Body): Pick<Source, 'hasVersion' | 'body'> {
  const [first = ''] = text.trim().split(' ');
  return { hasVersion: true, body: { ...body, unread: [first, ...body.unread.filter((piece) => piece !== first)] } };
}

function withoutVersion(text: string): SpfSlip[] {
  const [first = ''] = text.trim().split(' ');
  return [{ kind: 'version-missing', saw: first, meant: `v=spf1 ${first}` }];
}

function tooLong(text: OctetString, index: number): Source {
  const body = { terms: [], slips: [], tokens: [], unread: [] };
  return { index, letters: text, isSpf: true, hasVersion: true, isTooLong: true, slips: [], body };
}

/** Tells whether text after a version that receivers do not recognise is a record. Prose has words that are no terms. */
function isMeant({ terms, unread, tokens }: Body, certainty: VersionReading['certainty']): boolean {
  if (certainty === 'guess' && unread.length === 0) return terms.some(isKnown);
  // A sender and an ending are a record, whatever stands between or behind them.
  if (certainty === 'guess' && !(terms.some(isTelling) && terms.some(isEnding))) return false;
  const words = unread.filter((piece) => /^[a-z'"().,!?]+$/i.test(piece)).length;
  return words === 0 || (words < 3 && words <= terms.length + tokens.length);
}

/** Tells whether text without version is a part of a record: terms of SPF that no other text has, and nothing else. */
function isTermsOnly({ terms, unread, tokens, slips }: Body): boolean {
  return (
    unread.length === 0 &&
    tokens.length === 0 &&
    terms.length > 0 &&
    terms.some(isTelling) &&
    slips.length <= terms.length &&
    terms.every(isKnown)
  );
}

function isKnown(term: string): boolean {
  return validTerm(term)?.kind !== 'unknown-modifier';
}

/** Tells whether a term has more than a word that occurs in prose. */
function isTelling(term: string): boolean {
  return (
    isKnown(term) && /^(?:[-~?+]?(?:(?:ip[46]|include|exists|a|mx|ptr):|(?:a|mx)\/)|redirect=|exp=|[-~?+])/i.test(term)
  );
}

/** The characters that the source of a web page, or a URL, writes in another form. A record has no `%` before a digit. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&quot;': '"',
  '&#34;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
  '&amp;': '&',
  '%20': ' ',
  '%22': '"',
  '%2d': '-',
  '%2f': '/',
  '%3a': ':',
  '%3d': '=',
  '%7e': '~',
};

/** Writes the characters that a web page or a URL has in another form. */
function withoutEntities(letters: string, slips: SpfSlip[]): string {
  const text = letters.replace(
    /&(?:quot|#34|#39|nbsp|amp);|(?<!%)%(?:2[02df]|3[ad]|7e)/gi,
    (found) => ENTITIES[found.toLowerCase()] ?? found,
  );
  if (text !== letters) slips.push({ kind: 'html-entity', saw: shortened(letters), meant: shortened(text) });
  return text;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Takes quotation marks out. Two strings of a zone file between them are joined as such. */
function withoutQuotes(text: string, slips: SpfSlip[]): string {
  if (!/["'\\]/.test(text)) return text;
  const saw = shortened(text);
  const commented = /^([^"]*"[^"]+"(?: ?"[^"]*")* ?\)?) ?;[^"]*$/.exec(text);
  const unescaped = (commented?.[1] ?? text).replace(/\\032/g, ' ').replace(/\\034/g, '"');
  const bare = unescaped.replace(/^([^"()]*)\( ?([^()]*)\) ?$/, '$1$2');
  const strings = bare.replace(/\\(?=["';\\ ])/g, '').split(/" *"/);
  const joined = joinStrings(strings, slips).replace(/["']/g, '');
  const isKnown = slips.some(({ kind }) => kind === 'typographic-quote');
  if (joined !== text && !isKnown) slips.push({ kind: 'quote', saw, meant: joined.slice(0, 60) });
  return joined;
}
