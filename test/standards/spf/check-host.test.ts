/** check_host() section by section: results, explanations and counts. */
import { describe, expect, test } from 'vitest';
import { checkHelo, checkHost, publishedAs } from '../../../src/standards/spf/index.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';
import { address, type Case, CLIENT, CLIENT6, check, verify } from './check.ts';

const label63 = 'a'.repeat(63);

/** A zone in which example.com has this record, beside others. */
function record(text: string, others: ZoneScript = {}): ZoneScript {
  return { 'example.com': { TXT: [text] }, ...others };
}

const tables: Readonly<Record<string, readonly Case[]>> = {
  '§2.3, §2.4, §4.3 identities and initial processing': [
    { name: 'a good domain', zone: record('v=spf1 +all'), expected: 'pass' },
    { name: 'case of the domain', zone: record('v=spf1 +all'), sender: 'u@EXAMPLE.com', expected: 'pass' },
    { name: 'trailing dot', zone: record('v=spf1 +all'), sender: 'u@example.com.', expected: 'pass' },
    {
      name: 'label of 63 octets',
      zone: { [`${label63}.example`]: 'v=spf1 -all' },
      sender: `u@${label63}.example`,
      expected: 'fail',
    },
    { name: 'label of 64 octets', zone: {}, sender: `u@a${label63}.example`, expected: 'none' },
    { name: 'name of 254 octets', zone: {}, sender: `u@${'a.'.repeat(126)}bc`, expected: 'none' },
    { name: 'empty label', zone: {}, sender: 'u@a..example', expected: 'none' },
    { name: 'single label', zone: { localhost: 'v=spf1 +all' }, sender: 'u@localhost', expected: 'none' },
    { name: 'address literal', zone: {}, sender: 'u@[192.0.2.10]', expected: 'none' },
    {
      name: 'empty reverse path: the HELO name',
      zone: { 'mail.example.com': 'v=spf1 a -all exp=e.example.com', 'e.example.com': { TXT: ['%{s}'] } },
      sender: '',
      expected: 'fail',
      explanation: 'postmaster@mail.example.com',
    },
    {
      name: 'empty reverse path in brackets',
      zone: { 'mail.example.com': 'v=spf1 +all' },
      sender: '<>',
      expected: 'pass',
    },
    { name: 'empty reverse path, HELO literal', zone: {}, sender: '', helo: '[192.0.2.10]', expected: 'none' },
    { name: 'empty reverse path, HELO of one label', zone: {}, sender: '', helo: 'OEMCOMPUTER', expected: 'none' },
    {
      name: 'no local part: postmaster',
      zone: record('v=spf1 -all exp=e.example.com', { 'e.example.com': { TXT: ['%{l}'] } }),
      sender: '@example.com',
      expected: 'fail',
      explanation: 'postmaster',
    },
    {
      name: 'the last @ counts',
      zone: record('v=spf1 -all exp=e.example.com', { 'e.example.com': { TXT: ['%{l}'] } }),
      sender: '"a@b"@example.com',
      expected: 'fail',
      explanation: '"a@b"',
    },
    {
      name: 'RFC 8616: a Unicode domain is asked as A-labels',
      zone: { 'xn--bcher-kva.example': 'v=spf1 exists:yes.%{o}', 'yes.xn--bcher-kva.example': { A: ['127.0.0.2'] } },
      sender: 'u@b\u00fccher.example',
      expected: 'pass',
    },
  ],
  '§4.4 record lookup': [
    { name: 'the name does not exist', zone: {}, expected: 'none', lookups: 0, voidLookups: 0 },
    { name: 'nodata', zone: { 'example.com': {} }, expected: 'none', voidLookups: 0 },
    ...(['servfail', 'refused', 'timeout', 'bogus', 'truncated-no-tcp', 'unreachable', 'malformed'] as const).map(
      (status): Case => ({
        name: status,
        zone: { 'example.com': { TXT: status } },
        expected: 'temperror',
        problem: 'dns-failure',
      }),
    ),
    {
      name: 'CNAME',
      zone: {
        'example.com': { CNAME: ['a.example'] },
        'a.example': { CNAME: ['b.example'] },
        'b.example': 'v=spf1 +all',
      },
      expected: 'pass',
    },
  ],
  '§4.5 selecting records': [
    {
      name: 'among other TXT records, of any octets',
      zone: { 'example.com': { TXT: ['x', '\u0096', 'v=spf10 +all', 'v=spf1 -all'] } },
      expected: 'fail',
    },
    {
      name: 'no SPF record among the TXT records',
      zone: { 'example.com': { TXT: ['v=spf10', 'v=spf1mx', ' v=spf1 +all'] } },
      expected: 'none',
    },
    {
      name: 'two SPF records',
      zone: { 'example.com': { TXT: ['v=spf1 +all', 'V=SPF1 -all'] } },
      expected: 'permerror',
      problem: 'multiple-records',
    },
    {
      name: 'two equal SPF records',
      zone: { 'example.com': { TXT: ['v=spf1 +all', 'v=spf1 +all'] } },
      expected: 'permerror',
    },
    {
      name: '§3.3 strings joined',
      zone: { 'example.com': { TXT: [['v=spf1 ip4:192.', '0.2.10 -all']] } },
      expected: 'pass',
    },
    {
      name: '§3.3 strings joined into another word',
      zone: { 'example.com': { TXT: [['v=spf1', 'all']] } },
      expected: 'none',
    },
    { name: 'a record without terms', zone: record('v=spf1'), expected: 'neutral' },
  ],
  '§4.6, §4.7 evaluation': [
    { name: 'an error after the match', zone: record('v=spf1 +all foo'), expected: 'permerror', problem: 'syntax' },
    { name: '§3.1 non-ASCII octets', zone: record('v=spf1 a:\u00ef.example +all'), expected: 'permerror' },
    {
      name: 'first match decides',
      zone: record('v=spf1 ~ip4:192.0.2.0/24 -ip4:192.0.2.10 +all'),
      expected: 'softfail',
    },
    { name: 'no qualifier is +', zone: record('v=spf1 ip4:192.0.2.10 -all'), expected: 'pass' },
    { name: '? is neutral', zone: record('v=spf1 ?all'), expected: 'neutral' },
    { name: 'nothing matches', zone: record('v=spf1 ip4:192.0.2.11'), expected: 'neutral' },
    {
      name: 'unknown modifiers are ignored',
      zone: record('v=spf1 moo.cow-far_out=man:dog/cat default=pass x=%{r} -all'),
      expected: 'fail',
    },
    { name: '§5.1 terms after all are ignored', zone: record('v=spf1 -all ip4:192.0.2.10'), expected: 'fail' },
  ],
  '§4.6.4 limits': [
    {
      name: '10 lookups',
      zone: { 'example.com': { TXT: `v=spf1 ${'a '.repeat(10)}+all`, A: ['192.0.2.99'] } },
      expected: 'pass',
      lookups: 10,
    },
    {
      name: '11 lookups',
      zone: { 'example.com': { TXT: `v=spf1 ${'a '.repeat(11)}+all`, A: ['192.0.2.99'] } },
      expected: 'permerror',
      lookups: 10,
      problem: 'too-many-lookups',
    },
    {
      name: 'a match before the 11th',
      zone: { 'example.com': { TXT: `v=spf1 ${'a '.repeat(10)}ip4:192.0.2.10 a`, A: ['192.0.2.99'] } },
      expected: 'pass',
    },
    {
      name: 'nested records count together',
      zone: {
        'example.com': { TXT: 'v=spf1 include:i.example a a +all', A: ['192.0.2.99'] },
        'i.example': { TXT: `v=spf1 ${'a '.repeat(8)}`, A: ['192.0.2.99'] },
      },
      expected: 'permerror',
      problem: 'too-many-lookups',
    },
    {
      name: 'ip4, ip6, all and exp cost nothing',
      zone: record('v=spf1 ip4:192.0.2.1 ip6:::1 exp=e.example.com -all', { 'e.example.com': { TXT: ['no'] } }),
      expected: 'fail',
      lookups: 0,
      explanation: 'no',
    },
    {
      name: '%{p} costs one more',
      zone: record(`v=spf1 exists:%{p}.x.example -all`, { 'unknown.x.example': { A: ['127.0.0.2'] } }),
      expected: 'pass',
      lookups: 2,
    },
    {
      name: 'redirect to itself',
      zone: record('v=spf1 redirect=example.com'),
      expected: 'permerror',
      problem: 'too-many-lookups',
    },
    {
      name: 'include of itself',
      zone: record('v=spf1 include:example.com'),
      expected: 'permerror',
      problem: 'too-many-lookups',
    },
    {
      name: '2 void lookups, nxdomain and nodata',
      zone: record('v=spf1 a:no.example exists:empty.example +all', { 'empty.example': {} }),
      expected: 'pass',
      voidLookups: 2,
    },
    {
      name: '3 void lookups',
      zone: record('v=spf1 a:1.example mx:2.example exists:3.example +all'),
      expected: 'permerror',
      voidLookups: 3,
      problem: 'too-many-void-lookups',
    },
    {
      name: 'exp is no void lookup',
      zone: record('v=spf1 a:no.example mx:no.example exp=no.example -all'),
      expected: 'fail',
      voidLookups: 2,
      explanation: null,
    },
    {
      name: 'a name the DNS cannot hold is no void lookup',
      zone: record('v=spf1 a:a..example a:b..example a:c..example +all'),
      expected: 'pass',
      voidLookups: 0,
    },
    {
      name: 'hosts of an mx are no terms',
      zone: record('v=spf1 mx:m.example +all', {
        'm.example': {
          MX: ['1 x.example', '2 y.example', '3 z.example'],
        },
      }),
      expected: 'pass',
      voidLookups: 0,
      lookups: 1,
    },
    {
      name: '10 MX records',
      zone: record('v=spf1 mx:m.example -all', {
        'm.example': { MX: Array.from({ length: 10 }, (_, n) => `${n} h${n}.example`) },
        'h9.example': { A: [CLIENT] },
      }),
      expected: 'pass',
    },
    {
      name: '11 MX records, whatever they say',
      zone: record('v=spf1 mx:m.example -all', {
        'm.example': { MX: Array.from({ length: 11 }, (_, n) => `${n} h.example`) },
        'h.example': { A: [CLIENT] },
      }),
      expected: 'permerror',
      problem: 'too-many-mx',
    },
  ],
  '§5 IPv4-mapped addresses': [
    {
      name: 'ip4 matches an IPv4-mapped client',
      zone: record('v=spf1 ip4:192.0.2.10 -all'),
      ip: '::ffff:192.0.2.10',
      expected: 'pass',
    },
    {
      name: 'ip6 does not match an IPv4-mapped client',
      zone: record('v=spf1 ip6:::ffff:192.0.2.10 ip6:::/0'),
      ip: '::ffff:192.0.2.10',
      expected: 'neutral',
    },
    {
      name: 'an IPv4-mapped client uses A records',
      zone: { 'example.com': { TXT: 'v=spf1 a -all', A: [CLIENT], AAAA: 'timeout' } },
      ip: '::ffff:192.0.2.10',
      expected: 'pass',
    },
  ],
  '§5.2 include': [
    ...(
      [
        ['pass', 'v=spf1 +all', 'softfail'],
        ['fail', 'v=spf1 -all', 'neutral'],
        ['softfail', 'v=spf1 ~all', 'neutral'],
        ['neutral', 'v=spf1 ?all', 'neutral'],
        ['permerror', 'v=spf1 foo', 'permerror'],
        ['none', ['not spf'], 'permerror'],
        ['temperror', 'timeout', 'temperror'],
      ] as const
    ).map(
      ([inner, text, expected]): Case => ({
        name: `${inner} there`,
        zone: record('v=spf1 ~include:i.example ?all', { 'i.example': { TXT: text } }),
        expected,
        lookups: 1,
      }),
    ),
    {
      name: 'the target does not exist',
      zone: record('v=spf1 include:i.example +all'),
      expected: 'permerror',
      problem: 'target-without-record',
      voidLookups: 1,
    },
    {
      name: 'target is not a name',
      zone: record('v=spf1 include:%{h} +all'),
      helo: 'OEM',
      expected: 'permerror',
      problem: 'target-without-record',
    },
    {
      name: 'several records there',
      zone: record('v=spf1 include:i.example +all', { 'i.example': { TXT: ['v=spf1', 'v=spf1'] } }),
      expected: 'permerror',
      problem: 'multiple-records',
    },
    {
      name: 'redirect inside an include',
      zone: record('v=spf1 include:i.example -all', {
        'i.example': 'v=spf1 redirect=j.example',
        'j.example': 'v=spf1 ip4:192.0.2.10',
      }),
      expected: 'pass',
      lookups: 2,
    },
    {
      name: '%{d} is that of the included record',
      zone: record('v=spf1 include:i.example -all', {
        'i.example': 'v=spf1 exists:yes.%{d}',
        'yes.i.example': { A: ['127.0.0.2'] },
      }),
      expected: 'pass',
    },
    {
      name: '%{o} is that of the sender',
      zone: record('v=spf1 include:i.example -all', {
        'i.example': 'v=spf1 exists:yes.%{o}',
        'yes.example.com': { A: ['127.0.0.2'] },
      }),
      expected: 'pass',
    },
  ],
  '§5.3 a': [
    {
      name: 'any of the addresses',
      zone: { 'example.com': { TXT: 'v=spf1 a -all', A: ['192.0.2.9', CLIENT] } },
      expected: 'pass',
    },
    {
      name: 'a network of IPv4',
      zone: { 'example.com': { TXT: 'v=spf1 a/28//128 -all', A: ['192.0.2.1'] } },
      expected: 'pass',
    },
    {
      name: 'a network of IPv6',
      zone: { 'example.com': { TXT: 'v=spf1 a/32//64 -all', AAAA: ['2001:db8::1'] } },
      ip: CLIENT6,
      expected: 'pass',
    },
    {
      name: 'an address just outside the network',
      zone: { 'example.com': { TXT: 'v=spf1 a/29 -all', A: ['192.0.2.1'] } },
      expected: 'fail',
    },
    {
      name: '/0 needs an address',
      zone: { 'example.com': { TXT: 'v=spf1 a/0 -all', AAAA: ['::1'] } },
      expected: 'fail',
      voidLookups: 1,
    },
    {
      name: '/0 with an address',
      zone: { 'example.com': { TXT: 'v=spf1 a/0 -all', A: ['203.0.113.1'] } },
      expected: 'pass',
    },
    {
      name: 'the lookup fails',
      zone: { 'example.com': { TXT: 'v=spf1 a +all', A: 'servfail' } },
      expected: 'temperror',
    },
    {
      name: 'a name with spaces, from a macro',
      zone: record('v=spf1 a:x%_%%%-.example -all', { 'x %%20.example': { A: [CLIENT] } }),
      expected: 'pass',
    },
    {
      name: 'an over-long label after expansion',
      zone: record('v=spf1 a:%{H}.example -all'),
      helo: '%'.repeat(22),
      expected: 'fail',
    },
  ],
  '§5.4 mx': [
    {
      name: 'any address of any exchange',
      zone: {
        'example.com': {
          TXT: 'v=spf1 mx -all',
          MX: ['10 m1.example', '20 M2.example.'],
        },
        'm1.example': { A: ['192.0.2.1'] },
        'm2.example': { A: [CLIENT] },
      },
      expected: 'pass',
      lookups: 1,
    },
    {
      name: 'no MX: no fallback to the address',
      zone: { 'example.com': { TXT: 'v=spf1 mx', A: [CLIENT] } },
      expected: 'neutral',
      voidLookups: 1,
    },
    {
      name: 'null MX',
      zone: { 'example.com': { TXT: 'v=spf1 mx', MX: ['0 .'] } },
      expected: 'neutral',
      voidLookups: 0,
    },
    {
      name: 'the MX lookup fails',
      zone: { 'example.com': { TXT: 'v=spf1 mx +all', MX: 'servfail' } },
      expected: 'temperror',
    },
    {
      name: 'the lookup of a preferred host fails',
      zone: {
        'example.com': {
          TXT: 'v=spf1 mx',
          MX: ['20 m2.example', '10 m1.example'],
        },
        'm1.example': { A: 'timeout' },
        'm2.example': { A: [CLIENT] },
      },
      expected: 'temperror',
    },
    {
      name: 'the lookup of a host after the match fails',
      zone: {
        'example.com': {
          TXT: 'v=spf1 mx',
          MX: ['10 m1.example', '20 m2.example'],
        },
        'm1.example': { A: [CLIENT] },
        'm2.example': { A: 'timeout' },
      },
      expected: 'pass',
    },
    {
      name: 'an IPv6 client',
      zone: {
        'example.com': { TXT: 'v=spf1 mx//64 -all', MX: ['1 m.example'] },
        'm.example': { AAAA: ['2001:db8::99'] },
      },
      ip: CLIENT6,
      expected: 'pass',
    },
  ],
  '§5.5 ptr': [
    {
      name: 'the domain itself',
      zone: {
        'example.com': { TXT: 'v=spf1 ptr -all', A: [CLIENT] },
        '10.2.0.192.in-addr.arpa': { PTR: ['Example.COM.'] },
      },
      expected: 'pass',
      lookups: 1,
    },
    {
      name: 'a subdomain of the target',
      zone: record('v=spf1 ptr:host.example -all', {
        '10.2.0.192.in-addr.arpa': { PTR: ['x.host.example'] },
        'x.host.example': { A: [CLIENT] },
      }),
      expected: 'pass',
    },
    {
      name: 'a name with several addresses',
      zone: record('v=spf1 ptr:host.example -all', {
        '10.2.0.192.in-addr.arpa': { PTR: ['host.example'] },
        'host.example': { A: ['192.0.2.1', CLIENT, '192.0.2.2'] },
      }),
      expected: 'pass',
    },
    {
      name: 'not just a suffix of the name',
      zone: record('v=spf1 ptr:host.example -all', {
        '10.2.0.192.in-addr.arpa': { PTR: ['myhost.example'] },
        'myhost.example': { A: [CLIENT] },
      }),
      expected: 'fail',
    },
    {
      name: 'a name that does not lead back',
      zone: record('v=spf1 ptr -all', {
        '10.2.0.192.in-addr.arpa': { PTR: ['m.example.com'] },
        'm.example.com': { A: ['192.0.2.11'] },
      }),
      expected: 'fail',
    },
    {
      name: 'the PTR lookup fails',
      zone: record('v=spf1 ptr -all', { '10.2.0.192.in-addr.arpa': { '*': 'servfail' } }),
      expected: 'fail',
      voidLookups: 0,
    },
    {
      name: 'the lookup of one name fails',
      zone: record('v=spf1 ptr -all', {
        '10.2.0.192.in-addr.arpa': { PTR: ['a.example.com', 'b.example.com'] },
        'a.example.com': { A: 'timeout' },
        'b.example.com': { A: [CLIENT] },
      }),
      expected: 'pass',
    },
    {
      name: 'the 10th name',
      zone: record('v=spf1 ptr -all', {
        '10.2.0.192.in-addr.arpa': { PTR: [...Array.from({ length: 9 }, (_, n) => `h${n}.example`), 'example.com'] },
        'example.com': { TXT: 'v=spf1 ptr -all', A: [CLIENT] },
      }),
      expected: 'pass',
    },
    {
      name: 'the 11th name',
      zone: record('v=spf1 ptr -all', {
        '10.2.0.192.in-addr.arpa': { PTR: [...Array.from({ length: 10 }, (_, n) => `h${n}.example`), 'example.com'] },
        'example.com': { TXT: 'v=spf1 ptr -all', A: [CLIENT] },
      }),
      expected: 'fail',
    },
    {
      name: 'an IPv6 client',
      zone: {
        'example.com': { TXT: 'v=spf1 ptr -all', AAAA: [CLIENT6] },
        '0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa': { PTR: ['example.com'] },
      },
      ip: CLIENT6,
      expected: 'pass',
    },
  ],
  '§5.6 ip4 and ip6': [
    { name: 'a prefix length of 0', zone: record('v=spf1 ip4:1.2.3.4/0 -all'), expected: 'pass' },
    { name: 'an odd length, inside', zone: record('v=spf1 ip4:192.0.2.8/30 -all'), expected: 'pass' },
    { name: 'an odd length, outside', zone: record('v=spf1 ip4:192.0.2.12/30 -all'), expected: 'fail' },
    {
      name: 'ip6 with a length inside an octet',
      zone: record('v=spf1 ip6:2001:db8:8000::/33 -all'),
      ip: '2001:db8:ffff::1',
      expected: 'pass',
    },
    { name: 'ip4 never matches IPv6', zone: record('v=spf1 ip4:0.0.0.0/0 -all'), ip: CLIENT6, expected: 'fail' },
  ],
  '§5.7 exists': [
    {
      name: 'any address',
      zone: record('v=spf1 exists:e.example -all', { 'e.example': { A: ['127.0.0.2'] } }),
      expected: 'pass',
    },
    {
      name: 'an A record also for IPv6',
      zone: record('v=spf1 exists:e.example -all', { 'e.example': { A: ['127.0.0.2'] } }),
      ip: CLIENT6,
      expected: 'pass',
    },
    {
      name: 'AAAA alone',
      zone: record('v=spf1 exists:e.example -all', { 'e.example': { AAAA: ['::1'] } }),
      ip: CLIENT6,
      expected: 'fail',
      voidLookups: 1,
    },
    {
      name: 'the lookup fails',
      zone: record('v=spf1 exists:e.example +all', { 'e.example': { A: 'refused' } }),
      expected: 'temperror',
    },
    {
      name: '§7.4 by user and address',
      zone: record('v=spf1 exists:%{ir}.%{l1r+-}._spf.%{d} -all', {
        '10.2.0.192.joe._spf.example.com': { A: ['127.0.0.2'] },
      }),
      sender: 'joe-list@example.com',
      expected: 'pass',
    },
    {
      name: 'RFC 8616: a non-ASCII local part matches nothing',
      zone: record('v=spf1 exists:%{l}.example.com -all', { 'j\u00f6.example.com': { A: ['127.0.0.2'] } }),
      sender: 'j\u00f6@example.com',
      expected: 'fail',
    },
  ],
  '§6.1 redirect': [
    {
      name: 'decides when nothing matches',
      zone: record('v=spf1 redirect=r.example ip4:192.0.2.11', { 'r.example': 'v=spf1 ip4:192.0.2.10 -all' }),
      expected: 'pass',
      lookups: 1,
    },
    {
      name: 'is not reached after a match',
      zone: record('v=spf1 redirect=r.example ip4:192.0.2.10'),
      expected: 'pass',
      lookups: 0,
    },
    { name: 'is ignored beside all', zone: record('v=spf1 redirect=r.example ?all'), expected: 'neutral', lookups: 0 },
    {
      name: 'changes <domain>',
      zone: {
        'example.com': { TXT: 'v=spf1 redirect=r.example', A: ['192.0.2.1'] },
        'r.example': { TXT: 'v=spf1 a -all', A: [CLIENT] },
      },
      expected: 'pass',
    },
    {
      name: 'the target has no record',
      zone: record('v=spf1 redirect=r.example'),
      expected: 'permerror',
      problem: 'target-without-record',
      voidLookups: 1,
    },
    { name: 'to a malformed name', zone: record('v=spf1 redirect=%{h}'), helo: 'a..b', expected: 'permerror' },
    {
      name: 'the lookup of the target fails',
      zone: record('v=spf1 redirect=r.example', { 'r.example': { TXT: 'servfail' } }),
      expected: 'temperror',
    },
    {
      name: 'the record of the target has errors',
      zone: record('v=spf1 redirect=r.example', { 'r.example': 'v=spf1 foo' }),
      expected: 'permerror',
      problem: 'syntax',
    },
  ],
  '§6.2 exp': [
    {
      name: 'text with macros',
      zone: record('v=spf1 -all exp=e.%{d}', {
        'e.example.com': { TXT: ['%{i} is not one of %{d}%_(%{h}, %{c}, %{r}, %{t})'] },
      }),
      expected: 'fail',
      explanation: '192.0.2.10 is not one of example.com (mail.example.com, 192.0.2.10, unknown, 1700000000)',
    },
    {
      name: 'strings joined, a trailing dot kept',
      zone: record('v=spf1 -all exp=e.example.', { 'e.example': { TXT: [['See', ' me.']] } }),
      expected: 'fail',
      explanation: 'See me.',
    },
    {
      name: 'only a fail has an explanation',
      zone: record('v=spf1 ~all exp=e.example', { 'e.example': { TXT: ['x'] } }),
      expected: 'softfail',
      explanation: null,
    },
    { name: 'a record without exp', zone: record('v=spf1 -all'), expected: 'fail', explanation: null },
    {
      name: 'empty text is a text',
      zone: record('v=spf1 -all exp=e.example', { 'e.example': { TXT: [''] } }),
      expected: 'fail',
      explanation: '',
    },
    { name: 'the name does not exist', zone: record('v=spf1 -all exp=e.example'), expected: 'fail', explanation: null },
    {
      name: 'the lookup fails',
      zone: record('v=spf1 -all exp=e.example', { 'e.example': { TXT: 'timeout' } }),
      expected: 'fail',
      explanation: null,
    },
    {
      name: 'two TXT records',
      zone: record('v=spf1 -all exp=e.example', { 'e.example': { TXT: ['a', 'b'] } }),
      expected: 'fail',
      explanation: null,
    },
    {
      name: 'syntax error in the text',
      zone: record('v=spf1 -all exp=e.example', { 'e.example': { TXT: ['100% of %{x}'] } }),
      expected: 'fail',
      explanation: null,
    },
    {
      name: 'non-ASCII text',
      zone: record('v=spf1 -all exp=e.example', { 'e.example': { TXT: ['caf\u00e9'] } }),
      expected: 'fail',
      explanation: null,
    },
    {
      name: 'control characters',
      zone: record('v=spf1 -all exp=e.example', { 'e.example': { TXT: ['a\u001b[31m'] } }),
      expected: 'fail',
      explanation: null,
    },
    {
      name: 'non-ASCII from the sender',
      zone: record('v=spf1 -all exp=e.example', { 'e.example': { TXT: ['%{l}'] } }),
      sender: 'j\u00f6@example.com',
      expected: 'fail',
      explanation: null,
    },
    {
      name: 'a malformed name',
      zone: record('v=spf1 -all exp=%{h}'),
      helo: 'a..b',
      expected: 'fail',
      explanation: null,
    },
    {
      name: 'exp of an included record is ignored',
      zone: record('v=spf1 include:i.example -all', {
        'i.example': 'v=spf1 -all exp=e.example',
        'e.example': { TXT: ['wrong'] },
      }),
      expected: 'fail',
      explanation: null,
    },
    {
      name: 'exp of the record with -include',
      zone: record('v=spf1 -include:i.example exp=e.example', {
        'i.example': 'v=spf1 +all exp=f.example',
        'e.example': { TXT: ['right'] },
        'f.example': { TXT: ['wrong'] },
      }),
      expected: 'fail',
      explanation: 'right',
    },
    {
      name: 'exp of the target of a redirect',
      zone: record('v=spf1 exp=e.example redirect=r.example', {
        'r.example': 'v=spf1 -all exp=x.%{d}',
        'x.r.example': { TXT: ['of %{d}, for %{o}'] },
        'e.example': { TXT: ['wrong'] },
      }),
      expected: 'fail',
      explanation: 'of r.example, for example.com',
    },
    {
      name: 'exp beside a redirect is ignored',
      zone: record('v=spf1 exp=e.example redirect=r.example', {
        'r.example': 'v=spf1 -all',
        'e.example': { TXT: ['wrong'] },
      }),
      expected: 'fail',
      explanation: null,
    },
  ],
  '§7.3 %{p}': [
    ...(
      [
        ['the domain itself first', ['a.example', 'sub.example.com', 'example.com'], 'example.com'],
        ['then a subdomain', ['a.example', 'sub.example.com'], 'sub.example.com'],
        ['then any', ['a.example', 'b.example'], 'a.example'],
        ['none', [], 'unknown'],
      ] as const
    ).map(
      ([name, names, expected]): Case => ({
        name,
        zone: {
          'a.example': { A: [CLIENT] },
          'b.example': { A: [CLIENT] },
          'sub.example.com': { A: [CLIENT] },
          '10.2.0.192.in-addr.arpa': { PTR: names },
          'example.com': { TXT: 'v=spf1 -all exp=e.example', A: [CLIENT] },
          'e.example': { TXT: ['%{p}'] },
        },
        expected: 'fail',
        explanation: expected,
      }),
    ),
    {
      name: 'macro p in the name of the explanation',
      zone: record('v=spf1 -all exp=%{p}.e.example', {
        'h.example.e.example': { TXT: ['of %{p1}'] },
        'h.example': { A: [CLIENT] },
        '10.2.0.192.in-addr.arpa': { PTR: ['h.example.'] },
      }),
      expected: 'fail',
      lookups: 0,
      explanation: 'of example',
    },
    {
      name: 'macro p for the record that has the explanation',
      zone: record('v=spf1 redirect=r.example', {
        'r.example': { TXT: 'v=spf1 -all exp=e.example', A: [CLIENT] },
        'e.example': { TXT: ['%{p}'] },
        'a.example': { A: [CLIENT] },
        '10.2.0.192.in-addr.arpa': { PTR: ['a.example', 'r.example'] },
      }),
      expected: 'fail',
      explanation: 'r.example',
    },
    {
      name: 'macro p of an IPv6 client skips names that the DNS cannot contain',
      zone: record('v=spf1 -all exp=e.example', {
        'e.example': { TXT: ['%{p}'] },
        'a.example': { A: ['192.0.2.1'], AAAA: [CLIENT6] },
        '0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa': { PTR: ['a..b', 'a.example'] },
      }),
      ip: CLIENT6,
      expected: 'fail',
      explanation: 'a.example',
    },
    {
      name: 'names that do not validate',
      zone: record('v=spf1 -all exp=e.example', {
        'e.example': { TXT: ['%{p}'] },
        '10.2.0.192.in-addr.arpa': { PTR: ['x.example'] },
        'x.example': { A: ['192.0.2.1'] },
      }),
      expected: 'fail',
      explanation: 'unknown',
    },
    {
      name: 'the PTR lookup fails',
      zone: record('v=spf1 -all exp=e.example', {
        'e.example': { TXT: ['%{p}'] },
        '10.2.0.192.in-addr.arpa': { '*': 'servfail' },
      }),
      expected: 'fail',
      explanation: 'unknown',
    },
  ],
};

describe.each(Object.entries(tables))('SPF check_host(), RFC 7208 %s', (_, cases) => {
  test.each(cases.map((each) => [`${each.name} → ${each.expected}`, each] as const))('%s', (__, each) => verify(each));
});

describe('SPF check_host(), RFC 7208 §4.6.4 time limit', () => {
  test('a check of more than 20 seconds ends in temperror', async () => {
    let seconds = 0;
    const resolver = zoneResolver({
      zone: { 'example.com': 'v=spf1 a:x.example +all', 'x.example': { A: ['192.0.2.1'] } },
    });
    const request = { ip: address(CLIENT), sender: 'u@example.com', heloName: 'h.example', resolver };
    const now = (step: number) => () => {
      seconds += step;
      return seconds * 1000;
    };
    expect(await checkHost({ ...request, now: now(21) })).toMatchObject({
      result: 'temperror',
      problem: { kind: 'time-limit' },
    });
    expect(await checkHost({ ...request, now: now(1) })).toMatchObject({ result: 'pass' });
  });
});

describe('SPF check_host(): the request', () => {
  const explaining = (text: string) =>
    zoneResolver({ zone: { 'example.com': 'v=spf1 -all exp=e.example', 'e.example': { TXT: [text] } } });
  const request = { ip: address(CLIENT), sender: 'user@example.com', heloName: 'helo.example' };

  test.each([
    [{}, 'unknown'],
    [{ receiver: 'mx.example.org' }, 'mx.example.org'],
  ])('macro r with the options %j → %s', async (options, expected) => {
    expect(await checkHost({ ...request, ...options, resolver: explaining('%{r}') })).toMatchObject({
      explanation: expected,
    });
  });

  test('macro t is the given time, by default the current one', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { explanation } = await checkHost({ ...request, resolver: explaining('%{t}') });
    expect(Number(explanation)).toBeGreaterThanOrEqual(before);
    expect(Number(explanation)).toBeLessThanOrEqual(before + 60);
  });

  test('checks a domain other than that of the sender', async () => {
    const resolver = zoneResolver({
      zone: {
        'xn--bcher-kva.example': 'v=spf1 exists:%{o}.%{d} -all',
        'example.com.xn--bcher-kva.example': { A: [CLIENT] },
      },
    });
    const outcome = await checkHost({ ...request, domain: 'b\u00fccher.example.', resolver });
    expect(outcome).toMatchObject({ result: 'pass', domain: 'xn--bcher-kva.example', sender: 'user@example.com' });
  });

  test('never queries a name that the DNS cannot contain', async () => {
    const resolver = zoneResolver({
      zone: {
        'example.com': { MX: ['1 a..b'] },
        '10.2.0.192.in-addr.arpa': { PTR: ['a..b', 'a..example.com'] },
      },
    });
    for (const text of [
      'v=spf1 a:a..b mx ptr:a..b ptr -all exp=%{h}',
      'v=spf1 include:a..b',
      'v=spf1 redirect=a..b.x',
    ]) {
      const published = publishedAs(resolver, 'example.com', text);
      await checkHost({ ...request, heloName: 'a..b', resolver: published });
    }
    expect(resolver.asked.filter((question) => question.includes('..'))).toEqual([]);
    expect(resolver.asked).toContain('PTR 10.2.0.192.in-addr.arpa');
    expect(resolver.asked).toContain('MX example.com');
  });

  test('an explanation queries the PTR record only when it uses macro p', async () => {
    for (const [text, asksForIt] of [
      ['%{i}', false],
      ['%{p}', true],
    ] as const) {
      const resolver = explaining(text);
      await checkHost({ ...request, resolver });
      expect(resolver.asked.some((question) => question.startsWith('PTR'))).toBe(asksForIt);
    }
  });
});

describe('SPF checkHelo, RFC 7208 §2.3', () => {
  test('evaluates the record of the HELO name, with postmaster as sender', async () => {
    const resolver = zoneResolver({ zone: { 'mail.example.com': { TXT: 'v=spf1 a -all', A: [CLIENT] } } });
    const outcome = await checkHelo({ ip: address(CLIENT), heloName: 'mail.example.com', resolver });
    expect(outcome).toMatchObject({
      result: 'pass',
      domain: 'mail.example.com',
      sender: 'postmaster@mail.example.com',
    });
  });
});

describe('SPF trace', () => {
  const zone: ZoneScript = {
    'example.com': 'v=spf1 a:no.example include:i.example x=1 -all ip4:192.0.2.10',
    'i.example': 'v=spf1 ip4:192.0.2.1 ip4:192.0.2.10 ~all',
  };

  test('has each term with its lookups and its target', async () => {
    const { trace, matched, lookups, voidLookups } = await check(zone);
    expect({ lookups, voidLookups }).toEqual({ lookups: 2, voidLookups: 1 });
    expect(matched).toEqual([
      { domain: 'example.com', term: 'include:i.example' },
      { domain: 'i.example', term: 'ip4:192.0.2.10' },
    ]);
    expect(trace).toMatchObject({
      domain: 'example.com',
      record: zone['example.com'],
      result: 'pass',
      terms: [
        { text: 'a:no.example', offset: 7, outcome: 'no-match', lookups: 1, voidLookups: 1, target: 'no.example' },
        {
          text: 'include:i.example',
          outcome: 'match',
          lookups: 1,
          record: {
            domain: 'i.example',
            result: 'pass',
            terms: [{ outcome: 'no-match' }, { outcome: 'match', lookups: 0 }, { outcome: 'not-evaluated' }],
          },
        },
        { text: 'x=1', outcome: 'ignored' },
        { text: '-all', outcome: 'not-evaluated' },
        { text: 'ip4:192.0.2.10', outcome: 'ignored' },
      ],
    });
  });

  test('marks the term that ended the check, in any record', async () => {
    const { problem, trace } = await check({
      'example.com': 'v=spf1 include:i.example -all',
      'i.example': 'v=spf1 ip4:1',
    });
    expect(problem).toMatchObject({ kind: 'syntax', domain: 'i.example', term: 'ip4:1', offset: 7 });
    expect(trace.terms[0]).toMatchObject({
      outcome: 'error',
      record: { result: 'permerror', terms: [{ outcome: 'error' }] },
    });
  });

  test('has the query that failed', async () => {
    const { problem } = await check({ 'example.com': 'v=spf1 mx -all', 'example.org': {} });
    expect(problem).toBeNull();
    const failing = await check({ 'example.com': { TXT: 'v=spf1 mx -all', MX: 'refused' } });
    expect(failing.problem).toMatchObject({ term: 'mx', query: { name: 'example.com', type: 'MX', rcode: 'refused' } });
  });
});
