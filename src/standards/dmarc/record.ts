/**
 * Domain-based Message Authentication, Reporting and Conformance (DMARC, RFC 9989): may this domain be in the From
 * field?
 *
 * SPF and DKIM authenticate a domain, but it need not be the domain in the From field, which is the one that people
 * see. DMARC connects the two. The owner of a domain publishes a TXT record at `_dmarc.<domain>`, such as
 * `v=DMARC1; p=reject; rua=mailto:dmarc@example.com`.
 *
 * A receiver takes the author domain from the From field and looks for its record, or for the record of its
 * organizational domain. A message passes when SPF or DKIM passes with a domain that is aligned with the author domain:
 * the same domain (strict), or a domain of the same organization (relaxed). Mail that fails gets the treatment that the
 * policy requests: `none` (deliver it), `quarantine` (spam folder) or `reject`. `p=` is for the domain itself, `sp=`
 * for subdomains, and `np=` for subdomains that do not exist. Receivers send reports to the addresses in `rua=` (RFC
 * 9990) and `ruf=`.
 *
 * Receivers differ. Those that follow RFC 9989 find the organizational domain by a walk up the DNS tree. Those that
 * follow RFC 7489 use the public suffix list, apply `pct=`, and ignore `np=`, `psd=` and `t=`. This folder has both
 * methods.
 *
 * This file parses the records (RFC 9989 §4.7, §4.8).
 */
import { parseTagList, type Tag, type TagListDefectKind } from '../tag-list.ts';
import { parseReportUris, type ReportUri } from './report-uri.ts';

export type Policy = 'none' | 'quarantine' | 'reject';

/** All policies, the weakest first. */
export const POLICIES: readonly Policy[] = ['none', 'quarantine', 'reject'];

export type Alignment = 'relaxed' | 'strict';

/** A policy tag as published: a valid value, an invalid value, or `null` when the record lacks the tag. */
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
  /** `t=y`: receivers apply a policy that is one step weaker. */
  readonly testing: boolean;
  /** Whether the domain is a public suffix domain. `u` (unknown) when the record has no valid `psd=`. */
  readonly psd: 'y' | 'n' | 'u';
  readonly rua: readonly ReportUri[];
  readonly ruf: readonly ReportUri[];
  /** `pct=` of RFC 7489 in percent, or `null` when absent or not a number from 0 to 100. */
  readonly pct: number | null;
  /** The places that do not follow the grammar, in order. Receivers ignore such a tag or use its default. */
  readonly defects: readonly RecordDefect[];
}

/** The tags in IANA's registry of DMARC tags. */
export const KNOWN_TAGS = ['v', 'p', 'sp', 'np', 'adkim', 'aspf', 't', 'psd', 'fo', 'rua', 'ruf'] as const;
/** The tags that RFC 9989 removed (App. C.5.2). */
export const HISTORIC_TAGS = ['pct', 'rf', 'ri'] as const;

/**
 * Tells a DMARC record from other TXT records. "If the tag is not the first in the list, or the tag is absent, or the
 * value is not 'DMARC1', then the entire record MUST be ignored" (RFC 9989 §4.7). The value is case-sensitive. A
 * semicolon or the end of the text must follow it.
 *
 * @returns whether the text is a DMARC record.
 */
export function isDmarcRecord(text: string): boolean {
  return /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text);
}

/**
 * Parses a DMARC record (RFC 9989 §4.7, §4.8). Never throws.
 *
 * @param text the joined strings of a TXT record.
 * @returns the record with its defects, or `undefined` when the text is not a DMARC record.
 */
export function parseDmarcRecord(text: string): DmarcRecord | undefined {
  if (!isDmarcRecord(text)) return undefined;
  const list = parseTagList(text);
  const defects: RecordDefect[] = list.defects.map(({ kind, offset, text: piece }) => {
    return { kind, tag: kind === 'no-equals' || kind === 'empty' ? '' : piece, offset, text: piece };
  });
  const tags = new Map<string, Tag>();
  for (const tag of list.tags) if (!tags.has(tag.name)) tags.set(tag.name, tag);

  /**
   * @returns the value if it is allowed, ignoring case (RFC 5234 §2.3). Otherwise `undefined`, so that the default
   *   applies.
   */
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

/** Checks `fo=` (`dmarc-fo` of §4.8): 0 and 1 exclude each other, and each option occurs at most once. */
function isFailureOptions(value: string): boolean {
  const options = value.split(':').map((option) => option.trim().toLowerCase());
  const known = options.every((option) => ['0', '1', 'd', 's'].includes(option));
  return known && new Set(options).size === options.length && !(options.includes('0') && options.includes('1'));
}
