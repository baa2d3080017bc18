/** Which TLSA records senders can use (RFC 6698 §2, RFC 7672 §3.1). */
import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { TlsaRecord } from '../../../src/network/dns/answer.ts';
import { publicKeyInfo } from '../../../src/standards/certificate.ts';
import { shortTlsa, tlsaText, unusableReason } from '../../../src/standards/tlsa/record.ts';
import { createAuthority } from '../../world/certificates.ts';

const { raw } = new X509Certificate(createAuthority().issue({ names: ['mx.example.com'] }).certificate);
const SHA256 = 'ab'.repeat(32);
const SHA512 = 'cd'.repeat(64);

function record(fields: string, data: string): TlsaRecord {
  const [usage = 0, selector = 0, matchingType = 0] = fields.split(' ').map(Number);
  return { usage, selector, matchingType, data };
}

describe('unusableReason', () => {
  test.each([
    ['3 1 1', SHA256, null],
    ['3 0 1', SHA256, null],
    ['3 1 2', SHA512, null],
    ['2 0 1', SHA256, null],
    ['2 1 2', SHA512, null],
    ['3 0 0', raw.toString('hex'), null],
    ['3 1 0', publicKeyInfo(raw).toString('hex'), null],
    ['2 0 0', raw.toString('hex'), null],
    ['0 1 1', SHA256, 'pkix-usage'],
    ['1 1 1', SHA256, 'pkix-usage'],
    ['4 1 1', SHA256, 'unknown-usage'],
    ['255 1 1', SHA256, 'unknown-usage'],
    ['3 2 1', SHA256, 'unknown-selector'],
    ['3 1 3', SHA256, 'unknown-matching-type'],
    ['3 1 1', SHA256.slice(2), 'bad-length'],
    ['3 1 1', `${SHA256}ab`, 'bad-length'],
    ['3 1 1', '', 'bad-length'],
    ['3 1 2', SHA256, 'bad-length'],
    ['3 1 1', SHA512, 'bad-length'],
    ['3 0 0', '', 'unreadable'],
    ['3 0 0', SHA256, 'unreadable'],
    ['3 0 0', publicKeyInfo(raw).toString('hex'), 'unreadable'],
    ['3 1 0', raw.toString('hex'), 'unreadable'],
    ['3 0 0', Buffer.from(new X509Certificate(raw).toString()).toString('hex'), 'unreadable'],
    ['3 0 0', `${raw.toString('hex')}00`, 'unreadable'],
  ])('%s with these data: %#', (fields, data, expected) => {
    expect(unusableReason(record(fields, data))).toBe(expected);
  });
});

describe('texts', () => {
  test('a digest is shown whole', () => {
    expect(tlsaText(record('3 1 2', SHA512))).toBe(`3 1 2 ${SHA512}`);
  });
  test('a whole certificate is cut', () => {
    expect(tlsaText(record('3 0 0', raw.toString('hex')))).toBe(`3 0 0 ${raw.toString('hex').slice(0, 128)}…`);
  });
  test('the short form has the first four octets', () => {
    expect(shortTlsa(record('3 1 1', SHA256))).toBe('3 1 1 abababab…');
    expect(shortTlsa(record('3 1 1', 'abab'))).toBe('3 1 1 abab');
  });
});
