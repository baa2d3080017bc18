/** What is wrong with a certificate, to the millisecond, the bit and the label. */
import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  certificateEvidence,
  covers,
  type Trust,
  trustOf,
  type Validity,
  validityOf,
  weaknessOf,
} from '../../src/standards/certificate.ts';
import { createAuthority } from '../world/certificates.ts';

const DAY_MS = 86_400_000;
const root = createAuthority();
const start = Date.parse('2026-01-01T00:00:00Z');
/** As OpenSSL writes it. */
const openSsl = (time: number) => {
  const [, day, month, year, clock] = new Date(time).toUTCString().split(/,? /);
  return `${month} ${day} ${clock} ${year} GMT`;
};

describe('what is kept of it', () => {
  test('of a real one', () => {
    const { certificate } = root.issue({
      commonName: 'mail.example.com',
      names: ['mail.example.com', '203.0.113.5'],
      notBefore: start,
      notAfter: start + 90 * DAY_MS,
    });
    const parsed = new X509Certificate(certificate);
    expect(certificateEvidence(parsed)).toEqual({
      subject: 'CN=mail.example.com',
      issuer: 'CN=Test Root',
      names: ['mail.example.com', '203.0.113.5'],
      notBefore: '2026-01-01T00:00:00.000Z',
      notAfter: '2026-04-01T00:00:00.000Z',
      key: 'ec prime256v1',
      fingerprint256: expect.stringMatching(/^([\dA-F]{2}:){31}[\dA-F]{2}$/),
    });
  });

  const plain = {
    subject: 'C=DE\nO=Example\nCN=mail.example.com',
    issuer: 'O=Example\nCN=Root',
    subjectAltName: undefined,
    validFrom: openSsl(start),
    validTo: 'Bad time value',
    fingerprint256: 'AA',
    publicKey: { asymmetricKeyType: 'rsa' as const, asymmetricKeyDetails: { modulusLength: 3072 } },
  };

  test('names of several parts on one line, no alternative names, a date that nobody can read', () => {
    expect(certificateEvidence(plain)).toEqual({
      subject: 'C=DE, O=Example, CN=mail.example.com',
      issuer: 'O=Example, CN=Root',
      names: [],
      notBefore: '2026-01-01T00:00:00.000Z',
      notAfter: 'Bad time value',
      key: 'rsa 3072',
      fingerprint256: 'AA',
    });
  });

  test('only the kind of an alternative name is left out, not what looks like it', () => {
    const names = 'DNS:mail.example.com, IP Address:203.0.113.5, email:DNS:x@example.com';
    expect(certificateEvidence({ ...plain, subjectAltName: names }).names).toEqual([
      'mail.example.com',
      '203.0.113.5',
      'email:DNS:x@example.com',
    ]);
  });

  test('a key whose kind says all', () => {
    const publicKey = { asymmetricKeyType: 'ed25519', asymmetricKeyDetails: {} } as const;
    expect(certificateEvidence({ ...plain, publicKey }).key).toBe('ed25519');
  });
});

describe('dates', () => {
  const days = (count: number) => start + count * DAY_MS;
  test.each<[string, [from: number, to: number], now: number, Validity['state'], daysLeft: number]>([
    ['a moment before the first', [0, 90], days(0) - 1, 'not-yet-valid', 90],
    ['at the first', [0, 90], days(0), 'valid', 90],
    ['14 days before the end', [0, 90], days(76), 'valid', 14],
    ['a moment later', [0, 90], days(76) + 1, 'expiring', 13],
    ['a moment before the end', [0, 90], days(90) - 1, 'expiring', 0],
    ['at the end', [0, 90], days(90), 'expired', 0],
    ['a moment later', [0, 90], days(90) + 1, 'expired', -1],
    ['the last third of six days', [0, 6], days(4), 'valid', 2],
    ['a moment later', [0, 6], days(4) + 1, 'expiring', 1],
    ['a third of 42 days is 14', [0, 42], days(28) + 1, 'expiring', 13],
    ['of a year too', [0, 365], days(351), 'valid', 14],
  ])('%s: %#', (_, [from, to], now, state, daysLeft) => {
    const certificate = { validFrom: openSsl(days(from)), validTo: openSsl(days(to)) };
    expect(validityOf(certificate, now)).toEqual({ state, daysLeft });
  });

  test('what cannot be read counts as expired', () => {
    expect(validityOf({ validFrom: openSsl(start), validTo: 'Bad time value' }, start + 1).state).toBe('expired');
  });
});

describe('RFC 9525 §6.3: names', () => {
  test.each([
    ['mail.example.com', 'mail.example.com', true],
    ['MAIL.example.com', 'mail.EXAMPLE.com', true],
    ['*.example.com', 'mail.example.com', true],
    ['*.example.com', 'a.mail.example.com', false],
    ['*.example.com', 'example.com', false],
    ['m*.example.com', 'mail.example.com', false],
    ['*.com', 'example.com', false],
    ['mail.example.com', 'example.com', false],
  ])('%s covers %s: %s', (name, wanted, expected) => {
    expect(covers(new X509Certificate(root.issue({ names: [name] }).certificate), wanted)).toBe(expected);
  });

  test('the common name never counts', () => {
    const { certificate } = root.issue({ commonName: 'mail.example.com' });
    expect(covers(new X509Certificate(certificate), 'mail.example.com')).toBe(false);
  });
});

describe('trust', () => {
  const leaf = { subject: 'CN=mail.example.com', issuer: 'CN=Sub', infoAccess: undefined };
  const fetchable = 'OCSP - URI:http://ocsp.example.net\nCA Issuers - URI:http://ca.example.net/sub.der\n';
  const known = { ...leaf, infoAccess: fetchable };
  const own = { ...known, issuer: leaf.subject };
  const unsigned = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
  const noIssuer = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';

  test.each<[string, (typeof leaf | typeof known)[], string | null, Validity['state'], Trust]>([
    ['expired', [leaf], 'CERT_HAS_EXPIRED', 'expired', 'out-of-date'],
    ['not valid yet', [leaf], 'CERT_NOT_YET_VALID', 'not-yet-valid', 'out-of-date'],
    ['an issuer that has expired', [leaf], 'CERT_HAS_EXPIRED', 'valid', 'untrusted'],
    ['the same of one about to', [known], 'CERT_HAS_EXPIRED', 'expiring', 'untrusted'],
    ['expired, and of nobody', [leaf], unsigned, 'expired', 'untrusted'],
    ['expired, by its own word', [own], 'CERT_HAS_EXPIRED', 'expired', 'untrusted'],
    ['self-signed', [own], unsigned, 'valid', 'untrusted'],
    ['of an unknown issuer', [leaf], unsigned, 'valid', 'untrusted'],
    ['whose issuer can be fetched', [known], unsigned, 'valid', 'incomplete'],
    ['the same in OpenSSL’s other word', [known], noIssuer, 'valid', 'incomplete'],
    ['the issuer of the last one sent', [leaf, known], noIssuer, 'valid', 'incomplete'],
    ['not of the first', [known, leaf], noIssuer, 'valid', 'untrusted'],
    ['fetchable, but wrong in another way', [known], 'CERT_SIGNATURE_FAILURE', 'valid', 'untrusted'],
    [
      'only OCSP can be fetched',
      [{ ...leaf, infoAccess: 'OCSP - URI:http://o.example.net' }],
      unsigned,
      'valid',
      'untrusted',
    ],
    ['for no reason that OpenSSL gives', [known], null, 'valid', 'untrusted'],
    ['for none, and out of date', [leaf], null, 'expired', 'untrusted'],
    ['no certificate at all', [], unsigned, 'valid', 'untrusted'],
  ])('%s', (_, chain, trustError, state, expected) => {
    expect(trustOf({ chain, trusted: false, trustError }, { state })).toBe(expected);
  });

  test('what leads to a root is trusted', () => {
    expect(trustOf({ chain: [own], trusted: true, trustError: null }, { state: 'valid' })).toBe('trusted');
  });
});

describe('RFC 9325 §4.1, §4.5: keys and signatures', () => {
  const element = (tag: number, content: string): string => {
    const length = content.length / 2;
    const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
    return Buffer.from([tag, ...size]).toString('hex') + content;
  };
  /** The outermost three elements of a certificate, the first of a given length. */
  const signed = (oid: string, bodyLength = 300): Buffer =>
    Buffer.from(
      element(
        0x30,
        element(0x30, '00'.repeat(bodyLength)) + element(0x30, `${element(0x06, oid)}0500`) + element(0x03, '00'),
      ),
      'hex',
    );
  const sha256 = signed('2a8648ce3d040302');

  test.each<['rsa' | 'rsa-pss', number, string | null]>([
    ['rsa', 1024, 'an RSA key of 1024 bits'],
    ['rsa', 2047, 'an RSA key of 2047 bits'],
    ['rsa', 2048, null],
    ['rsa', 4096, null],
    ['rsa-pss', 2047, 'an RSA key of 2047 bits'],
    ['rsa-pss', 2048, null],
  ])('%s of %i bits', (asymmetricKeyType, modulusLength, expected) => {
    const publicKey = { asymmetricKeyType, asymmetricKeyDetails: { modulusLength } };
    expect(weaknessOf({ publicKey, raw: sha256 })).toBe(expected);
  });

  test.each([
    ['secp160k1', 'an EC key on secp160k1'],
    ['prime192v1', 'an EC key on prime192v1'],
    ['secp224r1', null],
    ['prime256v1', null],
    ['secp384r1', null],
    ['brainpoolP512r1', null],
    // Curves without three digits in their name.
    ['SM2', null],
  ])('an EC key on %s', (namedCurve, expected) => {
    const publicKey = { asymmetricKeyType: 'ec', asymmetricKeyDetails: { namedCurve } } as const;
    expect(weaknessOf({ publicKey, raw: sha256 })).toBe(expected);
  });

  test('keys of other kinds are of one size', () => {
    expect(weaknessOf({ publicKey: { asymmetricKeyType: 'ed25519' }, raw: signed('2b6570') })).toBeNull();
  });

  test('an RSA key of which nothing is known', () => {
    expect(weaknessOf({ publicKey: { asymmetricKeyType: 'rsa' }, raw: sha256 })).toBe('an RSA key of 0 bits');
  });

  test.each([
    ['md5WithRSAEncryption', '2a864886f70d010104', 'a signature with MD5'],
    ['sha1WithRSAEncryption', '2a864886f70d010105', 'a signature with SHA-1'],
    ['ecdsa-with-SHA1', '2a8648ce3d0401', 'a signature with SHA-1'],
    ['dsa-with-sha1', '2a8648ce380403', 'a signature with SHA-1'],
    ['sha256WithRSAEncryption', '2a864886f70d01010b', null],
    ['ecdsa-with-SHA256', '2a8648ce3d040302', null],
  ])('%s', (_, oid, expected) => {
    const publicKey = { asymmetricKeyType: 'ec', asymmetricKeyDetails: { namedCurve: 'prime256v1' } } as const;
    // The lengths around where X.690 §8.1.3 changes how they are written.
    for (const length of [0, 1, 127, 128, 255, 256, 7000]) {
      expect(weaknessOf({ publicKey, raw: signed(oid, length) }), `${length}`).toBe(expected);
    }
  });
});
