/**
 * Reads what the owner of a TXT record at a `_dmarc` name meant by it. Rules, plans and lists of records all use this
 * reading, so that they offer the same record.
 */
import { lettersOf, type OctetString } from '../../network/octet-string.ts';
import type { Meaning } from '../meaning.ts';
import { cleanText } from './clean.ts';
import { type Draft, draftOf, textOf } from './draft.ts';
import { mergeDrafts } from './merge.ts';
import { isTagName, meantTags } from './nearness.ts';
import { isWeaker, policyDefects } from './policy.ts';
import { isOtherScheme } from './read-addresses.ts';
import { type ReadTags, readTags } from './read-tags.ts';
import { type DmarcRecord, isDmarcRecord, type Policy, type PolicyTag, parseDmarcRecord } from './record.ts';
import type { DmarcSlip } from './slip.ts';

/** Longest text that is read for slips, in octets. Policy records are far shorter. */
const MAX_READ = 4096;

/** The reading of one text: its meaning, and the draft of the record for a merge with others. */
interface Reading {
  readonly text: OctetString;
  readonly meaning: Meaning<DmarcSlip>;
  readonly draft: Draft | null;
  /** The tags in the order of the text. */
  readonly order: readonly string[];
}

/**
 * Reads one text.
 *
 * @param text the joined strings of a TXT record.
 * @returns what was meant by it. Never throws.
 */
export function readDmarc(text: OctetString): Meaning<DmarcSlip> {
  return reading(text).meaning;
}

export interface DmarcReading {
  /** The texts that are the record, or meant as it. The corrected text replaces all of them. */
  readonly texts: readonly OctetString[];
  readonly meaning: Meaning<DmarcSlip>;
}

/**
 * Reads all TXT records at a `_dmarc` name together. Several records are merged. A misspelt record beside one that
 * receivers recognise has no effect and stays, unless the recognised one lacks its policy or its report addresses.
 *
 * @param texts the joined strings of each TXT record.
 * @returns the texts that are meant as DMARC, and what they mean together.
 */
export function readDmarcTexts(texts: readonly OctetString[]): DmarcReading {
  const readings = texts.map(reading).filter(({ meaning }) => meaning.kind !== 'unrelated');
  const recognised = readings.filter(({ text }) => isDmarcRecord(text));
  const beside = readings.filter((one) => !recognised.includes(one));
  const [only, ...others] = recognised;
  if (!only) return together(beside);
  if (others.length > 0) return together(recognised);
  const rests = beside.filter((one) => completes(only, one));
  return together([only, ...rests]);
}

/** @returns whether a text has the policy or the report addresses that the recognised record lacks. */
function completes({ draft: main }: Reading, { draft: other, meaning }: Reading): boolean {
  if (!main || !other || meaning.kind === 'right') return false;
  const lacksPolicy = main.slips.some(({ kind }) => kind === 'no-policy');
  const lacksAddress = main.addresses.rua.length === 0 && main.unread.length === 0;
  const hasPolicy = !other.slips.some(({ kind }) => kind === 'no-policy');
  return (lacksPolicy && hasPolicy) || (lacksAddress && other.addresses.rua.length > 0);
}

function together(readings: readonly Reading[]): DmarcReading {
  const texts = readings.map(({ text }) => text);
  const [only, ...others] = readings;
  if (!only) return { texts, meaning: { kind: 'unrelated' } };
  if (others.length === 0) return { texts, meaning: only.meaning };
  const drafts = readings.flatMap(({ draft }) => draft ?? []);
  if (drafts.length < readings.length) {
    const unread = readings.filter(({ draft }) => !draft).map(({ text }) => lettersOf(text));
    return { texts, meaning: { kind: 'unclear', slips: [], unread } };
  }
  // A record of which nothing but the policy is missing has the policy of the others.
  const hasPolicy = drafts.some(({ slips }) => !slips.some(({ kind }) => kind === 'no-policy'));
  if (hasPolicy) {
    for (const { values, slips } of drafts) {
      const at = slips.findIndex(({ kind }) => kind === 'no-policy');
      if (at >= 0) {
        slips.splice(at, 1);
        values.delete('p');
      }
    }
  }
  const merged = mergeDrafts(drafts);
  const severalRecords: DmarcSlip = { kind: 'several-records' };
  return { texts, meaning: meaningOf(merged, [severalRecords, ...merged.slips], mergedOrder(readings)) };
}

/** @returns the order of the tags of several records: that of the fullest one first. */
function mergedOrder(readings: readonly Reading[]): string[] {
  const orders = readings.map(({ order }) => order);
  const sorted = orders.sort((a, b) => b.length - a.length || (a.join() < b.join() ? -1 : 1));
  return [...new Set(sorted.flat())];
}

function reading(text: OctetString): Reading {
  if (isRight(text)) {
    const tags = readTags(text);
    return { text, meaning: { kind: 'right' }, draft: draftOf(tags), order: orderOf(tags) };
  }
  if (text.length > MAX_READ) {
    const isMeant = /^[\s"]{0,9}v\s{0,9}[=:]\s{0,9}dmarc/i.test(text);
    const unread = [lettersOf(text)];
    return {
      text,
      meaning: isMeant ? { kind: 'unclear', slips: [], unread } : { kind: 'unrelated' },
      draft: null,
      order: [],
    };
  }
  const clean = cleanText(text);
  const tags = readTags(clean.text);
  if (!isMeantAsDmarc(tags, isDmarcRecord(text))) {
    const unread = [lettersOf(text)];
    const meaning = NEARLY_A_RECORD.test(clean.text)
      ? ({ kind: 'unclear', slips: [], unread } as const)
      : ({ kind: 'unrelated' } as const);
    return { text, meaning, draft: null, order: [] };
  }
  const draft = draftOf(tags);
  const order = orderOf(tags);
  return { text, meaning: meaningOf(draft, [...clean.slips, ...draft.slips], order), draft, order };
}

/** A version behind at most two words, and a policy. Prose that quotes a record has more words before it. */
const NEARLY_A_RECORD =
  /^[^a-z]{0,20}(?:[a-z_.-]{1,60}[^a-z]{1,20}){0,2}v\s{0,9}[=:]\s{0,9}dmarc.{0,40}\bp\s{0,9}[=:]\s{0,9}["']?(?:none|quarantine|reject)/is;

function orderOf({ tags }: ReadTags): string[] {
  return [...new Set(tags.map(({ tag }) => tag))];
}

/** @returns whether the text is a record with nothing to correct. */
function isRight(text: OctetString): boolean {
  const record = parseDmarcRecord(text);
  if (!record || record.defects.length > 0 || policyDefects(record).length > 0) return false;
  const uris = [...record.rua, ...record.ruf];
  if (uris.some(({ uri, fault }) => fault !== null && !isOtherScheme(uri, fault))) return false;
  if (uris.some(({ address }) => address?.endsWith('.'))) return false;
  return record.tags.every(({ name }) => isTagName(name) || meantTags(name).length === 0);
}

/**
 * Tells a record that was meant as DMARC from prose about DMARC and from records of other standards.
 *
 * @param isRecognised whether receivers take the text for a DMARC record.
 */
function isMeantAsDmarc({ tags, unread, start }: ReadTags, isRecognised: boolean): boolean {
  if (isRecognised) return true;
  const { values, addresses } = draftOf({ tags, unread: [], slips: [], start });
  const saysPolicy = tags.some(({ tag }) => tag === 'p') && values.has('p');
  const saysSomething = saysPolicy || addresses.rua.length > 0 || addresses.ruf.length > 0;
  const other = tags.find(({ tag, value }) => tag === 'v' && value !== 'DMARC1');
  if (other && tags[0] === other) return saysPolicy && tags.length > 2;
  switch (start) {
    case 'version':
      return true;
    case 'bare-version':
    case 'tag': {
      const words = unread.flatMap((piece) => piece.split(/\s+/));
      return saysSomething && words.length <= 2;
    }
    case 'other':
      return false;
  }
}

function meaningOf(draft: Draft, slips: readonly DmarcSlip[], order: readonly string[]): Meaning<DmarcSlip> {
  const { unread, leftOut } = draft;
  if (unread.length > 0) return { kind: 'unclear', slips, unread };
  const text = textOf(draft, order);
  const [first, ...others] = slips;
  // A corrected record must have nothing left to correct. Otherwise the text was not understood.
  if (!first || !isRight(text)) return { kind: 'unclear', slips, unread: [text] };
  return { kind: 'corrected', text, slips: [first, ...others], leftOut };
}

/** @returns the values of `sp=` and `np=` that are weaker than `p=`; empty when there are none. */
export function weakerForSubdomains(record: DmarcRecord): Partial<Record<'sp' | 'np', Policy>> {
  const weaker: Partial<Record<'sp' | 'np', Policy>> = {};
  const p = policyIn(record.p);
  for (const tag of ['sp', 'np'] as const) {
    const value = policyIn(record[tag]);
    if (p && value && isWeaker(value, p)) weaker[tag] = value;
  }
  return weaker;
}

/** @returns the policy of a tag, or `undefined` when the record lacks the tag or its value is not a policy. */
export function policyIn(tag: PolicyTag): Policy | undefined {
  return tag && 'value' in tag ? tag.value : undefined;
}
