/**
 * MTA Strict Transport Security (RFC 8461) lets a domain tell senders that its mail servers support TLS with certificates
 * that can be verified. It has two parts:
 *
 * - The TXT record at `_mta-sts.<domain>` says that there is a policy, and has the id of its version (§3.1).
 * - The policy is a file on the web at `mta-sts.<domain>`. It names the MX hosts and says what senders do with mail to any
 *   other host, or to a host whose certificate fails (§3.2).
 *
 * Senders keep the policy for as long as it says. They fetch it again when the id has changed.
 *
 * This file reads the TXT record.
 */
import type { OctetString } from '../../network/octet-string.ts';

/** What is wrong with a record that senders recognise. Every defect but a blank at the end makes them discard it. */
export type StsRecordDefect =
  | { readonly kind: 'no-id' }
  | { readonly kind: 'bad-id'; readonly value: OctetString }
  | { readonly kind: 'several-ids' }
  /** A field that is neither an id nor an extension. */
  | { readonly kind: 'bad-field'; readonly text: OctetString }
  | { readonly kind: 'empty-field' }
  /** The grammar allows white space around semicolons only. Many senders ignore it at the end. */
  | { readonly kind: 'blank-at-end' };

/** A record that begins with `v=STSv1;`. */
export interface StsRecord {
  readonly text: OctetString;
  /** The id, if there is exactly one and it is valid. */
  readonly id: string | null;
  readonly defects: readonly StsRecordDefect[];
}

/** Every other record is discarded (RFC 8461 §3.1). */
const BEGINNING = 'v=STSv1;';

const ID = /^[A-Za-z0-9]{1,32}$/;
const EXTENSION = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[\x21-\x3a\x3c\x3e-\x7e]+$/;

/** @returns whether senders take a TXT record for one of MTA-STS. */
export function isStsRecord(text: OctetString): boolean {
  return text.startsWith(BEGINNING);
}

/** Reads a record that begins with `v=STSv1;` (RFC 8461 §3.1). */
export function parseStsRecord(text: OctetString): StsRecord {
  const defects: StsRecordDefect[] = [];
  const fields = text.slice(BEGINNING.length).split(';');
  // A semicolon may end the record.
  if (fields.length > 1 && withoutBlanks(fields.at(-1) ?? '') === '') fields.pop();
  else if (/[ \t]$/.test(text)) defects.push({ kind: 'blank-at-end' });
  const ids: string[] = [];
  for (const field of fields.map(withoutBlanks)) {
    if (field.startsWith('id=')) ids.push(field.slice('id='.length));
    else if (field !== '' && !EXTENSION.test(field)) defects.push({ kind: 'bad-field', text: field });
    else if (field === '' && fields.length > 1) defects.push({ kind: 'empty-field' });
  }
  const [id] = ids;
  if (id === undefined) defects.unshift({ kind: 'no-id' });
  else if (ids.length > 1) defects.unshift({ kind: 'several-ids' });
  for (const value of ids) if (!ID.test(value)) defects.unshift({ kind: 'bad-id', value });
  return { text, id: id !== undefined && ids.length === 1 && ID.test(id) ? id : null, defects };
}

/** @returns whether senders discard the record for its defects. */
export function isDiscarded({ defects }: StsRecord): boolean {
  return defects.some(({ kind }) => kind !== 'blank-at-end');
}

/** What is wrong with a text that was meant as a record, and that senders discard for its beginning. */
export type StsSlip = 'blank-before' | 'case' | 'quotes' | 'blank-inside' | 'no-semicolon' | 'version' | 'order';

/** A text that was probably meant as a record. */
export interface StsNearMiss {
  readonly text: OctetString;
  readonly slip: StsSlip;
}

/** The slips, each with what it looks like. The first that fits is told. */
const SLIPS: readonly (readonly [StsSlip, RegExp])[] = [
  ['blank-before', /^\s+v=STSv1;/],
  ['quotes', /^\s*\\?["'“”].*v\s*=\s*STSv1/i],
  ['case', /^v=STSv1;/i],
  ['blank-inside', /^\s*v\s*=\s*STSv1\s*;/i],
  ['no-semicolon', /^\s*v\s*=\s*STSv1(?![0-9A-Za-z])/i],
  ['version', /^\s*v\s*=\s*STSv?[0-9]/i],
  ['order', /(?:^|;)\s*v\s*=\s*STSv1\s*(?:;|$)/i],
];

/** @returns the text with its slip if it was probably meant as a record, or `null`. */
export function stsNearMiss(text: OctetString): StsNearMiss | null {
  if (isStsRecord(text)) return null;
  const found = SLIPS.find(([, sign]) => sign.test(text));
  return found === undefined ? null : { text, slip: found[0] };
}

/**
 * @param texts what is published. An id in one of them is kept, without the characters that it cannot have.
 * @param now milliseconds since the epoch. It gives the id where none is published.
 * @returns the record to publish.
 */
export function correctStsRecord(texts: readonly OctetString[], now: number): string {
  const written = texts.length === 1 ? (/(?:^|[;\s])id\s*=\s*([^;]*)/i.exec(texts[0] ?? '')?.[1] ?? '') : '';
  const kept = written.replace(/[^A-Za-z0-9]/g, '').slice(0, 32);
  return `v=STSv1; id=${kept === '' ? idOf(now) : kept};`;
}

/**
 * @param now milliseconds since the epoch.
 * @returns an id that is new, as in the examples of RFC 8461: the time as digits and a `Z`.
 */
export function idOf(now: number): string {
  return `${timeDigits(now)}Z`;
}

/**
 * @param now milliseconds since the epoch.
 * @returns the time in UTC as 14 digits, from the year to the second.
 */
export function timeDigits(now: number): string {
  return new Date(now).toISOString().replace(/\D/g, '').slice(0, 14);
}

function withoutBlanks(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}
