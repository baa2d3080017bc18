/** Tests canonical forms (RFC 4034 §6) and the hashes and tags that DNSSEC computes. */
import { describe, expect, test } from 'vitest';
import { canonicalData, countedLabels } from '../../../src/standards/dnssec/canonical.ts';
import { compareNames, isWithin, labelsOf, nameText, wireName } from '../../../src/standards/dnssec/names.ts';
import { nsec3Hash } from '../../../src/standards/dnssec/nsec3.ts';
import { base32Decoded, readDs, readNsec, readRrsig } from '../../../src/standards/dnssec/rdata.ts';
import fc from '../../fast-check.ts';

const labels = (name: string) => labelsOf(name) ?? [];

describe('names', () => {
  test('the order of RFC 4034 §6.1', () => {
    const sorted = [
      'example',
      'a.example',
      'yljkjljk.a.example',
      'Z.a.example',
      'zABC.a.EXAMPLE',
      'z.example',
      '\\001.z.example',
      '*.z.example',
      '\\200.z.example',
    ];
    const shuffled = [...sorted].reverse();
    expect(shuffled.map(labels).sort(compareNames)).toEqual(sorted.map(labels));
  });

  const name = fc
    .array(
      fc.string({
        minLength: 1,
        maxLength: 5,
        unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      }),
      { maxLength: 5 },
    )
    .map((parts) => parts.map((part) => part.replace(/[A-Z]/g, (letter) => letter.toLowerCase())));

  test('a name is the same after it was written and read', () => {
    fc.assert(
      fc.property(name, (parts) => {
        expect(labelsOf(nameText(parts))).toEqual(parts);
      }),
    );
  });

  test('the order is total, and a name comes directly before the names below it', () => {
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNames(a, b))).toBe(-Math.sign(compareNames(b, a)) + 0);
        if (compareNames(a, b) <= 0 && compareNames(b, c) <= 0) expect(compareNames(a, c)).toBeLessThanOrEqual(0);
        if (isWithin(c, a) && compareNames(a, b) < 0 && compareNames(b, c) < 0) expect(isWithin(b, a)).toBe(true);
      }),
    );
  });

  test.each(['a..b', '.a', `${'a'.repeat(64)}.b`, `${'a.'.repeat(128)}`, '\\256.a', '\u0100.a'])(
    '%j is no name',
    (text) => {
      expect(labelsOf(text)).toBeUndefined();
    },
  );
});

describe('data', () => {
  const upper = Buffer.from('\x03WwW\x07EXAMPLE\0', 'latin1');
  const lower = wireName(['www', 'example']);
  test.each([
    ['NS', 2, [], []],
    ['SOA', 6, [], [1, 65, 66]],
    ['MX', 15, [65, 66], []],
    ['SRV', 33, [65, 66, 67, 68, 69, 70], []],
    ['DNAME', 39, [], []],
    ['RRSIG', 46, Array<number>(18).fill(65), [65, 66]],
  ])('%s: names are in lower case, and nothing else is changed', (_, type, before, after) => {
    const names = type === 6 ? [upper, upper] : [upper];
    const data = Buffer.concat([Buffer.from(before), ...names, Buffer.from(after)]);
    const expected = Buffer.concat([Buffer.from(before), ...names.map(() => lower), Buffer.from(after)]);
    expect(canonicalData(type, data)).toEqual(expected);
  });

  test('NSEC keeps the spelling of the next name (RFC 6840 §5.1), and so do types with unknown data', () => {
    for (const type of [16, 47, 65, 999]) expect(canonicalData(type, upper)).toBe(upper);
  });

  test('NAPTR has three strings before its name', () => {
    const strings = Buffer.from('\x01U\x05E2U+X\x02!A', 'latin1');
    const data = Buffer.concat([Buffer.from([0, 1, 0, 2]), strings, upper]);
    expect(canonicalData(35, data)).toEqual(Buffer.concat([Buffer.from([0, 1, 0, 2]), strings, lower]));
  });

  test('malformed data never makes a reader throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 60 }), (octets, type) => {
        const data = Buffer.from(octets);
        expect(canonicalData(type, data).length).toBe(data.length);
        for (const read of [readRrsig, readDs]) expect(() => read({ data })).not.toThrow();
        expect(() => readNsec({ owner: [], data })).not.toThrow();
      }),
    );
  });

  test('a wildcard is not counted as a label (RFC 4034 §3.1.3)', () => {
    expect([[], ['com'], ['*', 'example', 'com'], ['a', '*', 'com']].map(countedLabels)).toEqual([0, 1, 2, 3]);
  });
});

describe('NSEC3 hashes (RFC 5155 App. A)', () => {
  test.each([
    ['example', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'],
    ['a.example', '35mthgpgcu1qg68fab165klnsnk3dpvl'],
    ['ns1.example', '2t7b4g4vsa5smi47k61mv5bv1a22bojr'],
    ['*.w.example', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en'],
    ['xx.example', 't644ebqk9bibcna874givr6joj62mlhv'],
  ])('%s', (name, hash) => {
    expect(nsec3Hash(labels(name), Buffer.from('aabbccdd', 'hex'), 12)).toEqual(base32Decoded(hash));
  });
});
