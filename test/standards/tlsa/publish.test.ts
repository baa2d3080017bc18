/** The TLSA record to publish, and how long to wait (RFC 7671 §5.1, §8.1). */
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { durationText, recordToPublish, tlsaName, waitBeforeUse } from '../../../src/standards/tlsa/publish.ts';
import { createAuthority } from '../../world/certificates.ts';

test('the record is the SHA-256 of the public key', () => {
  const { certificate, key } = createAuthority().issue({ names: ['mx.example.com'] });
  const spki = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
  expect(recordToPublish(new X509Certificate(certificate))).toEqual({
    usage: 3,
    selector: 1,
    matchingType: 1,
    data: createHash('sha256').update(spki).digest('hex'),
  });
});

test('the records stand at port 25 of the base domain', () => {
  expect(tlsaName('mx.example.com')).toBe('_25._tcp.mx.example.com');
});

describe('the wait', () => {
  test.each([
    [0, '0 seconds'],
    [1, '2 seconds'],
    [30, '1 minute'],
    [45, '90 seconds'],
    [300, '10 minutes'],
    [1800, '1 hour'],
    [3600, '2 hours'],
    [3601, '3 hours'],
    [5400, '3 hours'],
    [43_200, '1 day'],
    [86_400, '2 days'],
  ])('after a TTL of %i seconds is %s', (ttl, text) => {
    expect(durationText(waitBeforeUse(ttl))).toBe(text);
  });
});
