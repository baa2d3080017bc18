/** The record grammar (RFC 7208 §4.5, §4.6.1, §5, §7.1, §12). */
import { describe, expect, test } from 'vitest';
import { isSpfRecord, parseRecord, selectRecords } from '../../src/spf/index.ts';
import { VALID_TERMS } from './valid-terms.ts';

const INVALID: readonly (readonly [string, string])[] = [
  ['all.', 'unknown-mechanism'],
  ['all:x.example', 'unexpected-argument'],
  ['all/8', 'unexpected-argument'],
  ['++all', 'unknown-mechanism'],
  ['-', 'unknown-mechanism'],
  ['ipv4:192.0.2.1', 'unknown-mechanism'],
  ['192.0.2.1', 'unknown-mechanism'],
  ['-redirect=x.example', 'unknown-mechanism'],
  ['redirect:x.example', 'unknown-mechanism'],
  ['1up=x', 'unknown-mechanism'],
  ['=x', 'unknown-mechanism'],
  ['a.b:c=d', 'unknown-mechanism'],
  ['include', 'missing-domain'],
  ['include:', 'missing-domain'],
  ['exists', 'missing-domain'],
  ['a:', 'missing-domain'],
  ['mx:/24', 'missing-domain'],
  ['redirect=', 'missing-domain'],
  ['exp=', 'missing-domain'],
  ['ptr/0', 'unexpected-argument'],
  ['a:museum', 'bad-domain'],
  ['a:museum.', 'bad-domain'],
  ['a:x.123', 'bad-domain'],
  ['a:192.0.2.1', 'bad-domain'],
  ['a:x.-com', 'bad-domain'],
  ['a:x.com-', 'bad-domain'],
  ['a:x.com:8080', 'bad-domain'],
  ['a:x.c_m', 'bad-domain'],
  ['a:%{d}.', 'bad-domain'],
  ['a:%{d}com', 'bad-domain'],
  ['include:x.example/24', 'bad-domain'],
  ['exp=-all', 'bad-domain'],
  ['a:x%.example', 'bad-macro'],
  ['a:%', 'bad-macro'],
  ['a:%(d).example', 'bad-macro'],
  ['a:%{d', 'bad-macro'],
  ['a:%{}.example', 'bad-macro'],
  ['a:%{z}.example', 'bad-macro'],
  ['a:%{d0}.example', 'bad-macro'],
  ['a:%{dr2}.example', 'bad-macro'],
  ['a:%{d*}.example', 'bad-macro'],
  ['a:%{c}.example', 'bad-macro'],
  ['exp=%{r}.example', 'bad-macro'],
  ['redirect=%{t}.example', 'bad-macro'],
  ['unknown=%x', 'bad-macro'],
  ['a:x\t.example', 'bad-character'],
  ['a:x.example\0', 'bad-character'],
  ['a:\u00efx.example', 'bad-character'],
  ['\u0080a', 'unknown-mechanism'],
  ['ip4', 'bad-address'],
  ['ip4:', 'bad-address'],
  ['ip4:1.2.3', 'bad-address'],
  ['ip4:1.2.3.04', 'bad-address'],
  ['ip4:1.2.3.256', 'bad-address'],
  ['ip4:1.2.3.4:25', 'bad-address'],
  ['ip4:1.2.3.4\n', 'bad-address'],
  ['ip4:2001:db8::1', 'bad-address'],
  ['ip4:%{i}', 'bad-address'],
  ['ip6:1.2.3.4', 'bad-address'],
  ['ip6::1::2', 'bad-address'],
  ['ip6:fe80::1%eth0', 'bad-address'],
  ['ip4:1.2.3.4/33', 'bad-prefix-length'],
  ['ip4:1.2.3.4/08', 'bad-prefix-length'],
  ['ip4:1.2.3.4/', 'bad-prefix-length'],
  ['ip4:1.2.3.4//32', 'bad-prefix-length'],
  ['ip6:::1/129', 'bad-prefix-length'],
  ['a/33', 'bad-prefix-length'],
  ['a//129', 'bad-prefix-length'],
  ['a/24/64', 'bad-prefix-length'],
  ['a/', 'bad-prefix-length'],
  ['mx/024', 'bad-prefix-length'],
];

describe('§12 grammar of a term', () => {
  test.each(VALID_TERMS)('%j is valid', (term) => {
    expect(parseRecord(`v=spf1 ${term}`).problems).toEqual([]);
  });

  test.each(INVALID)('%j is refused as %s', (term, kind) => {
    const { problems } = parseRecord(`v=spf1 mx ${term} -all`);
    expect(problems).toMatchObject([{ kind, term, offset: 10 }]);
  });
});

describe('§4.6.1 terms of a record', () => {
  test('are separated by one or more spaces, and keep their offsets', () => {
    const { terms } = parseRecord('v=spf1  a   -all ');
    expect(terms.map(({ text, offset }) => [text, offset])).toEqual([
      ['a', 8],
      ['-all', 12],
    ]);
  });

  test('every error is reported, not only the first', () => {
    const { problems } = parseRecord('v=spf1 foo ip4:1 all bar');
    expect(problems.map(({ term, offset }) => [term, offset])).toEqual([
      ['foo', 7],
      ['ip4:1', 11],
      ['bar', 21],
    ]);
  });

  test('§6 redirect and exp may appear once each; an unknown modifier any number of times', () => {
    const { problems } = parseRecord(
      'v=spf1 redirect=a.example x=1 x=1 REDIRECT=b.example exp=c.example exp=c.example',
    );
    expect(problems.map(({ kind, term }) => [kind, term])).toEqual([
      ['duplicate-modifier', 'REDIRECT=b.example'],
      ['duplicate-modifier', 'exp=c.example'],
    ]);
  });

  test('§7.3 a macro keeps its letter, transformers and delimiters', () => {
    const [term] = parseRecord('v=spf1 a:%{L12R+-}').terms;
    expect(term).toMatchObject({
      mechanism: {
        domainSpec: { parts: [{ letter: 'l', escaped: true, keep: 12, reversed: true, delimiters: '+-' }] },
      },
    });
  });
});

describe('§4.5 selection', () => {
  test.each([
    ['v=spf1', true],
    ['v=spf1 ', true],
    ['V=SpF1 -all', true],
    ['v=spf10', false],
    ['v=spf1\t-all', false],
    ['v=spf1\n', false],
    [' v=spf1 -all', false],
    ['v=spf1;-all', false],
    ['', false],
  ])('%j: %s', (text, expected) => {
    expect(isSpfRecord(text)).toBe(expected);
  });

  test('§3.3 strings are joined without a separator first', () => {
    expect(selectRecords([['v=sp', 'f1 a'], ['v=spf1', 'mx'], ['other'], []])).toEqual(['v=spf1 a']);
  });
});
