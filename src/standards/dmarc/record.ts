/** DMARC policy records (RFC 9989 §4.7, §4.8), with what RFC 7489 receivers still read. */
import { parseTagList, type Tag, type TagListDefectKind } from '../tag-list.ts';
import { parseReportUris, type ReportUri } from './report-uri.ts';

export type Policy = 'none' | 'quarantine' | 'reject';

/** Weakest first. */
export const POLICIES: readonly Policy[] = ['none', 'quarantine', 'reject'];

export type Alignment = 'relaxed' | 'strict';

/** A policy tag as published: valid, there but not valid, or not there. */
export type PolicyTag = { readonly value: Policy } | { readonly invalid: string } | null;

export interface RecordDefect {
  readonly kind: TagListDefectKind | 'invalid-value';
  readonly tag: string;
  readonly offset: number;
  readonly text: string;
}

export interface DmarcRecord {
  readonly text: string;
  readonly tags: readonly Tag[];
  readonly p: PolicyTag;
  readonly sp: PolicyTag;
  readonly np: PolicyTag;
  readonly adkim: Alignment;
  readonly aspf: Alignment;
  /** `t=y`: receivers are asked to act one step below the policy. */
  readonly testing: boolean;
  /** Whether the name is a public suffix domain; `u` when the record does not say. */
  readonly psd: 'y' | 'n' | 'u';
  readonly rua: readonly ReportUri[];
  readonly ruf: readonly ReportUri[];
  /** Percentage of RFC 7489, or `null` when absent or not a number from 0 to 100. */
  readonly pct: number | null;
  /** Everything that departs from the grammar; receivers ignore the tag or fall back to its default. */
  readonly defects: readonly RecordDefect[];
}

/** Tags of the IANA registry. */
export const KNOWN_TAGS = ['v', 'p', 'sp', 'np', 'adkim', 'aspf', 't', 'psd', 'fo', 'rua', 'ruf'] as const;
/** Tags RFC 9989 App. C removed. */
export const HISTORIC_TAGS = ['pct', 'rf', 'ri'] as const;

/**
 * "If the tag is not the first in the list, or the tag is absent, or the value is not 'DMARC1', then the entire record
 * MUST be ignored" (RFC 9989 §4.7). The value is case-sensitive, and what follows it is a semicolon or nothing.
 */
export function isDmarcRecord(text: string): boolean {
  return /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text);
}

/** Parses the joined strings of a TXT record; never throws. @returns `undefined` for what is no DMARC record. */
export function parseDmarcRecord(text: string): DmarcRecord | undefined {
  if (!isDmarcRecord(text)) return undefined;
  const list = parseTagList(text);
  const defects: RecordDefect[] = list.defects.map(({ kind, offset, text: piece }) => {
    return { kind, tag: kind === 'no-equals' || kind === 'empty' ? '' : piece, offset, text: piece };
  });
  const tags = new Map<string, Tag>();
  for (const tag of list.tags) if (!tags.has(tag.name)) tags.set(tag.name, tag);

  /** The value where the grammar allows it (literals are case-insensitive, RFC 5234 §2.3), else the default. */
  function oneOf<V extends string>(name: string, values: readonly V[]): V | undefined {
    const tag = tags.get(name);
    if (!tag) return undefined;
    const value = values.find((allowed) => allowed === tag.value.toLowerCase());
    if (value === undefined) invalid(tag);
    return value;
  }
  function invalid({ name, value, valueOffset }: Tag): void {
    defects.push({ kind: 'invalid-value', tag: name, offset: valueOffset, text: value });
  }

  const pct = tags.get('pct');
  const percentage = pct && /^\d{1,3}$/.test(pct.value) && Number(pct.value) <= 100 ? Number(pct.value) : null;
  if (pct && percentage === null) invalid(pct);
  const fo = tags.get('fo');
  if (fo && !isFailureOptions(fo.value)) invalid(fo);
  const ri = tags.get('ri');
  if (ri && !/^\d{1,10}$/.test(ri.value)) invalid(ri);

  return {
    text,
    tags: list.tags,
    p: policyTag(tags.get('p')),
    sp: policyTag(tags.get('sp')),
    np: policyTag(tags.get('np')),
    adkim: oneOf('adkim', ['r', 's']) === 's' ? 'strict' : 'relaxed',
    aspf: oneOf('aspf', ['r', 's']) === 's' ? 'strict' : 'relaxed',
    testing: oneOf('t', ['y', 'n']) === 'y',
    psd: oneOf('psd', ['y', 'n', 'u']) ?? 'u',
    rua: parseReportUris(tags.get('rua')?.value),
    ruf: parseReportUris(tags.get('ruf')?.value),
    pct: percentage,
    defects: defects.sort((a, b) => a.offset - b.offset),
  };
}

function policyTag(tag: Tag | undefined): PolicyTag {
  if (!tag) return null;
  const value = POLICIES.find((policy) => policy === tag.value.toLowerCase());
  return value ? { value } : { invalid: tag.value };
}

/** `dmarc-fo` of §4.8: 0 and 1 exclude each other, every option at most once. */
function isFailureOptions(value: string): boolean {
  const options = value.split(':').map((option) => option.trim().toLowerCase());
  const known = options.every((option) => ['0', '1', 'd', 's'].includes(option));
  return known && new Set(options).size === options.length && !(options.includes('0') && options.includes('1'));
}
