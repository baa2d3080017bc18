/** Addresses that are added to a record, glued strings, and relief of the limit of lookups. */
import { describe, expect, test } from 'vitest';
import { recordsOf } from '../../../src/network/dns/answer.ts';
import {
  authorise,
  authoriseAll,
  checkHost,
  gluedTerms,
  parseRecord,
  publishedAs,
  recordFor,
  relieve,
  walk,
} from '../../../src/standards/spf/index.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';
import { address } from './check.ts';

const V4 = '203.0.113.5';
const V6 = '2001:db8::5';

async function authorised(text: string, ips: readonly string[], zone: ZoneScript = {}): Promise<string | null> {
  const resolver = zoneResolver({ zone: { 'example.com': { TXT: [text] }, ...zone } });
  const ask = { resolver, sender: 'mailcheck@example.com', heloName: () => 'mail.example.com' };
  const repaired = await authoriseAll('example.com', text, ips.map(address), ask);
  if (repaired !== null) {
    for (const ip of ips.map(address)) {
      const published = publishedAs(resolver, 'example.com', repaired);
      const outcome = await checkHost({ ip, sender: ask.sender, heloName: 'mail.example.com', resolver: published });
      expect(outcome.result).toBe('pass');
    }
  }
  return repaired;
}

describe('SPF: authoriseAll and authorise add addresses', () => {
  test.each([
    ['before all', 'v=spf1 mx:m.example -all', [V4], 'v=spf1 mx:m.example ip4:203.0.113.5 -all'],
    ['addresses of both IP versions', 'v=spf1 ~all', [V4, V6], 'v=spf1 ip4:203.0.113.5 ip6:2001:db8::5 ~all'],
    ['before redirect', 'v=spf1 redirect=r.example', [V4], 'v=spf1 ip4:203.0.113.5 redirect=r.example'],
    ['at the end without all or redirect', 'v=spf1 ip4:192.0.2.1', [V4], 'v=spf1 ip4:192.0.2.1 ip4:203.0.113.5'],
    [
      'before a term that refuses it',
      'v=spf1 ip4:192.0.2.1 -ip4:203.0.113.0/24 a:x.example -all',
      [V4],
      'v=spf1 ip4:192.0.2.1 ip4:203.0.113.5 -ip4:203.0.113.0/24 a:x.example -all',
    ],
    ['moves a term that is after all', 'v=spf1 -all IP4:203.0.113.5', [V4], 'v=spf1 ip4:203.0.113.5 -all'],
    [
      'only addresses that do not pass',
      'v=spf1 ip4:203.0.113.0/24 -all',
      [V4, V6],
      'v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::5 -all',
    ],
    [
      'before a redirect that refuses it',
      'v=spf1 a:x.example redirect=r.example x=y',
      [V4],
      'v=spf1 a:x.example ip4:203.0.113.5 redirect=r.example x=y',
    ],
    ['each address once', 'v=spf1 -all', [V4, V4], 'v=spf1 ip4:203.0.113.5 -all'],
    ['no address when all pass', 'v=spf1  +all', [V4, V6], 'v=spf1  +all'],
    [
      'each before the term that refuses it',
      'v=spf1 -ip6:2001:db8::/32 a:x.example -all',
      [V4, V6],
      'v=spf1 ip6:2001:db8::5 -ip6:2001:db8::/32 a:x.example ip4:203.0.113.5 -all',
    ],
    [
      'in place of the same further right, with "+" or without',
      'v=spf1 ~all +ip4:203.0.113.5 -ip4:203.0.113.5',
      [V4],
      'v=spf1 ip4:203.0.113.5 ~all -ip4:203.0.113.5',
    ],
    [
      'keeping everything else as written',
      'v=spf1  exp=e.example  ?Include:r.example  x=y -all',
      [V4],
      'v=spf1 exp=e.example ?Include:r.example x=y ip4:203.0.113.5 -all',
    ],
  ])('%s', async (_, text, ips, expected) => {
    const zone: ZoneScript = {
      'r.example': 'v=spf1 -all',
      'm.example': { MX: ['1 x.example'] },
      'x.example': { A: ['192.0.2.2'] },
    };
    expect(await authorised(text, ips, zone)).toBe(expected);
  });

  test('returns null for a record with an error or over a limit', async () => {
    expect(await authorised('v=spf1 foo -all', [V4])).toBeNull();
    expect(await authorised('text', [V4])).toBeNull();
    expect(await authorised('v=spf1 foo -all', [])).toBeNull();
    expect(await authorised('v=spf1 include:none.example -all', [V4])).toBeNull();
  });

  test('checks with the HELO name of each client, and the domain for any sender', async () => {
    const resolver = zoneResolver({ zone: { 'mail.example.com.ok.example': { A: ['127.0.0.2'] } } });
    const of = (heloName: string) => {
      const ask = { resolver, sender: 'user@other.example', heloName: () => heloName };
      return authoriseAll('example.com', 'v=spf1 exists:%{h}.ok.example -all', [address(V4)], ask);
    };
    expect(await of('mail.example.com')).toBe('v=spf1 exists:%{h}.ok.example -all');
    expect(await of('other.example')).toBe('v=spf1 exists:%{h}.ok.example ip4:203.0.113.5 -all');
  });

  test.each([
    [undefined, 'v=spf1 a ip4:203.0.113.5 -all mx'],
    [7, 'v=spf1 ip4:203.0.113.5 a -all mx'],
    [14, 'v=spf1 a ip4:203.0.113.5 -all mx'],
  ])('authorise: before the term at offset %s, or before all → %s', (before, expected) => {
    expect(authorise(parseRecord('v=spf1 a -all mx'), [address(V4)], before)).toBe(expected);
  });

  test.each([
    ['v=spf1 exp=e.example a redirect=r.example x=y', 'v=spf1 exp=e.example a ip4:203.0.113.5 redirect=r.example x=y'],
    ['v=spf1 exp=e.example x=y a', 'v=spf1 exp=e.example x=y a ip4:203.0.113.5'],
  ])('authorise: before redirect, or at the end: %s → %s', (text, expected) => {
    expect(authorise(parseRecord(text), [address(V4)])).toBe(expected);
  });

  test('publishedAs answers only TXT queries at the name of the record', async () => {
    const zone: ZoneScript = { 'example.com': { TXT: ['a', 'b'], A: ['192.0.2.1'] }, 'x.example': { TXT: ['other'] } };
    const resolver = publishedAs(zoneResolver({ zone }), 'example.com', 'v=spf1 -all');
    const records = async (name: string, type: 'A' | 'TXT') => recordsOf(await resolver.query(name, type));
    expect(await records('EXAMPLE.com', 'TXT')).toEqual([['v=spf1 -all']]);
    expect(await records('example.com', 'A')).toEqual(['192.0.2.1']);
    expect(await records('x.example', 'TXT')).toEqual([['other']]);
    expect(await publishedAs(zoneResolver({ zone: {} }), 'example.com', 'x').query('example.com', 'TXT')).toMatchObject(
      {
        status: 'answer',
        records: [['x']],
      },
    );
  });

  test('recordFor allows only the given addresses', () => {
    expect(recordFor([address(V4), address(V6)])).toBe('v=spf1 ip4:203.0.113.5 ip6:2001:db8::5 -all');
  });
});

describe('SPF: gluedTerms, RFC 7208 §3.3', () => {
  test.each([
    [
      ['v=spf1 ip4:192.0.2.1', 'include:x.example -all'],
      [{ term: 'ip4:192.0.2.1include:x.example', parts: ['ip4:192.0.2.1', 'include:x.example'] }],
    ],
    [['v=spf1 a:x.example', 'mx -all'], [{ term: 'a:x.examplemx', parts: ['a:x.example', 'mx'] }]],
    [['v=spf1 a:x.exam', 'ple mx -all'], []],
    [['v=spf1 ip4:192.0.2.1', ' mx -all'], []],
    [['v=spf1 mx -all'], []],
  ])('%j → %j', (strings, expected) => {
    expect(gluedTerms(strings)).toEqual(expected);
  });
});

describe('SPF: relieve, a record over the limit of RFC 7208 §4.6.4', () => {
  const includes = Array.from({ length: 9 }, (_, n) => `include:i${n}.example`).join(' ');
  const included: ZoneScript = Object.fromEntries(
    Array.from({ length: 9 }, (_, n) => [`i${n}.example`, 'v=spf1 -all']),
  );

  test('writes the addresses of the domain’s own hosts, and removes void terms', async () => {
    const resolver = zoneResolver({
      zone: {
        ...included,
        'example.com': {
          TXT: `v=spf1 a/28 mx a:gone.example ${includes} -all`,
          A: ['192.0.2.1'],
          AAAA: ['2001:db8::1'],
          MX: ['1 m.example'],
        },
        'm.example': { A: ['192.0.2.2'] },
      },
    });
    const { root } = await walk('example.com', resolver);
    expect(root.cost).toBe(12);
    expect(await relieve(root, resolver)).toEqual({
      cost: 10,
      record: `v=spf1 ip4:192.0.2.1/28 ip6:2001:db8::1 mx ${includes} -all`,
      replacements: [
        { term: 'a:gone.example', by: [], saves: 1, isOthers: false },
        { term: 'a/28', by: ['ip4:192.0.2.1/28', 'ip6:2001:db8::1'], saves: 1, isOthers: false },
      ],
    });
  });

  test('has no record when the replacements are not enough', async () => {
    const resolver = zoneResolver({
      zone: {
        ...included,
        'example.com': `v=spf1 ${includes} include:j.example -all`,
        'j.example': `v=spf1 include:k.example`,
        'k.example': 'v=spf1',
      },
    });
    const { root } = await walk('example.com', resolver);
    expect(await relieve(root, resolver)).toEqual({ cost: 11, record: null, replacements: [] });
  });

  const hosts = (count: number) => Array.from({ length: count }, (_, n) => `192.0.2.${n}`);
  const mx = (...names: string[]) => names.map((name, n) => `${n} ${name || '.'}`);
  const x4: ZoneScript = { 'x.example': { A: ['192.0.2.1'] } };

  /** What is left of these terms beside includes that cost 9, and what was replaced; `null` where nothing helps. */
  test.each<[string, string, ZoneScript, string | null, string[]]>([
    ['a of IPv4', 'ptr a:x.example', x4, 'ptr ip4:192.0.2.1', ['a:x.example 1']],
    [
      'a of IPv6, with its qualifier',
      'ptr ?a:x.example',
      { 'x.example': { AAAA: ['2001:db8::1'] } },
      'ptr ?ip6:2001:db8::1',
      ['?a:x.example 1'],
    ],
    [
      'mx, each address once, with lengths',
      'ptr -mx:x.example/31//64',
      {
        'x.example': {
          MX: ['20 b.example.', '10 a.example'],
        },
        'a.example': { A: ['192.0.2.1'], AAAA: ['2001:db8::1'] },
        'b.example': { A: ['192.0.2.3', '192.0.2.1'] },
      },
      'ptr -ip4:192.0.2.1/31 -ip6:2001:db8::1/64 -ip4:192.0.2.3/31',
      ['-mx:x.example/31//64 1'],
    ],
    ['void terms first', 'a:x.example mx:gone.example', x4, 'a:x.example', ['mx:gone.example 1']],
    [
      'a before mx',
      'mx:m.example a:x.example',
      { ...x4, 'm.example': { MX: mx('x.example') } },
      'mx:m.example ip4:192.0.2.1',
      ['a:x.example 1'],
    ],
    [
      'own hosts before those of others, which stay while that is enough',
      'a:out.example.net mx:in.example.com',
      {
        'out.example.net': { A: ['192.0.2.2'] },
        'in.example.com': { MX: mx('m.example.com') },
        'm.example.com': { A: ['192.0.2.1'] },
      },
      'a:out.example.net ip4:192.0.2.1',
      ['mx:in.example.com 1'],
    ],
    [
      'no more terms than necessary',
      'a:x.example a:y.example',
      { ...x4, 'y.example': { A: ['192.0.2.2'] } },
      'ip4:192.0.2.1 a:y.example',
      ['a:x.example 1'],
    ],
    [
      'a term that occurs twice',
      'a:x.example A:x.Example ptr',
      x4,
      'ip4:192.0.2.1 ptr',
      ['a:x.example 1', 'A:x.Example 1'],
    ],
    [
      'an include that occurs twice',
      'include:j.example include:j.example',
      { 'j.example': 'v=spf1' },
      'include:j.example',
      ['include:j.example 1'],
    ],
    [
      'a term with 8 addresses',
      'ptr a:x.example',
      { 'x.example': { A: hosts(8) } },
      `ptr ${hosts(8)
        .map((ip) => `ip4:${ip}`)
        .join(' ')}`,
      ['a:x.example 1'],
    ],
    ['no term with 9 addresses', 'ptr a:x.example', { 'x.example': { A: hosts(9) } }, null, []],
    [
      'an mx with 8 hosts',
      'ptr mx:m.example',
      { ...x4, 'm.example': { MX: mx(...hosts(8).map(() => 'x.example')) } },
      'ptr ip4:192.0.2.1',
      ['mx:m.example 1'],
    ],
    [
      'no mx with 9 hosts',
      'ptr mx:m.example',
      { ...x4, 'm.example': { MX: mx(...hosts(9).map(() => 'x.example')) } },
      null,
      [],
    ],
    ['no host whose lookup fails', 'ptr a:x.example', { 'x.example': { A: ['192.0.2.1'], AAAA: 'timeout' } }, null, []],
    [
      'no mx with a host whose lookup fails',
      'ptr mx:m.example',
      { ...x4, 'm.example': { MX: mx('x.example', 'y.example') }, 'y.example': { A: 'servfail' } },
      null,
      [],
    ],
    ['no mx whose lookup fails', 'ptr mx:m.example', { 'm.example': { MX: 'timeout' } }, null, []],
    ['no mx with the null MX', 'ptr mx:m.example', { 'm.example': { MX: mx('') } }, null, []],
    ['no name with a macro', 'ptr a:%{i}.example', {}, null, []],
    ['no exists, not even of a missing name', 'ptr exists:gone.example', {}, null, []],
    ['no exists of an existing name', 'ptr exists:x.example', x4, null, []],
  ])('replaces %s', async (_, terms, zone, left, replaced) => {
    const resolver = zoneResolver({
      zone: { ...included, ...zone, 'example.com': `v=spf1 ${terms} ${includes} -all` },
    });
    const { root } = await walk('example.com', resolver);
    const { record, replacements } = await relieve(root, resolver);
    expect(record).toBe(left === null ? null : `v=spf1 ${left} ${includes} -all`);
    expect(replacements.map(({ term, saves }) => `${term} ${saves}`)).toEqual(replaced);
  });

  test('does not move a redirect', async () => {
    const zone: ZoneScript = { ...included, ...x4, 'example.com': `v=spf1 a:x.example ${includes} redirect=r.example` };
    const resolver = zoneResolver({ zone: { ...zone, 'r.example': 'v=spf1 -all' } });
    const { record } = await relieve((await walk('example.com', resolver)).root, resolver);
    expect(record).toBe(`v=spf1 ip4:192.0.2.1 ${includes} redirect=r.example`);
  });

  test.each([
    [40, 10],
    [41, 11],
  ])('of %d terms leaves %d, because the walk queries only 30', async (count, left) => {
    const names = Array.from({ length: count }, (_, n) => `h${n}.example`);
    const addresses = Object.fromEntries(names.map((name) => [name, { A: ['192.0.2.1'] }]));
    const text = `v=spf1 ${names.map((name) => `a:${name}`).join(' ')} -all`;
    const resolver = zoneResolver({ zone: { ...addresses, 'example.com': { TXT: [text] } } });
    const { root, isTruncated } = await walk('example.com', resolver);
    expect(isTruncated).toBe(true);
    const { cost, record, replacements } = await relieve(root, resolver);
    expect({ cost, isSolved: record !== null, replaced: replacements.length }).toEqual({
      cost: left,
      isSolved: left === 10,
      replaced: 30,
    });
  });

  test('has no replacements for a record within the limit, or without record', async () => {
    const within = zoneResolver({ zone: { 'example.com': 'v=spf1 a:gone.example -all' } });
    expect(await relieve((await walk('example.com', within)).root, within)).toEqual({
      cost: 1,
      record: null,
      replacements: [],
    });
    const none = zoneResolver({ zone: {} });
    expect(await relieve((await walk('example.com', none)).root, none)).toEqual({
      cost: 0,
      record: null,
      replacements: [],
    });
  });
});
