/** The record grammar (RFC 7208 §4.5, §4.6.1, §5, §7.1, §12). */
import { describe, expect, test } from 'vitest';
import { isSpfRecord, parseRecord, selectRecords } from '../../../src/standards/spf/index.ts';
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
  ['ip4/24:1.2.3.4', 'bad-address'],
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

describe('SPF: the grammar of a term, RFC 7208 §12', () => {
  test.each(VALID_TERMS)('%j is valid', (term) => {
    expect(parseRecord(`v=spf1 ${term}`).problems).toEqual([]);
  });

  test.each(INVALID)('%j is refused as %s', (term, kind) => {
    const { problems } = parseRecord(`v=spf1 mx ${term} -all`);
    expect(problems).toMatchObject([{ kind, term, offset: 10 }]);
  });
});

describe('SPF: the message about an invalid term', () => {
  test.each([
    ['all:x', '"all" takes no argument'],
    ['foo', 'there is no mechanism "foo"'],
    ['FOO:x', 'there is no mechanism "foo"'],
    ['a.b-c_1:x', 'there is no mechanism "a.b-c_1"'],
    [':x', 'it has no mechanism name'],
    ['+', 'it has no mechanism name'],
    ['include', '"include" needs ":" and a domain name'],
    ['Exists/24', '"exists" needs ":" and a domain name'],
    ['include=', ''],
    ['include:', 'a domain name is missing'],
    ['redirect=', 'a domain name is missing'],
    ['ptr/24', '"/24" is not allowed here'],
    ['a.x', 'there is no mechanism "a.x"'],
    ['mx=', ''],
    ['ptr:x', '"x" is not a domain name with at least two labels'],
    ['a:x.-y/24', '"x.-y" is not a domain name with at least two labels'],
    ['a:%{d}x', '"%{d}x" is not a domain name with at least two labels'],
    ['a/x', '"/x" is not a prefix length'],
    ['a/8/24', '"/8/24" is not a prefix length'],
    ['a/24/64', '"/64" is not an IPv4 prefix length (0 to 32)'],
    ['a/33', '"/33" is not an IPv4 prefix length (0 to 32)'],
    ['mx/24//129', '"/129" is not an IPv6 prefix length (0 to 128)'],
    ['mx/024//129', '"/024" is not an IPv4 prefix length (0 to 32)'],
    ['ip4', '"ip4" needs ":" and an address'],
    ['ip6/64', '"ip6" needs ":" and an address'],
    ['IP6:192.0.2.1', '"192.0.2.1" is not an IPv6 address'],
    ['ip4:192.0.2', '"192.0.2" is not an IPv4 address'],
    ['ip4:192.0.2.1/', '"/" is not an IPv4 prefix length (0 to 32)'],
    ['ip4:192.0.2.1/x', '"/x" is not an IPv4 prefix length (0 to 32)'],
    ['ip4:192.0.2.1/24/x', '"/24/x" is not an IPv4 prefix length (0 to 32)'],
    ['ip6:::1/1000', '"/1000" is not an IPv6 prefix length (0 to 128)'],
    ['a:x\u00e9.example', 'octet 0xe9 is not allowed here'],
    ['a:x\t.example', 'octet 0x09 is not allowed here'],
    ['a:x\u007f.example', 'octet 0x7f is not allowed here'],
    ['a:100%.example', 'a lone "%" is not allowed; write "%%"'],
    ['a:%', 'a lone "%" is not allowed; write "%%"'],
    ['a:x.%{d', '"%{d" is not a macro'],
    ['a:%{d*}.long.example.com', '"%{d*}.long.e" is not a macro'],
    ['a:%{q}.example', '"%{q}": there is no macro letter "q"'],
    ['a:%{Q}.example', '"%{Q}": there is no macro letter "Q"'],
    ['a:%{c}.example', '"%{c}" is for explanation text only'],
    ['redirect=%{R}.example', '"%{R}" is for explanation text only'],
    ['exp=%{t}.example', '"%{t}" is for explanation text only'],
    ['a:%{d00}.example', '"%{d00}" keeps zero parts'],
    ['x=%{q}', '"%{q}": there is no macro letter "q"'],
    ['x=%{c}%{r}%{t}', ''],
  ])('%j → %s', (term, message) => {
    const { problems } = parseRecord(`v=spf1 ${term}`);
    expect(problems.map((problem) => problem.message)).toEqual(message === '' ? [] : [message]);
  });

  test.each([
    ['exp=a.example exp=b.example', [['duplicate-modifier', 'it appears a second time', 'exp=b.example', 21]]],
    [
      'redirect=x redirect=b.example',
      [['bad-domain', '"x" is not a domain name with at least two labels', 'redirect=x', 7]],
    ],
    ['redirect=a.example exp=b.example', []],
  ])('of the modifiers %s', (terms, expected) => {
    const { problems } = parseRecord(`v=spf1 ${terms}`);
    expect(problems.map(({ kind, message, term, offset }) => [kind, message, term, offset])).toEqual(expected);
  });
});

describe('SPF: the parsed form of a term', () => {
  const literal = (text: string) => ({ text, parts: [{ kind: 'literal', text }] });
  const d = { kind: 'macro', text: '%{d}', letter: 'd', escaped: false, keep: null, reversed: false, delimiters: '' };
  const network = { family: 4, octets: Uint8Array.of(192, 0, 2, 1) };

  test.each<[string, object]>([
    ['all', { kind: 'directive', qualifier: '+', mechanism: { name: 'all' } }],
    ['-ALL', { kind: 'directive', qualifier: '-', mechanism: { name: 'all' } }],
    [
      '~a',
      {
        kind: 'directive',
        qualifier: '~',
        mechanism: { name: 'a', domainSpec: null, prefixLength: { 4: 32, 6: 128 } },
      },
    ],
    [
      '?mx/24',
      {
        kind: 'directive',
        qualifier: '?',
        mechanism: { name: 'mx', domainSpec: null, prefixLength: { 4: 24, 6: 128 } },
      },
    ],
    [
      '+a//64',
      { kind: 'directive', qualifier: '+', mechanism: { name: 'a', domainSpec: null, prefixLength: { 4: 32, 6: 64 } } },
    ],
    [
      'a:x.example/0//0',
      {
        kind: 'directive',
        qualifier: '+',
        mechanism: { name: 'a', domainSpec: literal('x.example'), prefixLength: { 4: 0, 6: 0 } },
      },
    ],
    ['ptr', { kind: 'directive', qualifier: '+', mechanism: { name: 'ptr', domainSpec: null } }],
    [
      'ptr:x.example',
      { kind: 'directive', qualifier: '+', mechanism: { name: 'ptr', domainSpec: literal('x.example') } },
    ],
    [
      'Include:x.example',
      { kind: 'directive', qualifier: '+', mechanism: { name: 'include', domainSpec: literal('x.example') } },
    ],
    [
      'exists:%{d}',
      { kind: 'directive', qualifier: '+', mechanism: { name: 'exists', domainSpec: { text: '%{d}', parts: [d] } } },
    ],
    [
      'ip4:192.0.2.1',
      { kind: 'directive', qualifier: '+', mechanism: { name: 'ip4', network: { ...network, prefixLength: 32 } } },
    ],
    [
      'ip4:192.0.2.1/0',
      { kind: 'directive', qualifier: '+', mechanism: { name: 'ip4', network: { ...network, prefixLength: 0 } } },
    ],
    [
      'ip6:::/128',
      {
        kind: 'directive',
        qualifier: '+',
        mechanism: { name: 'ip6', network: { family: 6, octets: new Uint8Array(16), prefixLength: 128 } },
      },
    ],
    ['Redirect=x.example', { kind: 'modifier', name: 'redirect', domainSpec: literal('x.example') }],
    ['EXP=x.example', { kind: 'modifier', name: 'exp', domainSpec: literal('x.example') }],
    ['X-y_1.z=', { kind: 'unknown-modifier', name: 'x-y_1.z', value: { text: '', parts: [] } }],
    [
      'x=a%%%_%-b%{d}',
      {
        kind: 'unknown-modifier',
        name: 'x',
        value: {
          text: 'a%%%_%-b%{d}',
          parts: [
            { kind: 'literal', text: 'a' },
            { kind: 'escape', text: '%%', value: '%' },
            { kind: 'escape', text: '%_', value: ' ' },
            { kind: 'escape', text: '%-', value: '%20' },
            { kind: 'literal', text: 'b' },
            d,
          ],
        },
      },
    ],
    [
      'x=%{L12R.-+,/_=}',
      {
        kind: 'unknown-modifier',
        name: 'x',
        value: {
          text: '%{L12R.-+,/_=}',
          parts: [
            {
              ...d,
              text: '%{L12R.-+,/_=}',
              letter: 'l',
              escaped: true,
              keep: 12,
              reversed: true,
              delimiters: '.-+,/_=',
            },
          ],
        },
      },
    ],
  ])('%s', (text, expected) => {
    expect(parseRecord(`v=spf1 ${text}`)).toEqual({
      text: `v=spf1 ${text}`,
      terms: [{ ...expected, text, offset: 7 }],
      problems: [],
    });
  });
});

describe('SPF: the terms of a record, RFC 7208 §4.6.1', () => {
  test('are separated by one or more spaces, and keep their offsets', () => {
    const { terms } = parseRecord('v=spf1  a   -all ');
    expect(terms.map(({ text, offset }) => [text, offset])).toEqual([
      ['a', 8],
      ['-all', 12],
    ]);
  });

  test('are all checked, so that every error is reported', () => {
    const { problems } = parseRecord('v=spf1 foo ip4:1 all bar');
    expect(problems.map(({ term, offset }) => [term, offset])).toEqual([
      ['foo', 7],
      ['ip4:1', 11],
      ['bar', 21],
    ]);
  });

  test('may include redirect and exp once each, and unknown modifiers any number of times (§6)', () => {
    const { problems } = parseRecord(
      'v=spf1 redirect=a.example x=1 x=1 REDIRECT=b.example exp=c.example exp=c.example',
    );
    expect(problems.map(({ kind, term }) => [kind, term])).toEqual([
      ['duplicate-modifier', 'REDIRECT=b.example'],
      ['duplicate-modifier', 'exp=c.example'],
    ]);
  });

  test('keep the letter, transformers and delimiters of a macro (§7.3)', () => {
    const [term] = parseRecord('v=spf1 a:%{L12R+-}').terms;
    expect(term).toMatchObject({
      mechanism: {
        domainSpec: { parts: [{ letter: 'l', escaped: true, keep: 12, reversed: true, delimiters: '+-' }] },
      },
    });
  });
});

describe('SPF: isSpfRecord, RFC 7208 §4.5', () => {
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
  ])('%j → %s', (text, expected) => {
    expect(isSpfRecord(text)).toBe(expected);
  });

  test('§3.3: selectRecords joins the strings without separator first', () => {
    expect(selectRecords([['v=sp', 'f1 a'], ['v=spf1', 'mx'], ['other'], []])).toEqual(['v=spf1 a']);
  });
});
