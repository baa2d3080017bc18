import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { derValues } from '../../../src/standards/bimi/der.ts';
import {
  compareLogo,
  coversDomain,
  type MarkCertificate,
  readEvidence,
} from '../../../src/standards/bimi/mark-certificate.ts';
import { type CertificateRequest, createAuthority } from '../../world/certificates.ts';

const MARK = '1.3.6.1.5.5.7.3.31';
const SVG = Buffer.from('<svg>\r\n</svg>\r\n');
const sha256 = (octets: Buffer): Buffer => createHash('sha256').update(octets).digest();
const dataUri = (svg: Buffer, type = 'image/svg+xml'): string =>
  `data:${type};base64,${gzipSync(svg).toString('base64')}`;

const authority = createAuthority('Test Mark Root');
const GOOD: CertificateRequest = {
  names: ['example.com'],
  purposes: [MARK],
  logotype: { uris: [dataUri(SVG)], sha256: sha256(SVG) },
};

const pemOf = (request: Partial<CertificateRequest>): string => authority.issue({ ...GOOD, ...request }).certificate;

function markOf(pem: string): MarkCertificate {
  const reading = readEvidence(Buffer.from(pem));
  return reading.kind === 'certificate' ? reading.mark : expect.unreachable();
}

describe('readEvidence', () => {
  test('a mark certificate, with its authority before and behind it and text around them', () => {
    const leaf = pemOf({});
    for (const file of [leaf, leaf + authority.certificate, `x\n${authority.certificate}\ny\n${leaf}`]) {
      expect(markOf(file)).toMatchObject({ names: ['example.com'], hasPurpose: true, hasLogotype: true });
    }
  });

  test('a certificate for a web server has no purpose and no logo', () => {
    const pem = authority.issue({ names: ['example.com'] }).certificate;
    expect(markOf(pem)).toMatchObject({ hasPurpose: false, hasLogotype: false, images: [] });
  });

  test.each([
    ['', 'no-pem'],
    ['<html>not found</html>', 'no-pem'],
    ['-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', 'unreadable'],
  ])('%s: %s', (text, kind) => {
    expect(readEvidence(Buffer.from(text)).kind).toBe(kind);
  });
});

test.each([
  [['example.com'], ['example.com'], true],
  [['EXAMPLE.com'], ['example.com'], true],
  [['default._bimi.example.com'], ['example.com'], true],
  [['example.com'], ['news.example.com', 'example.com'], true],
  [['other._bimi.example.com'], ['example.com'], false],
  [['*.example.com'], ['news.example.com'], false],
  [['example.net'], ['example.com'], false],
  [['www.example.com'], ['example.com'], false],
])('coversDomain: %j for %j: %s', (names, domains, expected) => {
  expect(coversDomain(markOf(pemOf({ names })), domains)).toBe(expected);
});

describe('compareLogo', () => {
  const withLogo = (uris: readonly string[], hash: Buffer) => markOf(pemOf({ logotype: { uris, sha256: hash } }));
  const other = Buffer.from('<svg/>');

  test.each([
    ['the same logo', [dataUri(SVG)], SVG, SVG, 'same'],
    ['other line ends', [dataUri(SVG)], SVG, Buffer.from('<svg>\n</svg>\n'), 'same'],
    ['another logo', [dataUri(SVG)], SVG, other, 'other'],
    ['a logo without compression', [`data:image/svg+xml;base64,${SVG.toString('base64')}`], SVG, SVG, 'same'],
    ['a hash only, of the same logo', ['https://example.com/l.svg'], SVG, SVG, 'same'],
    ['a hash only, of the logo with other line ends', ['https://x'], Buffer.from('<svg>\n</svg>\n'), SVG, 'same'],
    ['a hash only, of another logo', ['https://example.com/l.svg'], other, SVG, 'other'],
    ['a logo that cannot be expanded, and its hash', ['data:image/svg+xml;base64,H4sIAAAA'], SVG, SVG, 'same'],
  ] as const)('%s', (_, uris, hashed, served, expected) => {
    expect(compareLogo(withLogo(uris, sha256(hashed)), served)).toBe(expected);
  });

  test('nothing to compare', () => {
    expect(compareLogo(markOf(authority.issue({ names: ['example.com'] }).certificate), SVG)).toBe('unknown');
  });
});

describe('derValues (X.690)', () => {
  const hex = (text: string) => derValues(Buffer.from(text, 'hex'));

  test('values that follow each other', () => {
    expect(hex('0500020101')).toEqual([
      { tag: 0x05, contents: Buffer.alloc(0) },
      { tag: 0x02, contents: Buffer.from([1]) },
    ]);
    expect(hex(`04820100${'00'.repeat(256)}`)).toHaveLength(1);
    expect(hex('')).toEqual([]);
  });

  test.each(['05', '0502', '0480', '0485000000000100', '04840000', '0483ffffff00', '1f0100', '04ff'])(
    '%s is read no further',
    (octets) => {
      expect(hex(octets)).toBeUndefined();
    },
  );

  test('more values than a certificate has', () => {
    expect(hex('0500'.repeat(2000))).toBeUndefined();
  });
});
