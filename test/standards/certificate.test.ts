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

describe('certificateEvidence', () => {
  test('has all facts of a real certificate', () => {
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

  test('writes names of several parts on one line, and keeps an unreadable date as it is', () => {
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

  test('removes the type of an alternative name, and not a text that looks like one', () => {
    const names = 'DNS:mail.example.com, IP Address:203.0.113.5, email:DNS:x@example.com';
    expect(certificateEvidence({ ...plain, subjectAltName: names }).names).toEqual([
      'mail.example.com',
      '203.0.113.5',
      'email:DNS:x@example.com',
    ]);
  });

  test('names an Ed25519 key without a size', () => {
    const publicKey = { asymmetricKeyType: 'ed25519', asymmetricKeyDetails: {} } as const;
    expect(certificateEvidence({ ...plain, publicKey }).key).toBe('ed25519');
  });
});

describe('validityOf', () => {
  const days = (count: number) => start + count * DAY_MS;
  test.each<[string, [from: number, to: number], now: number, Validity['state'], daysLeft: number]>([
    ['1 ms before the start', [0, 90], days(0) - 1, 'not-yet-valid', 90],
    ['at the start', [0, 90], days(0), 'valid', 90],
    ['14 days before the end', [0, 90], days(76), 'valid', 14],
    ['1 ms later than 14 days before the end', [0, 90], days(76) + 1, 'expiring', 13],
    ['1 ms before the end', [0, 90], days(90) - 1, 'expiring', 0],
    ['at the end', [0, 90], days(90), 'expired', 0],
    ['1 ms after the end', [0, 90], days(90) + 1, 'expired', -1],
    ['start of the last third of 6 days', [0, 6], days(4), 'valid', 2],
    ['1 ms into the last third of 6 days', [0, 6], days(4) + 1, 'expiring', 1],
    ['1 ms into the last third of 42 days', [0, 42], days(28) + 1, 'expiring', 13],
    ['14 days before the end of a year', [0, 365], days(351), 'valid', 14],
  ])('%s', (_, [from, to], now, state, daysLeft) => {
    const certificate = { validFrom: openSsl(days(from)), validTo: openSsl(days(to)) };
    expect(validityOf(certificate, now)).toEqual({ state, daysLeft });
  });

  test('an unreadable date → expired', () => {
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

  test('covers() ignores the common name', () => {
    const { certificate } = root.issue({ commonName: 'mail.example.com' });
    expect(covers(new X509Certificate(certificate), 'mail.example.com')).toBe(false);
  });
});

describe('trustOf', () => {
  const leaf = { subject: 'CN=mail.example.com', issuer: 'CN=Sub', infoAccess: undefined };
  const fetchable = 'OCSP - URI:http://ocsp.example.net\nCA Issuers - URI:http://ca.example.net/sub.der\n';
  const known = { ...leaf, infoAccess: fetchable };
  const own = { ...known, issuer: leaf.subject };
  const unsigned = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
  const noIssuer = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';

  const now = Date.parse('2026-03-01T00:00:00Z');
  const dates = (from: number, to: number) => ({
    validFrom: new Date(now + from * DAY_MS).toUTCString(),
    validTo: new Date(now + to * DAY_MS).toUTCString(),
  });
  const datesOf: Readonly<Record<Validity['state'], ReturnType<typeof dates>>> = {
    valid: dates(-10, 80),
    expiring: dates(-80, 10),
    expired: dates(-100, -10),
    'not-yet-valid': dates(10, 100),
  };
  const expired = { ...leaf, ...datesOf.expired };

  test.each<[string, (typeof leaf | typeof known | typeof expired)[], string | null, Validity['state'], Trust]>([
    ['an expired certificate above a valid leaf', [leaf, expired], 'CERT_HAS_EXPIRED', 'valid', 'chain-out-of-date'],
    [
      'a certificate above a valid leaf that is not yet valid, behind a valid one',
      [leaf, known, { ...leaf, ...datesOf['not-yet-valid'] }],
      'CERT_NOT_YET_VALID',
      'expiring',
      'chain-out-of-date',
    ],
    ['an expired certificate above an expired leaf', [leaf, expired], 'CERT_HAS_EXPIRED', 'expired', 'out-of-date'],
    ['an expired certificate beside a chain of an unknown issuer', [known, expired], noIssuer, 'valid', 'untrusted'],
    ['an expired leaf', [leaf], 'CERT_HAS_EXPIRED', 'expired', 'out-of-date'],
    ['a leaf that is not yet valid', [leaf], 'CERT_NOT_YET_VALID', 'not-yet-valid', 'out-of-date'],
    ['an expired issuer of a valid leaf', [leaf], 'CERT_HAS_EXPIRED', 'valid', 'untrusted'],
    ['an expired issuer of a leaf that expires soon', [known], 'CERT_HAS_EXPIRED', 'expiring', 'untrusted'],
    ['an expired leaf of an unknown issuer', [leaf], unsigned, 'expired', 'untrusted'],
    ['an expired self-signed certificate', [own], 'CERT_HAS_EXPIRED', 'expired', 'untrusted'],
    ['a self-signed certificate', [own], unsigned, 'valid', 'untrusted'],
    ['a leaf of an unknown issuer without a URL', [leaf], unsigned, 'valid', 'untrusted'],
    ['a leaf with the URL of its issuer', [known], unsigned, 'valid', 'incomplete'],
    ['a leaf with the URL of its issuer, by OpenSSL’s other code', [known], noIssuer, 'valid', 'incomplete'],
    ['a chain whose last certificate has the URL of its issuer', [leaf, known], noIssuer, 'valid', 'incomplete'],
    ['a chain of which only the first certificate has the URL', [known, leaf], noIssuer, 'valid', 'untrusted'],
    [
      'a leaf with the URL of its issuer and a wrong signature',
      [known],
      'CERT_SIGNATURE_FAILURE',
      'valid',
      'untrusted',
    ],
    [
      'a leaf with only the URL of OCSP',
      [{ ...leaf, infoAccess: 'OCSP - URI:http://o.example.net' }],
      unsigned,
      'valid',
      'untrusted',
    ],
    ['no reason from OpenSSL', [known], null, 'valid', 'untrusted'],
    ['no reason from OpenSSL, and an expired leaf', [leaf], null, 'expired', 'untrusted'],
    ['no certificate', [], unsigned, 'valid', 'untrusted'],
  ])('%s', (_, chain, trustError, state, expected) => {
    const dated = chain.map((certificate, index) => ({
      ...datesOf.valid,
      ...certificate,
      ...(index === 0 ? datesOf[state] : {}),
    }));
    expect(trustOf({ chain: dated, trusted: false, trustError }, now)).toBe(expected);
  });

  test('a chain that leads to a root → trusted, whatever is sent beside it', () => {
    const chain = [{ ...own, ...datesOf.valid }, expired];
    expect(trustOf({ chain, trusted: true, trustError: null }, now)).toBe('trusted');
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
  ])('weaknessOf: %s of %i bits → %j', (asymmetricKeyType, modulusLength, expected) => {
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
  ])('weaknessOf: an EC key on %s → %j', (namedCurve, expected) => {
    const publicKey = { asymmetricKeyType: 'ec', asymmetricKeyDetails: { namedCurve } } as const;
    expect(weaknessOf({ publicKey, raw: sha256 })).toBe(expected);
  });

  test('weaknessOf: keys of other types → null', () => {
    expect(weaknessOf({ publicKey: { asymmetricKeyType: 'ed25519' }, raw: signed('2b6570') })).toBeNull();
  });

  test('weaknessOf: an RSA key of unknown length', () => {
    expect(weaknessOf({ publicKey: { asymmetricKeyType: 'rsa' }, raw: sha256 })).toBe('an RSA key of 0 bits');
  });

  test.each([
    ['md5WithRSAEncryption', '2a864886f70d010104', 'a signature with MD5'],
    ['sha1WithRSAEncryption', '2a864886f70d010105', 'a signature with SHA-1'],
    ['ecdsa-with-SHA1', '2a8648ce3d0401', 'a signature with SHA-1'],
    ['dsa-with-sha1', '2a8648ce380403', 'a signature with SHA-1'],
    ['sha256WithRSAEncryption', '2a864886f70d01010b', null],
    ['ecdsa-with-SHA256', '2a8648ce3d040302', null],
  ])('weaknessOf: a signature with %s', (_, oid, expected) => {
    const publicKey = { asymmetricKeyType: 'ec', asymmetricKeyDetails: { namedCurve: 'prime256v1' } } as const;
    // The lengths around where X.690 §8.1.3 changes how they are written.
    for (const length of [0, 1, 127, 128, 255, 256, 7000]) {
      expect(weaknessOf({ publicKey, raw: signed(oid, length) }), `${length}`).toBe(expected);
    }
  });
});
