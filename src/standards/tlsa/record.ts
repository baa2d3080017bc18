/**
 * Reads TLSA records (RFC 6698 §2). A record binds a host to a certificate or a key by four fields:
 *
 * - The usage says which certificate is meant: the server's own (3), or one of an issuer above it (2). Usages 0 and 1
 *   also demand a public CA. Mail servers do not have a list of those, so SMTP leaves them out (RFC 7672 §3.1.3).
 * - The selector says what of the certificate is compared: all of it (0), or its public key (1).
 * - The matching type says how: octet for octet (0), or as SHA-256 (1) or SHA-512 (2).
 * - The data is what it is compared with.
 *
 * A client does not use a record with a field that it does not know, or with data that cannot be what the fields say
 * (RFC 7671 §4.1). If no record can be used, mail servers still demand TLS but authenticate nobody (RFC 7672 §2.2).
 */
import { createPublicKey, X509Certificate } from 'node:crypto';
import type { TlsaRecord } from '../../network/dns/answer.ts';

/** Why senders cannot use a record. */
export type UnusableReason =
  /** Usage 0 or 1, which SMTP leaves out. */
  | 'pkix-usage'
  | 'unknown-usage'
  | 'unknown-selector'
  | 'unknown-matching-type'
  /** The data is not as long as the digest. */
  | 'bad-length'
  /** The data should be a whole certificate or key, and cannot be read as one. */
  | 'unreadable';

/** The usages that SMTP has (RFC 7672 §3.1). */
export const TRUST_ANCHOR = 2;
export const END_ENTITY = 3;

/** The selectors (RFC 6698 §2.1.2). */
export const WHOLE_CERTIFICATE = 0;
export const PUBLIC_KEY = 1;

/** The matching type for data that is compared as it is (RFC 6698 §2.1.3). */
export const FULL = 0;

/** The digests by matching type, with their length in octets. */
export const DIGESTS: ReadonlyMap<number, { readonly name: 'sha256' | 'sha512'; readonly octets: number }> = new Map([
  [1, { name: 'sha256', octets: 32 }],
  [2, { name: 'sha512', octets: 64 }],
]);

/** @returns why senders cannot use the record, or `null` when they can. */
export function unusableReason({ usage, selector, matchingType, data }: TlsaRecord): UnusableReason | null {
  if (usage === 0 || usage === 1) return 'pkix-usage';
  if (usage !== TRUST_ANCHOR && usage !== END_ENTITY) return 'unknown-usage';
  if (selector !== WHOLE_CERTIFICATE && selector !== PUBLIC_KEY) return 'unknown-selector';
  if (matchingType === FULL) return isReadable(selector, Buffer.from(data, 'hex')) ? null : 'unreadable';
  const digest = DIGESTS.get(matchingType);
  if (digest === undefined) return 'unknown-matching-type';
  return data.length === digest.octets * 2 ? null : 'bad-length';
}

/** Tells whether the octets are a certificate, or a public key, as the selector says. */
function isReadable(selector: number, octets: Buffer): boolean {
  try {
    return selector === WHOLE_CERTIFICATE
      ? new X509Certificate(octets).raw.equals(octets)
      : createPublicKey({ key: octets, format: 'der', type: 'spki' }).type === 'public';
  } catch {
    return false;
  }
}

/** The most hexadecimal digits of the data that people are shown. A digest has fewer. */
const MAX_DIGITS = 128;

/** @returns the record as in a zone file: `3 1 1 0123…`. Data longer than any digest is cut. */
export function tlsaText({ usage, selector, matchingType, data }: TlsaRecord): string {
  const shown = data.length > MAX_DIGITS ? `${data.slice(0, MAX_DIGITS)}…` : data;
  return `${usage} ${selector} ${matchingType} ${shown}`;
}

/** @returns the record with the beginning of its data only, to name it in a sentence: `3 1 1 01234567…`. */
export function shortTlsa({ usage, selector, matchingType, data }: TlsaRecord): string {
  return `${usage} ${selector} ${matchingType} ${data.length > 8 ? `${data.slice(0, 8)}…` : data}`;
}

/** @returns the usage, the selector and the matching type: `3 1 1`. */
export function fieldsText({ usage, selector, matchingType }: TlsaRecord): string {
  return `${usage} ${selector} ${matchingType}`;
}

/** @returns whether senders can use the record. */
export function isUsable(record: TlsaRecord): boolean {
  return unusableReason(record) === null;
}
