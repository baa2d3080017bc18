/** Which TLSA records match what a server shows (RFC 6698 §2.1, RFC 7671 §5 and §9, RFC 7672 §3). */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { TlsaRecord } from '../../../src/network/dns/answer.ts';
import { publicKeyInfo } from '../../../src/standards/certificate.ts';
import { compareTlsa, dataOf, isLostToAgility, isMatched, type Miss } from '../../../src/standards/tlsa/match.ts';
import { createAuthority, createNoAuthority, selfSigned } from '../../world/certificates.ts';
import { NOW } from '../../world/clock.ts';

const DAY_MS = 86_400_000;
const name = 'mx.example.com';
const root = createAuthority('Anchor');
const sub = root.intermediate('Sub');
const stranger = createAuthority('Stranger');
const parse = ({ certificate }: { readonly certificate: string }) => new X509Certificate(certificate);
const [anchor, middle, other] = [parse(root), parse(sub), parse(stranger)];
const leafFor = (...names: string[]) => parse(sub.issue({ names }));
const leaf = leafFor(name);
const chain = [leaf, middle, anchor];

/** The record of a certificate with these fields, such as `3 1 1`. */
function tlsa(fields: string, certificate: X509Certificate): TlsaRecord {
  const [usage = 0, selector = 0, matchingType = 0] = fields.split(' ').map(Number);
  return { usage, selector, matchingType, data: dataOf({ selector, matchingType }, certificate) };
}

interface Case {
  readonly when: string;
  readonly records: readonly TlsaRecord[];
  readonly chain?: readonly X509Certificate[];
  readonly names?: readonly string[];
  readonly now?: number;
  /** What each record gives. */
  readonly gives: readonly ('match' | Miss['why'])[];
}

const expired = parse(sub.issue({ names: [name], notBefore: NOW - 9 * DAY_MS, notAfter: NOW - 1000 }));
const early = parse(sub.issue({ names: [name], notBefore: NOW + DAY_MS }));
const oldSub = root.intermediate('Old', { notBefore: NOW - 9 * DAY_MS, notAfter: NOW - 1000 });
const belowOld = parse(oldSub.issue({ names: [name] }));
const oldAnchor = createAuthority('Old anchor');
const alone = parse(selfSigned({ names: [name] }));
const onlyCommonName = parse(sub.issue({ commonName: name }));
const withOtherNames = parse(sub.issue({ commonName: name, names: ['www.example.com'] }));
/** A certificate that is no CA, and has signed another one. */
const noAuthority = createNoAuthority('No CA');
/** The same name as the real intermediate, and another key. */
const impostor = parse(createAuthority('Sub'));

const cases: Case[] = [
  ...['3 0 0', '3 0 1', '3 0 2', '3 1 0', '3 1 1', '3 1 2'].map(
    (fields): Case => ({ when: `${fields} of the server’s own`, records: [tlsa(fields, leaf)], gives: ['match'] }),
  ),
  ...['2 0 0', '2 0 1', '2 0 2', '2 1 0', '2 1 1', '2 1 2'].flatMap((fields): Case[] => [
    { when: `${fields} of the issuer`, records: [tlsa(fields, middle)], gives: ['match'] },
    { when: `${fields} of the root that is sent too`, records: [tlsa(fields, anchor)], gives: ['match'] },
    { when: `${fields} of a stranger`, records: [tlsa(fields, other)], gives: ['other'] },
  ]),
  { when: 'usage 3 ignores the name', records: [tlsa('3 1 1', leaf)], names: ['www.example.net'], gives: ['match'] },
  { when: 'usage 3 ignores an end', records: [tlsa('3 1 1', expired)], chain: [expired, middle], gives: ['match'] },
  { when: 'usage 3 takes a self-signed one', records: [tlsa('3 0 1', alone)], chain: [alone], gives: ['match'] },
  { when: 'usage 3 with the value of the issuer', records: [tlsa('3 1 1', middle)], gives: ['is-issuer'] },
  { when: 'usage 3 of another key', records: [tlsa('3 1 1', alone)], gives: ['other'] },
  { when: 'usage 2 with the value of the server’s own', records: [tlsa('2 1 1', leaf)], gives: ['is-own'] },
  {
    when: 'usage 2 of a self-signed one is no issuer above it',
    records: [tlsa('2 1 1', alone)],
    chain: [alone],
    gives: ['is-own'],
  },
  {
    when: 'usage 2, and the server sends no certificate of the issuer',
    records: [tlsa('2 1 1', anchor)],
    chain: [leaf, middle],
    gives: ['other'],
  },
  {
    when: 'usage 2, and the record has the certificate whole',
    records: [tlsa('2 0 0', anchor)],
    chain: [leaf, middle],
    gives: ['match'],
  },
  {
    when: 'usage 2, and the record has the key whole',
    records: [tlsa('2 1 0', anchor)],
    chain: [leaf, middle],
    gives: ['match'],
  },
  {
    when: 'usage 2 with a whole key that has signed nothing here',
    records: [tlsa('2 1 0', other)],
    chain: [leaf, middle],
    gives: ['other'],
  },
  {
    when: 'usage 2 with the certificates in another order',
    records: [tlsa('2 0 1', anchor)],
    chain: [leaf, anchor, other, middle],
    gives: ['match'],
  },
  {
    when: 'usage 2 with a gap between the server’s own and the anchor',
    records: [tlsa('2 0 1', anchor)],
    chain: [leaf, anchor],
    gives: ['no-path'],
  },
  {
    when: 'usage 2 with an impostor of the issuer’s name',
    records: [tlsa('2 0 1', impostor)],
    chain: [leaf, impostor],
    gives: ['no-path'],
  },
  {
    when: 'usage 2 of a certificate that is beside the path',
    records: [tlsa('2 0 1', other)],
    chain: [...chain, other],
    gives: ['no-path'],
  },
  {
    when: 'usage 2 with an issuer that is no CA',
    records: [tlsa('2 0 1', parse(noAuthority))],
    chain: [parse(noAuthority.issue({ names: [name] })), parse(noAuthority)],
    gives: ['no-path'],
  },
  { when: 'usage 2 and an end', records: [tlsa('2 0 1', middle)], chain: [expired, middle], gives: ['out-of-date'] },
  { when: 'usage 2 too early', records: [tlsa('2 0 1', middle)], chain: [early, middle], gives: ['out-of-date'] },
  {
    when: 'usage 2 below a certificate that has expired',
    records: [tlsa('2 0 1', anchor)],
    chain: [belowOld, parse(oldSub), anchor],
    gives: ['out-of-date'],
  },
  {
    when: 'usage 2 of an anchor that has expired',
    records: [tlsa('2 0 1', parse(oldAnchor))],
    chain: [parse(oldAnchor.issue({ names: [name], notAfter: NOW + 999 * DAY_MS })), parse(oldAnchor)],
    now: NOW + 500 * DAY_MS,
    gives: ['out-of-date'],
  },
  {
    when: 'usage 2 whole of an anchor that has expired',
    records: [tlsa('2 0 0', parse(oldAnchor))],
    chain: [parse(oldAnchor.issue({ names: [name], notAfter: NOW + 999 * DAY_MS }))],
    now: NOW + 500 * DAY_MS,
    gives: ['out-of-date'],
  },
  {
    when: 'usage 2 for another name',
    records: [tlsa('2 0 1', middle)],
    names: ['mx2.example.com'],
    gives: ['other-name'],
  },
  {
    when: 'usage 2 for the next-hop domain',
    records: [tlsa('2 0 1', middle)],
    chain: [leafFor('example.com'), middle],
    names: [name, 'example.com'],
    gives: ['match'],
  },
  {
    when: 'usage 2 with a wildcard for the first label',
    records: [tlsa('2 0 1', middle)],
    chain: [leafFor('*.example.com'), middle],
    gives: ['match'],
  },
  {
    when: 'usage 2 with a wildcard for two labels',
    records: [tlsa('2 0 1', middle)],
    chain: [leafFor('*.com'), middle],
    gives: ['other-name'],
  },
  {
    when: 'usage 2 with a wildcard that is a part of the label',
    records: [tlsa('2 0 1', middle)],
    chain: [leafFor('m*.example.com'), middle],
    gives: ['other-name'],
  },
  {
    when: 'usage 2 with a common name and no other',
    records: [tlsa('2 0 1', middle)],
    chain: [onlyCommonName, middle],
    gives: ['match'],
  },
  {
    when: 'usage 2 with a common name beside other names',
    records: [tlsa('2 0 1', middle)],
    chain: [withOtherNames, middle],
    gives: ['other-name'],
  },
  { when: 'usage 1', records: [tlsa('1 1 1', leaf)], gives: ['unusable'] },
  {
    when: 'a digest that is too short beside a good one',
    records: [{ ...tlsa('3 1 1', leaf), data: 'ab'.repeat(16) }, tlsa('3 1 1', leaf)],
    gives: ['unusable', 'match'],
  },
  {
    when: 'the next key beside this one',
    records: [tlsa('3 1 1', alone), tlsa('3 1 1', leaf)],
    gives: ['other', 'match'],
  },
  {
    when: 'SHA-256 right and SHA-512 wrong',
    records: [tlsa('3 1 1', leaf), tlsa('3 1 2', alone)],
    gives: ['weaker', 'other'],
  },
  {
    when: 'SHA-256 right, SHA-512 of another selector wrong',
    records: [tlsa('3 1 1', leaf), tlsa('3 0 2', alone)],
    gives: ['match', 'other'],
  },
  {
    when: 'SHA-256 right, SHA-512 of another usage wrong',
    records: [tlsa('3 1 1', leaf), tlsa('2 1 2', alone)],
    gives: ['match', 'other'],
  },
  {
    when: 'SHA-256 right and SHA-512 unusable',
    records: [tlsa('3 1 1', leaf), { ...tlsa('3 1 2', leaf), data: 'ab' }],
    gives: ['match', 'unusable'],
  },
  {
    when: 'a whole key right beside a digest that is wrong',
    records: [tlsa('3 1 0', leaf), tlsa('3 1 2', alone)],
    gives: ['match', 'other'],
  },
  {
    when: 'both digests right',
    records: [tlsa('3 1 1', leaf), tlsa('3 1 2', leaf)],
    gives: ['weaker', 'match'],
  },
  {
    when: 'no certificate',
    records: [tlsa('3 1 1', leaf), tlsa('2 1 1', middle)],
    chain: [],
    gives: ['other', 'other'],
  },
];

describe('compareTlsa', () => {
  test.each(cases)('$when', ({ records, gives, ...shown }) => {
    const compared = compareTlsa(records, { chain, names: [name], now: NOW, ...shown });
    expect(compared.map((one) => (one.matches ? 'match' : one.miss.why))).toEqual(gives);
    expect(isMatched(compared)).toBe(gives.includes('match'));
  });

  test('names the certificate that matches', () => {
    const shown = { chain, names: [name], now: NOW };
    expect(compareTlsa([tlsa('3 1 1', leaf)], shown)).toMatchObject([{ certificate: { subject: `CN=${name}` } }]);
    expect(compareTlsa([tlsa('2 1 1', middle)], shown)).toMatchObject([{ certificate: { subject: 'CN=Sub' } }]);
  });

  test('says what a record misses', () => {
    const shown = { chain, names: [name], now: NOW };
    expect(compareTlsa([tlsa('3 1 1', middle)], shown)).toMatchObject([
      { miss: { why: 'is-issuer', certificate: { subject: 'CN=Sub' } } },
    ]);
    expect(compareTlsa([tlsa('2 0 1', anchor)], { ...shown, chain: [leaf, anchor] })).toMatchObject([
      { miss: { why: 'no-path', last: { subject: `CN=${name}` } } },
    ]);
    expect(compareTlsa([tlsa('2 0 1', middle)], { ...shown, names: ['a.example', 'b.example'] })).toMatchObject([
      { miss: { why: 'other-name', names: [name], wanted: ['a.example', 'b.example'] } },
    ]);
    expect(compareTlsa([tlsa('2 0 1', anchor)], { ...shown, chain: [belowOld, parse(oldSub), anchor] })).toMatchObject([
      { miss: { why: 'out-of-date', state: 'expired', certificate: { subject: 'CN=Old' } } },
    ]);
  });

  test('only the strongest digest keeps a record from matching', () => {
    const shown = { chain, names: [name], now: NOW };
    const lost = (...records: TlsaRecord[]) => isLostToAgility(compareTlsa(records, shown));
    expect(lost(tlsa('3 1 1', leaf), tlsa('3 1 2', alone))).toBe(true);
    expect(lost(tlsa('3 1 1', alone), tlsa('3 1 2', alone))).toBe(false);
    expect(lost(tlsa('3 1 1', leaf), tlsa('3 1 2', alone), tlsa('2 1 1', middle))).toBe(false);
    expect(lost(tlsa('3 1 1', leaf), tlsa('3 1 2', leaf))).toBe(false);
  });

  test('takes a path within its dates before one that is not', () => {
    const crossed = parse(root.intermediate('Cross', { notBefore: NOW - 9 * DAY_MS, notAfter: NOW - 1000 }));
    const twice = root.intermediate('Twice');
    const below = parse(twice.issue({ names: [name] }));
    const shown = { chain: [below, crossed, parse(twice), anchor], names: [name], now: NOW };
    expect(isMatched(compareTlsa([tlsa('2 0 1', anchor)], shown))).toBe(true);
  });

  test('certificates that all sign each other are looked at once', () => {
    const key = createAuthority('Ring');
    const ring = Array.from({ length: 9 }, () => parse(key.intermediate('Ring')));
    const shown = { chain: [parse(key.issue({ names: [name] })), ...ring], names: [name], now: NOW };
    expect(compareTlsa([tlsa('2 0 0', other)], shown)).toMatchObject([{ miss: { why: 'other' } }]);
  });
});

describe('publicKeyInfo', () => {
  test.each(['ec', 'rsa2048'] as const)('is the key of the certificate: %s', (kind) => {
    const { certificate, key } = root.issue({ names: [name], key: kind });
    const spki = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
    expect(publicKeyInfo(new X509Certificate(certificate).raw)).toEqual(spki);
  });
});
