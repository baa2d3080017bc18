/** Whose a message is: the From field by the grammar of RFC 5322 §3.4, and what people and attackers make of it. */

import { describe, expect, it } from 'vitest';
import { authorDomain } from '../../../src/standards/dkim/from-field.ts';
import { cpuMs } from '../../cpu-time.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';

function domainOf(...values: string[]): string | null {
  const latin1 = values.map((value) => Buffer.from(value, 'utf8').toString('latin1'));
  return authorDomain([
    { name: 'to', text: 'To: bob@example.org' },
    ...latin1.map((value) => ({ name: 'from', text: `From: ${value}` })),
  ]);
}

describe('authorDomain: finds the domain in a From field with', () => {
  it.each([
    ['an address', 'ann@example.com'],
    ['an address in capitals', 'ANN@EXAMPLE.COM'],
    ['a name and an address', 'Ann Smith <ann@example.com>'],
    ['no space before the address', 'Ann<ann@example.com>'],
    ['a quoted name', '"Smith, Ann" <ann@example.com>'],
    ['a quoted name with an address in it', '"eve@example.net" <ann@example.com>'],
    ['a quoted name with an angle bracket in it', '"<eve@example.net>," <ann@example.com>'],
    ['a quoted name with a quote in it', '"Ann \\"<eve@example.net>\\"" <ann@example.com>'],
    ['a quoted name that ends with a backslash', '"Ann \\\\" <ann@example.com>'],
    ['an encoded word', '=?utf-8?q?Ann_Bj=C3=B6rk?= <ann@example.com>'],
    ['an encoded word that holds an address once decoded', '=?utf-8?b?PGV2ZUBleGFtcGxlLm5ldD4=?= <ann@example.com>'],
    ['a comma in a name without quotes', 'Smith, Ann <ann@example.com>'],
    ['an address as the name, without quotes', 'eve@example.net <ann@example.com>'],
    ['a name in UTF-8', 'Björk, Ann <ann@example.com>'],
    ['a comment after the address', 'ann@example.com (Ann)'],
    ['a comment with an address, nested', 'ann@example.com (or (eve@example.net) <x@example.net>)'],
    ['a comment with an escaped parenthesis', '(\\) eve@example.net, ) ann@example.com'],
    ['comments around the parts', '(a) Ann (b) <(c) ann (d) @ (e) example . com (f)> (g)'],
    ['a parenthesis in a quoted name', '"Ann (" <ann@example.com>'],
    ['a folded field', '"Smith,\r\n Ann"\r\n\t<ann@example.com>'],
    ['a folded address', '<ann@\r\n example.com>'],
    ['a quoted local part', '"ann@example.net, x"@example.com'],
    ['a local part with dots where none belong', '.ann..smith.@example.com'],
    ['an obsolete route', '<@example.net,@example.org:ann@example.com>'],
    ['empty places in the list', ', ann@example.com,,'],
    ['a final dot', 'ann@example.com.'],
    ['two authors of one domain', 'ann@example.com, Bob <bob@EXAMPLE.com>'],
    ['a group', 'The board: ann@example.com, Bob <bob@example.com>;'],
    ['an empty group beside an author', 'nobody:; ann@example.com'],
  ])('%s', (_, value) => {
    expect(domainOf(value)).toBe('example.com');
  });

  it.each([
    ['in UTF-8', 'ann@bücher.example'],
    ['in UTF-8, capitals', 'Ann <ann@BÜCHER.example>'],
    ['as A-labels', 'ann@xn--bcher-kva.example'],
    ['both ways', 'ann@bücher.example, bob@xn--bcher-kva.example'],
  ])('an internationalized name %s', (_, value) => {
    expect(domainOf(value)).toBe('xn--bcher-kva.example');
  });
});

describe('authorDomain: finds no single domain in a From field with', () => {
  it.each([
    ['nothing', ''],
    ['no address', 'Ann'],
    ['an empty group', 'undisclosed-recipients:;'],
    ['an address without a domain', '<ann>'],
    ['an address without a local part', '<@example.com>'],
    ['a domain literal', 'ann@[192.0.2.1]'],
    ['a single label', 'root@localhost'],
    ['a domain in quotes', 'ann@"example".com'],
    ['a domain of two words', 'ann@example .com example.net'],
    ['a domain with white space of another kind', 'ann@example\xa0.com'],
    ['a domain with NUL', 'ann@example\0.com'],
    ['two signs', 'ann@example.net@example.com'],
    ['authors of two domains', 'ann@example.com, bob@example.net'],
    ['authors of two domains, one of them in a group', 'ann@example.com, a: bob@example.net;'],
    ['authors of a domain and one below it', 'ann@example.com, bob@news.example.com'],
    ['one author who can be read, one who cannot', 'ann@example.com, bob@[192.0.2.1]'],
    ['two addresses for one author', '<eve@example.net> <ann@example.com>'],
    ['text after the address', '<ann@example.com> eve'],
    ['an address after a name without brackets', 'Ann ann@example.com'],
    ['a bracket that does not close', 'Ann <ann@example.com'],
    ['a bracket that does not open', 'Ann ann@example.com>'],
    ['brackets in brackets', '<<ann@example.com>>'],
    ['a quote that does not close', '"Ann <ann@example.com>'],
    ['a comment that does not close', 'ann@example.com (Ann'],
    ['a comment that does not open', 'ann@example.com Ann)'],
  ])('%s', (_, value) => {
    expect(domainOf(value)).toBeNull();
  });

  it('no field at all', () => {
    expect(domainOf()).toBeNull();
  });

  it('a second From field, even of the same domain', () => {
    expect(domainOf('ann@example.com', 'ann@example.com')).toBeNull();
  });
});

it('authorDomain: accepts any octets, and its result parses to itself', () => {
  const piece = fc.constantFrom(
    ...'<>()[]",:;@.\\ \t',
    '\r\n ',
    'a',
    'example.com',
    '@example.com',
    '\xc3',
    '\xff',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const domain = authorDomain([{ name: 'from', text: `From:${pieces.join('')}` }]);
      expect(domain === null ? null : domainOf(`x@${domain}`)).toBe(domain);
    }),
    { numRuns: runs(5000) },
  );
});

const PIECES = [
  '<',
  '(',
  ')',
  '"',
  ',',
  'a,',
  'a@b.example,',
  'g:',
  'a@',
  'a@:',
  '@',
  '\\',
  '[',
  '["]',
  '[a]',
  '.',
  'a ',
  '\r\n ',
  '\0',
  '\xff',
];

it('authorDomain: rejects a name of thousands of different characters without delay', () => {
  const name = Array.from({ length: 30_000 }, (_, index) =>
    String.fromCodePoint(0x4e00 + ((index * 7919) % 20_000)),
  ).join('');
  const started = cpuMs();
  expect(domainOf(`ann@${name}.example`)).toBeNull();
  expect(cpuMs() - started).toBeLessThan(1000);
});

it.each(PIECES)('authorDomain: reads a hundred thousand octets of %j without delay', (piece) => {
  const text = piece.repeat(100_000 / piece.length);
  for (const value of [text, `ann@${text}`, `<${text}`, `"${text}`, `(${text}`, `${text}ann@example.com`]) {
    const started = cpuMs();
    authorDomain([{ name: 'from', text: `From: ${value}` }]);
    expect(cpuMs() - started).toBeLessThan(1000);
  }
});
