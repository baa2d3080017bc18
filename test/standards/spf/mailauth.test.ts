/**
 * The same cases through mailauth's evaluator, side by side: where both agree, two readings of RFC 7208 are one; where
 * they differ, the section says why ours is right.
 */
import { spf } from 'mailauth/lib/spf/index.js';
import { describe, expect, test } from 'vitest';
import type { Resolver } from '../../../src/network/dns/answer.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';
import { CLIENT, CLIENT6, check } from './check.ts';

interface Row {
  readonly name: string;
  readonly zone: ZoneScript;
  readonly ip?: string;
  readonly sender?: string;
  readonly result: string;
  /** What mailauth says where it differs, and the section that decides. */
  readonly mailauth?: { readonly result: string; readonly section: string };
}

const includes = (count: number): ZoneScript =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`i${n}.example.net`, 'v=spf1 ip4:198.51.100.1 -all']));
const includeTerms = (count: number): string =>
  Array.from({ length: count }, (_, n) => `include:i${n}.example.net`).join(' ');
const own = (record: string, rest: ZoneScript = {}): ZoneScript => ({ 'example.com': { TXT: [record] }, ...rest });

const rows: Row[] = [
  { name: '§4.5 no record', zone: { 'example.com': { TXT: ['hello'] } }, result: 'none' },
  { name: '§4.5 two records', zone: { 'example.com': { TXT: ['v=spf1 -all', 'v=spf1 +all'] } }, result: 'permerror' },
  { name: '§4.5 a longer version is another record', zone: own('v=spf10 -all'), result: 'none' },
  { name: '§4.5 the version in upper case', zone: own(`V=SPF1 ip4:${CLIENT} -all`), result: 'pass' },
  {
    name: '§3.3 strings are joined without a space',
    zone: { 'example.com': { TXT: [['v=spf1 ip4:192.', '0.2.10 -all']] } },
    result: 'pass',
  },
  { name: '§4.6.1 an unknown mechanism', zone: own('v=spf1 ipv4:192.0.2.10 -all'), result: 'permerror' },
  {
    name: '§4.6 a syntax error after the match',
    zone: own(`v=spf1 ip4:${CLIENT} nonsense -all`),
    result: 'permerror',
  },
  { name: '§6 an unknown modifier', zone: own(`v=spf1 moo=cow ip4:${CLIENT} -all`), result: 'pass' },
  {
    name: '§6 redirect twice',
    zone: own('v=spf1 redirect=a.example.net redirect=b.example.net', { 'a.example.net': 'v=spf1 +all' }),
    result: 'permerror',
  },
  { name: '§4.7 nothing matches', zone: own('v=spf1 ip4:198.51.100.1'), result: 'neutral' },
  { name: '§5.1 all, softfail', zone: own('v=spf1 ~all'), result: 'softfail' },
  { name: '§5.1 all with an argument', zone: own('v=spf1 -all:x.example'), result: 'permerror' },
  {
    name: '§5.2 include that passes',
    zone: own('v=spf1 include:i.example.net -all', { 'i.example.net': `v=spf1 ip4:${CLIENT} -all` }),
    result: 'pass',
  },
  {
    name: '§5.2 include that fails is no match',
    zone: own('v=spf1 include:i.example.net ~all', { 'i.example.net': 'v=spf1 -all' }),
    result: 'softfail',
  },
  { name: '§5.2 include of nothing', zone: own('v=spf1 include:i.example.net -all'), result: 'permerror' },
  { name: '§5.3 a', zone: own('v=spf1 a:h.example.net -all', { 'h.example.net': { A: [CLIENT] } }), result: 'pass' },
  {
    name: '§5.3 a with a CIDR',
    zone: own('v=spf1 a:h.example.net/24 -all', { 'h.example.net': { A: ['192.0.2.200'] } }),
    result: 'pass',
  },
  {
    name: '§5.3 a with a dual CIDR',
    zone: own('v=spf1 a:h.example.net/32//64 -all', { 'h.example.net': { AAAA: ['2001:db8::ffff'] } }),
    ip: CLIENT6,
    result: 'pass',
  },
  {
    name: '§5.4 mx',
    zone: own('v=spf1 mx:m.example.net -all', {
      'm.example.net': { MX: ['10 h.example.net'] },
      'h.example.net': { A: [CLIENT] },
    }),
    result: 'pass',
  },
  {
    name: '§4.6.4 mx with eleven exchanges',
    zone: own('v=spf1 mx:m.example.net -all', {
      'm.example.net': { MX: Array.from({ length: 11 }, (_, n) => `${n} h${n}.example.net`) },
      ...Object.fromEntries(
        Array.from({ length: 11 }, (_, n) => [`h${n}.example.net`, { A: [n === 10 ? CLIENT : '198.51.100.1'] }]),
      ),
    }),
    result: 'permerror',
  },
  { name: '§5.6 ip4 without leading zeros', zone: own('v=spf1 ip4:192.0.2.10/024 -all'), result: 'permerror' },
  { name: '§5.6 ip4 out of range', zone: own('v=spf1 ip4:192.0.2.10/33 -all'), result: 'permerror' },
  { name: '§5.6 ip4:0.0.0.0/0', zone: own('v=spf1 ip4:0.0.0.0/0 -all'), result: 'pass' },
  { name: '§5.6 ip6', zone: own('v=spf1 ip6:2001:db8::/32 -all'), ip: CLIENT6, result: 'pass' },
  {
    name: '§5 an IPv4-mapped IPv6 client is IPv4',
    zone: own(`v=spf1 ip4:${CLIENT} -all`),
    ip: `::ffff:${CLIENT}`,
    result: 'pass',
  },
  {
    name: '§5.7 exists asks for A, for IPv6 too',
    zone: own('v=spf1 exists:e.example.net -all', { 'e.example.net': { A: ['127.0.0.2'] } }),
    ip: CLIENT6,
    result: 'pass',
  },
  {
    name: '§7.2 macros',
    zone: own('v=spf1 exists:%{l}.%{ir}.%{d2}.example.net -all', {
      'user.10.2.0.192.example.com.example.net': { A: ['127.0.0.2'] },
    }),
    result: 'pass',
  },
  { name: '§7.1 a lone percent sign', zone: own('v=spf1 exists:%x.example.net -all'), result: 'permerror' },
  {
    name: '§6.1 redirect',
    zone: own('v=spf1 redirect=r.example.net', { 'r.example.net': `v=spf1 ip4:${CLIENT} -all` }),
    result: 'pass',
  },
  { name: '§6.1 redirect to nothing', zone: own('v=spf1 redirect=r.example.net'), result: 'permerror' },
  {
    name: '§6.1 redirect beside all is ignored',
    zone: own('v=spf1 redirect=r.example.net ~all', { 'r.example.net': 'v=spf1 +all' }),
    result: 'softfail',
  },
  { name: '§4.6.4 ten lookups', zone: own(`v=spf1 ${includeTerms(10)} ~all`, includes(10)), result: 'softfail' },
  { name: '§4.6.4 eleven lookups', zone: own(`v=spf1 ${includeTerms(11)} ~all`, includes(11)), result: 'permerror' },
  { name: '§4.6.4 two void lookups', zone: own('v=spf1 a:x1.example.net a:x2.example.net ~all'), result: 'softfail' },
  {
    name: '§4.6.4 three void lookups',
    zone: own('v=spf1 a:x1.example.net a:x2.example.net a:x3.example.net ~all'),
    result: 'permerror',
  },
  { name: '§4.6.4 it includes itself', zone: own('v=spf1 include:example.com -all'), result: 'permerror' },
  { name: '§4.4 SERVFAIL for the record', zone: { 'example.com': { '*': 'servfail' } }, result: 'temperror' },
  {
    name: '§5 SERVFAIL below a',
    zone: own('v=spf1 a:h.example.net -all', { 'h.example.net': { '*': 'servfail' } }),
    result: 'temperror',
  },
  {
    name: '§5.5 ptr',
    zone: own('v=spf1 ptr -all', {
      '10.2.0.192.in-addr.arpa': { PTR: ['h.example.com'] },
      'h.example.com': { A: [CLIENT] },
    }),
    result: 'pass',
  },
  {
    name: '§5.5 SERVFAIL below ptr is no match',
    zone: own('v=spf1 ptr ~all', { '10.2.0.192.in-addr.arpa': { '*': 'servfail' } }),
    result: 'softfail',
    mailauth: { result: 'temperror', section: '§5.5: a DNS error of the PTR lookup makes the mechanism fail to match' },
  },
  { name: '§4.3 a single label', zone: {}, sender: 'user@localhost', result: 'none' },
  {
    name: '§4.8 an unusable target name of a',
    zone: own(`v=spf1 a:${'x'.repeat(64)}.example.net ~all`),
    result: 'softfail',
  },
  { name: '§12 the last label of a target is not a number', zone: own('v=spf1 a:example.1 -all'), result: 'permerror' },
];

async function theirs({ zone, ip = CLIENT, sender = 'user@example.com' }: Row): Promise<string> {
  const { status } = await spf({
    ip,
    sender,
    helo: 'mail.example.com',
    mta: 'mx.example.org',
    resolver: nodeStyle(zoneResolver({ zone })),
  });
  return status.result;
}

/** A resolver as `node:dns` has it; its declarations leave MX records out. */
function nodeStyle(resolver: Resolver): (name: string, type: string) => Promise<string[]> {
  return async (name: string, type: string) => {
    const answer = await resolver.query(name, type as 'A' | 'AAAA' | 'TXT' | 'MX' | 'PTR');
    if (answer.status !== 'answer') {
      const code = { nxdomain: 'ENOTFOUND', nodata: 'ENODATA' }[String(answer.status)] ?? 'ESERVFAIL';
      throw Object.assign(new Error(answer.status), { code });
    }
    return answer.records.map((record) =>
      typeof record === 'object' && 'exchange' in record ? { ...record, priority: record.preference } : record,
    ) as unknown as string[];
  };
}

describe('SPF: compared with mailauth, RFC 7208', () => {
  test.each(rows)('$name', async (row) => {
    const { result } = await check(row.zone, {
      ...(row.ip ? { ip: row.ip } : {}),
      ...(row.sender ? { sender: row.sender } : {}),
    });
    expect({ ours: result, mailauth: await theirs(row) }).toEqual({
      ours: row.result,
      mailauth: row.mailauth?.result ?? row.result,
    });
  });
});
