/** Records to publish instead: the smallest change, and one that works. */
import { describe, expect, test } from 'vitest';
import {
  authoriseAll,
  checkHost,
  correctSyntax,
  freshRecord,
  gluedTerms,
  mergeRecords,
  nearMiss,
  parseRecord,
  publishedAs,
  relieve,
  walk,
} from '../../src/spf/index.ts';
import { address } from './check.ts';
import { type Zone, zoneResolver } from './zone-resolver.ts';

const V4 = '203.0.113.5';
const V6 = '2001:db8::5';

async function authorised(text: string, ips: readonly string[], zone: Zone = {}): Promise<string | null> {
  const resolver = zoneResolver({ 'example.com': text, ...zone });
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

describe('adding addresses', () => {
  test.each([
    ['before all', 'v=spf1 mx:m.example -all', [V4], 'v=spf1 mx:m.example ip4:203.0.113.5 -all'],
    ['of both families', 'v=spf1 ~all', [V4, V6], 'v=spf1 ip4:203.0.113.5 ip6:2001:db8::5 ~all'],
    ['before redirect', 'v=spf1 redirect=r.example', [V4], 'v=spf1 ip4:203.0.113.5 redirect=r.example'],
    ['at the end where there is neither', 'v=spf1 ip4:192.0.2.1', [V4], 'v=spf1 ip4:192.0.2.1 ip4:203.0.113.5'],
    [
      'before a term that refuses it',
      'v=spf1 ip4:192.0.2.1 -ip4:203.0.113.0/24 a:x.example -all',
      [V4],
      'v=spf1 ip4:192.0.2.1 ip4:203.0.113.5 -ip4:203.0.113.0/24 a:x.example -all',
    ],
    [
      'moving it there from where it is not reached',
      'v=spf1 -all IP4:203.0.113.5',
      [V4],
      'v=spf1 ip4:203.0.113.5 -all',
    ],
    [
      'only those that do not pass',
      'v=spf1 ip4:203.0.113.0/24 -all',
      [V4, V6],
      'v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::5 -all',
    ],
    [
      'keeping everything else as written',
      'v=spf1  exp=e.example  ?Include:r.example  x=y -all',
      [V4],
      'v=spf1 exp=e.example ?Include:r.example x=y ip4:203.0.113.5 -all',
    ],
  ])('%s', async (_, text, ips, expected) => {
    const zone: Zone = {
      'r.example': 'v=spf1 -all',
      'm.example': { MX: [[1, 'x.example']] },
      'x.example': { A: ['192.0.2.2'] },
    };
    expect(await authorised(text, ips, zone)).toBe(expected);
  });

  test('is no help for a record in error or over a limit', async () => {
    expect(await authorised('v=spf1 foo -all', [V4])).toBeNull();
    expect(await authorised('v=spf1 include:none.example -all', [V4])).toBeNull();
  });

  test('a fresh record has the addresses and nothing else', () => {
    expect(freshRecord([address(V4), address(V6)])).toBe('v=spf1 ip4:203.0.113.5 ip6:2001:db8::5 -all');
  });
});

describe('merging records', () => {
  test.each([
    [['v=spf1 a mx -all', 'v=spf1 MX include:x.example ~all'], 'v=spf1 a MX include:x.example ~all'],
    [['v=spf1 a -all', 'v=spf1 redirect=r.example'], 'v=spf1 a include:r.example -all'],
    [['v=spf1 a', 'v=spf1 redirect=r.example exp=e.example'], 'v=spf1 a redirect=r.example exp=e.example'],
    [['v=spf1 a', 'v=spf1 mx'], 'v=spf1 a mx ~all'],
    [['v=spf1 +all', 'v=spf1 a -all'], 'v=spf1 a -all'],
    [['v=spf1 ipv4:192.0.2.1', 'v=spf1 a ?all'], 'v=spf1 ip4:192.0.2.1 a ?all'],
  ])('%j', (texts, expected) => {
    expect(mergeRecords(texts)).toBe(expected);
    expect(parseRecord(expected).problems).toEqual([]);
  });
});

describe('slips in the syntax', () => {
  test.each([
    ['v=spf1 ipv4:192.0.2.1 -all', 'v=spf1 ip4:192.0.2.1 -all'],
    ['v=spf1 ip:192.0.2.0/24 ip:2001:db8::1 -all', 'v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::1 -all'],
    ['v=spf1 -192.0.2.1 ~all', 'v=spf1 -ip4:192.0.2.1 ~all'],
    ['v=spf1 a:192.0.2.1 mx, include:x.example; -all.', 'v=spf1 ip4:192.0.2.1 mx include:x.example -all'],
    ['v=spf1 ip4:2001:db8::1 ip6:192.0.2.1 -all', 'v=spf1 ip6:2001:db8::1 ip4:192.0.2.1 -all'],
    ['v=spf1 ip4:192.0.2.1,ip4:192.0.2.2 -all', 'v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all'],
    ['v=spf1 redirect:x.example', 'v=spf1 redirect=x.example'],
    ['v=spf1 a ~ all', 'v=spf1 a ~all'],
    ['v=spf1 a \u00e2\u0080\u0093all', 'v=spf1 a -all'],
    ['v=spf1 a:', 'v=spf1 a'],
    ['v=spf1 redirect=a.example redirect=b.example', 'v=spf1 redirect=a.example'],
    ['v=spf1 what:x.example -all', null],
    ['v=spf1 ip4:192.0.2.1/33 -all', null],
  ])('%j', (text, expected) => {
    expect(correctSyntax(text)).toBe(expected);
  });
});

describe('§4.5 near misses', () => {
  test.each([
    [' v=spf1 a -all', 'leading-characters', 'v=spf1 a -all'],
    ['"v=spf1 a -all"', 'leading-characters', 'v=spf1 a -all'],
    ['\u00ef\u00bb\u00bfv=spf1 -all', 'leading-characters', 'v=spf1 -all'],
    ['v=spf1;a -all', 'no-space-after-version', 'v=spf1 a -all'],
    ['v=spf1\tmx -all', 'no-space-after-version', 'v=spf1 mx -all'],
    ['v=spf1include:x.example -all', 'no-space-after-version', 'v=spf1 include:x.example -all'],
    ['v=spf1-all', 'no-space-after-version', 'v=spf1 -all'],
    ['v=spf 1 a -all', 'misspelt-version', 'v=spf1 a -all'],
    ['v = spf1 a -all', 'misspelt-version', 'v=spf1 a -all'],
    ['v=spf a -all', 'misspelt-version', 'v=spf1 a -all'],
    ['spf1 include:x.example ~all', 'misspelt-version', 'v=spf1 include:x.example ~all'],
    ['spf2.0/pra a -all', 'sender-id', 'v=spf1 a -all'],
    ['v=spf2.0/mfrom,pra a ?all', 'sender-id', 'v=spf1 a ?all'],
  ])('%j: %s', (text, cause, corrected) => {
    expect(nearMiss(text)).toEqual({ cause, corrected });
  });

  test.each([
    'v=spf1 a -all',
    'v=spf10 a -all',
    'v=DMARC1; p=none',
    'spf is hard',
    'SPF records: see the wiki',
    'google-site-verification=x',
    '',
  ])('%j is none', (text) => {
    expect(nearMiss(text)).toBeUndefined();
  });
});

describe('§3.3 glued terms', () => {
  test.each([
    [
      ['v=spf1 ip4:192.0.2.1', 'include:x.example -all'],
      [{ term: 'ip4:192.0.2.1include:x.example', parts: ['ip4:192.0.2.1', 'include:x.example'] }],
    ],
    [['v=spf1 a:x.example', 'mx -all'], [{ term: 'a:x.examplemx', parts: ['a:x.example', 'mx'] }]],
    [['v=spf1 a:x.exam', 'ple mx -all'], []],
    [['v=spf1 ip4:192.0.2.1', ' mx -all'], []],
    [['v=spf1 mx -all'], []],
  ])('%j', (strings, expected) => {
    expect(gluedTerms(strings)).toEqual(expected);
  });
});

describe('§4.6.4 relief for a record over the limit', () => {
  const includes = Array.from({ length: 9 }, (_, n) => `include:i${n}.example`).join(' ');
  const included: Zone = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`i${n}.example`, 'v=spf1 -all']));

  test('writes out the domain’s own hosts, and drops what finds nothing', async () => {
    const resolver = zoneResolver({
      ...included,
      'example.com': {
        TXT: `v=spf1 a/28 mx a:gone.example ${includes} -all`,
        A: ['192.0.2.1'],
        AAAA: ['2001:db8::1'],
        MX: [[1, 'm.example']],
      },
      'm.example': { A: ['192.0.2.2'] },
    });
    const { root } = await walk('example.com', resolver);
    expect(root.cost).toBe(12);
    expect(await relieve(root, resolver)).toEqual({
      cost: 10,
      record: `v=spf1 ip4:192.0.2.1/28 ip6:2001:db8::1 mx ${includes} -all`,
      replacements: [
        { term: 'a:gone.example', by: [], saves: 1 },
        { term: 'a/28', by: ['ip4:192.0.2.1/28', 'ip6:2001:db8::1'], saves: 1 },
      ],
    });
  });

  test('has no record where that is not enough', async () => {
    const resolver = zoneResolver({
      ...included,
      'example.com': `v=spf1 ${includes} include:j.example -all`,
      'j.example': `v=spf1 include:k.example`,
      'k.example': 'v=spf1',
    });
    const { root } = await walk('example.com', resolver);
    expect(await relieve(root, resolver)).toEqual({ cost: 11, record: null, replacements: [] });
  });
});
