/**
 * Gives the TLSA record to publish for a certificate, and the time to wait before the certificate is used (RFC 7671
 * §8.1): a new record stands beside the old one until no resolver holds the old set alone.
 */
import type { X509Certificate } from 'node:crypto';
import type { TlsaRecord } from '../../network/dns/answer.ts';
import { dataOf } from './match.ts';
import { END_ENTITY, PUBLIC_KEY } from './record.ts';

/**
 * @returns the record `3 1 1`: the SHA-256 of the public key. It needs no name and no date in the certificate, and it
 *   stays as it is when the certificate is renewed with the same key (RFC 7671 §5.1).
 */
export function recordToPublish(certificate: X509Certificate): TlsaRecord {
  const fields = { usage: END_ENTITY, selector: PUBLIC_KEY, matchingType: 1 };
  return { ...fields, data: dataOf(fields, certificate) };
}

/**
 * @param ttl the TTL of the published record set, in seconds.
 * @returns the seconds from publishing the new record until the new certificate may be used: two TTLs. Resolvers hold the
 *   old set for one, and the other is a margin, for example for secondary name servers that follow late.
 */
export function waitBeforeUse(ttl: number): number {
  return ttl * 2;
}

const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
] as const;

/** @returns a time in words, rounded up to a whole number of its unit: `2 hours`. */
export function durationText(seconds: number): string {
  // A time of less than two units is given in the next smaller one, so that little is added.
  const [length, unit] = UNITS.find(([size]) => seconds >= 2 * size || seconds === size) ?? [1, 'second'];
  const amount = Math.ceil(seconds / length);
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}

/** @returns the owner name of the TLSA records for SMTP between mail servers at a host (RFC 7672 §2.2.3). */
export function tlsaName(baseDomain: string): string {
  return `_25._tcp.${baseDomain}`;
}
