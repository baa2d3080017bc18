/** What a record lets through as a whole, and what can be read off it without a client. */
import { describe, expect, test } from 'vitest';
import {
  countIpv4,
  decidingNode,
  gluedTerms,
  isOpenTerm,
  lettersIn,
  networkText,
  openTerms,
  parseRecord,
  permittedNetworks,
  registrableDomain,
  usesReverseNames,
  walk,
} from '../../../src/standards/spf/index.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';

/** The root of the tree under this record of example.com. */
async function rootOf(text: string, others: ZoneScript = {}) {
  const { root } = await walk('example.com', zoneResolver({ zone: { 'example.com': { TXT: [text] }, ...others } }));
  return root;
}

function networksIn(text: string) {
  return parseRecord(`v=spf1 ${text}`).terms.flatMap((term) =>
    term.kind === 'directive' && 'network' in term.mechanism ? [term.mechanism.network] : [],
  );
}

describe('SPF: decidingNode, RFC 7208 §6.1', () => {
  test.each<[string, string, ZoneScript, string | null]>([
    ['the record itself', 'v=spf1 include:r.example -all', { 'r.example': 'v=spf1 -all' }, 'example.com'],
    ['the target of a redirect', 'v=spf1 a redirect=r.example', { 'r.example': 'v=spf1 -all' }, 'r.example'],
    [
      'the end of a chain of redirects',
      'v=spf1 include:i.example redirect=r.example',
      { 'i.example': 'v=spf1 -all', 'r.example': 'v=spf1 redirect=s.example', 's.example': 'v=spf1' },
      's.example',
    ],
    [
      'the record itself when it has redirect beside all',
      'v=spf1 redirect=r.example -all',
      { 'r.example': 'v=spf1' },
      'example.com',
    ],
    ['unknown after a redirect to a missing record', 'v=spf1 redirect=r.example', {}, null],
    [
      'unknown after a redirect to a record with errors',
      'v=spf1 redirect=r.example',
      { 'r.example': 'v=spf1 foo -all' },
      null,
    ],
    ['unknown after a redirect to itself', 'v=spf1 redirect=example.com', {}, null],
    ['unknown after a redirect with a macro', 'v=spf1 redirect=%{i}.example', {}, null],
    ['unknown for a record with errors', 'v=spf1 foo -all', {}, null],
    ['unknown without record', 'text', {}, null],
  ])('%s', async (_, text, others, expected) => {
    expect(decidingNode(await rootOf(text, others))?.domain ?? null).toBe(expected);
  });
});

describe('SPF: permittedNetworks', () => {
  test.each<[string, string, ZoneScript, string[]]>([
    [
      'of both IP versions, but only with the qualifier "+"',
      'v=spf1 ip4:192.0.2.0/24 +ip6:2001:db8::/32 -ip4:198.51.100.1 ~ip4:198.51.100.2 ?ip4:198.51.100.3 a mx -all',
      {},
      ['example.com ip4:192.0.2.0/24 192.0.2.0/24', 'example.com +ip6:2001:db8::/32 2001:db8::/32'],
    ],
    ['no networks after all', 'v=spf1 -all ip4:192.0.2.1', {}, []],
    [
      'networks of included records, but not of a -include',
      'v=spf1 include:i.example -include:j.example include:k.example ip4:192.0.2.1 -all',
      {
        'i.example': 'v=spf1 include:k.example ip4:192.0.2.2',
        'j.example': 'v=spf1 ip4:192.0.2.3',
        'k.example': 'v=spf1 ip4:192.0.2.4',
      },
      [
        'k.example ip4:192.0.2.4 192.0.2.4',
        'i.example ip4:192.0.2.2 192.0.2.2',
        'k.example ip4:192.0.2.4 192.0.2.4',
        'example.com ip4:192.0.2.1 192.0.2.1',
      ],
    ],
    [
      'networks of the target of a redirect',
      'v=spf1 include:i.example ip4:192.0.2.1 redirect=r.example',
      { 'i.example': 'v=spf1', 'r.example': 'v=spf1 ip4:192.0.2.2 -all' },
      ['example.com ip4:192.0.2.1 192.0.2.1', 'r.example ip4:192.0.2.2 192.0.2.2'],
    ],
    [
      'no networks of a redirect beside all',
      'v=spf1 redirect=r.example -all',
      { 'r.example': 'v=spf1 ip4:192.0.2.2' },
      [],
    ],
    ['no networks of a record with errors', 'v=spf1 ip4:192.0.2.1 foo', {}, []],
    ['no networks without record', 'text', {}, []],
    ['networks before a loop', 'v=spf1 ip4:192.0.2.1 include:example.com', {}, ['example.com ip4:192.0.2.1 192.0.2.1']],
  ])('%s', async (_, text, others, expected) => {
    const found = permittedNetworks(await rootOf(text, others));
    expect(found.map(({ domain, term, network }) => `${domain} ${term} ${networkText(network)}`)).toEqual(expected);
  });
});

describe('SPF: openTerms and isOpenTerm', () => {
  test.each([
    ['all', true],
    ['+all', true],
    ['-all', true],
    ['exists:x.example', true],
    ['a', false],
    ['a/0', true],
    ['a//0', true],
    ['a/1//1', false],
    ['mx', false],
    ['mx/0', true],
    ['mx//0', true],
    ['ip4:192.0.2.1/0', true],
    ['ip4:192.0.2.1/1', false],
    ['ip6:::/0', true],
    ['ip6:::/1', false],
    ['ptr', false],
    ['include:x.example', false],
    ['redirect=x.example', false],
    ['foo', false],
  ])('isOpenTerm: %s → %s', (term, expected) => {
    expect(isOpenTerm(term)).toBe(expected);
  });

  test.each<[string, string, ZoneScript, string[]]>([
    ['+all', 'v=spf1 ip4:192.0.2.1 a +all', {}, ['example.com +all']],
    ['no terms with another qualifier than "+"', 'v=spf1 ?exists:a.example -a/0 ~ip4:192.0.2.1/0 -all', {}, []],
    ['no terms after all', 'v=spf1 -all exists:a.example', {}, []],
    [
      'terms of included records, but not of a -include',
      'v=spf1 include:i.example -include:j.example exists:x.example -all',
      { 'i.example': 'v=spf1 mx/0 -all', 'j.example': 'v=spf1 all' },
      ['i.example mx/0', 'example.com exists:x.example'],
    ],
    [
      'terms of the target of a redirect',
      'v=spf1 include:i.example exists:x.example redirect=r.example',
      { 'i.example': 'v=spf1', 'r.example': 'v=spf1 all' },
      ['example.com exists:x.example', 'r.example all'],
    ],
    ['no terms of a redirect beside all', 'v=spf1 redirect=r.example -all', { 'r.example': 'v=spf1 all' }, []],
    [
      'no terms of an included record with errors',
      'v=spf1 include:i.example +all',
      { 'i.example': 'v=spf1 foo all' },
      ['example.com +all'],
    ],
    ['no terms without record', 'text', {}, []],
  ])('%s', async (_, text, others, expected) => {
    expect(openTerms(await rootOf(text, others)).map(({ domain, term }) => `${domain} ${term}`)).toEqual(expected);
  });
});

describe('SPF: countIpv4', () => {
  test.each([
    ['', 0],
    ['ip4:192.0.2.1', 1],
    ['ip4:192.0.2.0/24', 256],
    ['ip4:192.0.2.1 ip4:192.0.2.1', 1],
    ['ip4:192.0.2.1 ip4:192.0.2.2', 2],
    ['ip4:192.0.2.0/24 ip4:192.0.2.128/25', 256],
    ['ip4:192.0.2.128/25 ip4:192.0.2.77/24 ip4:192.0.2.1', 256],
    ['ip4:192.0.3.0/24 ip4:192.0.2.0/24 ip4:192.0.2.0/30', 512],
    ['ip4:192.0.2.0/24 ip4:192.0.2.0/28 ip4:192.0.2.200/29', 256],
    ['ip4:192.0.2.255/31 ip4:192.0.3.0/32', 3],
    ['ip6:2001:db8::/32 ip4:192.0.2.0/30', 4],
    ['ip6:::/0 ip4:192.0.2.0/30', 4],
    ['ip4:0.0.0.0/0', 2 ** 32],
    ['ip4:255.255.255.255/1 ip4:1.2.3.4/1', 2 ** 32],
  ])('%j → %d', (text, expected) => {
    expect(countIpv4(networksIn(text))).toBe(expected);
  });
});

describe('SPF: macros and PTR lookups', () => {
  test.each([
    ['v=spf1 a mx ptr ip4:192.0.2.1 x=%{v} -all', ''],
    ['v=spf1 a:%{i}.%{d} exists:%{h}.%{d2r} redirect=%{L}.example', 'dhil'],
    ['v=spf1 include:%{o} exp=%{p}.example', 'op'],
  ])('lettersIn: %j → %j', (text, letters) => {
    expect([...lettersIn(parseRecord(text))].sort().join('')).toBe(letters);
  });

  test.each([
    ['ptr', true],
    ['ptr:x.example', true],
    ['exists:%{p}.x.example', true],
    ['a:%{P2}.x.example', true],
    ['redirect=%{p}.x.example', true],
    ['exp=%{p}.x.example', true],
    ['a', false],
    ['mx:%{d}', false],
    ['ip4:192.0.2.1', false],
    ['redirect=x.example', false],
    ['all', false],
  ])('usesReverseNames: %s → %s', (text, expected) => {
    const [term] = parseRecord(`v=spf1 ${text}`).terms;
    expect(term && term.kind !== 'unknown-modifier' && usesReverseNames(term)).toBe(expected);
  });
});

describe('SPF: parts of names and records', () => {
  test.each([
    ['example.com', 'example.com'],
    ['_spf.a.example.org', 'example.org'],
    ['org', null],
    ['spf.example.internal-name', null],
  ])('registrableDomain: %s → %s', (name, expected) => {
    expect(registrableDomain(name)).toBe(expected);
  });

  test.each<[string[], object[]]>([
    [['v=spf1 a', 'mx', ' -all'], [{ term: 'amx', parts: ['a', 'mx'] }]],
    [
      ['v=spf1 a', 'mx a', '-all'],
      [
        { term: 'amx', parts: ['a', 'mx'] },
        { term: 'a-all', parts: ['a', '-all'] },
      ],
    ],
    [['v=spf1 a', ' mx'], []],
    [['v=spf1 a', 'x=y -all'], []],
    [['v=spf1 a ', 'foo'], []],
    [['v=spf1 foo', 'a'], []],
    [['v=spf1 a', ''], []],
    [['v=spf1 ', 'a'], []],
  ])('gluedTerms in %j → %j', (strings, expected) => {
    expect(gluedTerms(strings)).toEqual(expected);
  });
});
