/** The trace that explains a check: every term with its outcome, cost, target and reason, and the problem that ended it. */
import { describe, expect, test } from 'vitest';
import { checkHost, type RecordTrace, type SpfProblem, type TermTrace } from '../../../src/standards/spf/index.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';
import { address, type Case, CLIENT, CLIENT6, check } from './check.ts';

/** A trace as lines: a domain, then the terms of its record with offset, `[lookups/void lookups]`, target and reason. */
function lines({ domain, record, result, reason, terms }: RecordTrace): string[] {
  const head = `${domain}${record === null ? ' without record' : ''}: ${result}, ${reason}`;
  return [head, ...terms.flatMap(termLines).map((line) => `  ${line}`)];
}

function termLines({ text, offset, outcome, lookups, voidLookups, target, reason, record }: TermTrace): string[] {
  const at = target === null ? '' : ` → ${target}`;
  const own = `${text} @${offset} [${lookups}/${voidLookups}]${at}: ${outcome}, ${reason}`;
  return [own, ...(record ? lines(record).map((line) => `  ${line}`) : [])];
}

type Row = Pick<Case, 'ip' | 'sender'> & {
  readonly name: string;
  readonly zone: ZoneScript;
  readonly trace: string[];
};

const PTR4 = '10.2.0.192.in-addr.arpa';

function mx(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${n} m${n}.example`);
}

/** The lines of `a` terms at the start of a record, each of which costs a lookup and does not match. */
function costing(count: number): string[] {
  return Array.from({ length: count }, (_, n) => {
    return `  a @${7 + 2 * n} [1/0] → example.com: no-match, no A record has the address`;
  });
}

const rows: readonly Row[] = [
  {
    name: 'a name that cannot have a record',
    zone: {},
    sender: 'u@localhost',
    trace: ['localhost without record: none, not a domain name that can have a record'],
  },
  {
    name: 'a name that does not exist',
    zone: {},
    trace: ['example.com without record: none, no TXT record (nxdomain)'],
  },
  {
    name: 'a name without TXT record',
    zone: { 'example.com': {} },
    trace: ['example.com without record: none, no TXT record (nodata)'],
  },
  {
    name: 'no SPF record',
    zone: { 'example.com': { TXT: ['x'] } },
    trace: ['example.com without record: none, no SPF record among its TXT records'],
  },
  {
    name: 'two SPF records',
    zone: { 'example.com': { TXT: ['v=spf1', 'v=spf1'] } },
    trace: ['example.com without record: permerror, example.com has 2 SPF records'],
  },
  {
    name: 'a failed lookup',
    zone: { 'example.com': { TXT: 'timeout' } },
    trace: ['example.com without record: temperror, the TXT lookup of example.com failed (timeout)'],
  },
  {
    name: 'errors, in the order of the terms',
    zone: { 'example.com': 'v=spf1 foo a ip4:1 -all' },
    trace: [
      'example.com: permerror, "foo": there is no mechanism "foo"',
      '  foo @7 [0/0]: error, there is no mechanism "foo"',
      '  a @11 [0/0]: not-evaluated, the record has a syntax error',
      '  ip4:1 @13 [0/0]: error, "1" is not an IPv4 address',
      '  -all @19 [0/0]: not-evaluated, the record has a syntax error',
    ],
  },
  {
    name: 'no matching term',
    zone: { 'example.com': 'v=spf1 ip4:192.0.2.11 ip6:2001:db8::/32' },
    trace: [
      'example.com: neutral, nothing matches',
      '  ip4:192.0.2.11 @7 [0/0]: no-match, 192.0.2.10 is not in 192.0.2.11',
      '  ip6:2001:db8::/32 @22 [0/0]: no-match, 192.0.2.10 is not in 2001:db8::/32',
    ],
  },
  {
    name: 'ip4',
    zone: { 'example.com': 'v=spf1 ip4:192.0.2.0/24 mx redirect=r.example' },
    trace: [
      'example.com: pass, "ip4:192.0.2.0/24" matches',
      '  ip4:192.0.2.0/24 @7 [0/0]: match, 192.0.2.10 is in 192.0.2.0/24',
      '  mx @24 [0/0]: not-evaluated, already decided',
      '  redirect=r.example @27 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'ip6 and ignored terms',
    ip: CLIENT6,
    zone: { 'example.com': 'v=spf1 redirect=r.example exp=e.example x=y ?ip6:2001:DB8:0::10 a ~all mx redirected=z' },
    trace: [
      'example.com: neutral, "?ip6:2001:DB8:0::10" matches',
      '  redirect=r.example @7 [0/0]: ignored, not used beside "all"',
      '  exp=e.example @26 [0/0]: ignored, explanation of a fail',
      '  x=y @40 [0/0]: ignored, not a modifier of RFC 7208',
      '  ?ip6:2001:DB8:0::10 @44 [0/0]: match, 2001:db8::10 is in 2001:db8::10',
      '  a @64 [0/0]: not-evaluated, already decided',
      '  ~all @66 [0/0]: not-evaluated, already decided',
      '  mx @71 [0/0]: ignored, after "all"',
      '  redirected=z @74 [0/0]: ignored, not a modifier of RFC 7208',
    ],
  },
  {
    name: 'all',
    zone: { 'example.com': 'v=spf1 exp=e.example -all a' },
    trace: [
      'example.com: fail, "-all" matches',
      '  exp=e.example @7 [0/0]: ignored, explanation of a fail',
      '  -all @21 [0/0]: match, always matches',
      '  a @26 [0/0]: ignored, after "all"',
    ],
  },
  {
    name: 'a',
    zone: {
      'example.com': {
        TXT: 'v=spf1 a:no.example a:six.example a:x.example a/28 -all',
        A: ['203.0.113.1', '192.0.2.1'],
      },
      'six.example': { AAAA: [CLIENT6] },
      'x.example': { A: ['192.0.2.11'] },
    },
    trace: [
      'example.com: pass, "a/28" matches',
      '  a:no.example @7 [1/1] → no.example: no-match, no A record (nxdomain)',
      '  a:six.example @20 [1/1] → six.example: no-match, no A record (nodata)',
      '  a:x.example @34 [1/0] → x.example: no-match, no A record has the address',
      '  a/28 @46 [1/0] → example.com: match, 192.0.2.10 is in 192.0.2.1/28',
      '  -all @51 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'a of an IPv6 client, single address',
    ip: CLIENT6,
    zone: {
      'example.com': { TXT: 'v=spf1 a:x.example a -all', AAAA: [CLIENT6] },
      'x.example': { AAAA: ['2001:db8::11'] },
    },
    trace: [
      'example.com: pass, "a" matches',
      '  a:x.example @7 [1/0] → x.example: no-match, no AAAA record has the address',
      '  a @19 [1/0] → example.com: match, 2001:db8::10 is in 2001:db8::10',
      '  -all @21 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'a with a failed lookup',
    zone: { 'example.com': { TXT: 'v=spf1 a -all', A: 'servfail' } },
    trace: [
      'example.com: temperror, the A lookup of example.com failed (servfail)',
      '  a @7 [1/0] → example.com: error, the A lookup of example.com failed (servfail)',
      '  -all @9 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'a with an invalid name',
    zone: { 'example.com': 'v=spf1 a:a..example -all' },
    trace: [
      'example.com: fail, "-all" matches',
      '  a:a..example @7 [1/0] → a..example: no-match, not a name that the DNS can hold',
      '  -all @20 [0/0]: match, always matches',
    ],
  },
  {
    name: 'mx',
    zone: {
      'example.com': {
        TXT: 'v=spf1 mx:no.example mx:null.example mx:x.example mx -all',
        MX: ['20 b.example.', '10 a.example'],
      },
      'null.example': { MX: ['0 .'] },
      'x.example': { MX: ['1 a.example'] },
      'a.example': { A: ['192.0.2.1'] },
      'b.example': { A: [CLIENT] },
    },
    trace: [
      'example.com: pass, "mx" matches',
      '  mx:no.example @7 [1/1] → no.example: no-match, no MX record (nxdomain)',
      '  mx:null.example @21 [1/0] → null.example: no-match, none of its 1 MX hosts has the address',
      '  mx:x.example @37 [1/0] → x.example: no-match, none of its 1 MX hosts has the address',
      '  mx @50 [1/0] → example.com: match, 192.0.2.10 is in 192.0.2.10 (MX b.example)',
      '  -all @53 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'mx with a failed lookup of a host',
    zone: { 'example.com': { TXT: 'v=spf1 mx -all', MX: ['20 b.example'] }, 'b.example': { A: 'refused' } },
    trace: [
      'example.com: temperror, the A lookup of b.example failed (refused)',
      '  mx @7 [1/0] → example.com: error, the A lookup of b.example failed (refused)',
      '  -all @10 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'mx with a failed lookup',
    zone: { 'example.com': { TXT: 'v=spf1 mx -all', MX: 'bogus' } },
    trace: [
      'example.com: temperror, the MX lookup of example.com failed (bogus)',
      '  mx @7 [1/0] → example.com: error, the MX lookup of example.com failed (bogus)',
      '  -all @10 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'mx with 11 hosts',
    zone: { 'example.com': { TXT: 'v=spf1 mx -all', MX: mx(11) } },
    trace: [
      'example.com: permerror, example.com has 11 MX records; at most 10 are allowed',
      '  mx @7 [1/0] → example.com: error, example.com has 11 MX records; at most 10 are allowed',
      '  -all @10 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'exists',
    zone: {
      'example.com': 'v=spf1 exists:no.example exists:%{i}.example -all',
      '192.0.2.10.example': { A: ['127.0.0.2'] },
    },
    trace: [
      'example.com: pass, "exists:%{i}.example" matches',
      '  exists:no.example @7 [1/1] → no.example: no-match, no A record (nxdomain)',
      '  exists:%{i}.example @25 [1/0] → 192.0.2.10.example: match, 192.0.2.10.example exists',
      '  -all @45 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'a local part that is not ASCII',
    sender: 'j\u00f6@example.com',
    zone: {
      'example.com': 'v=spf1 exists:%{l}.example a:%{s}.example include:%{l}.example -exists:%{d}.example -all',
      'example.com.example': { A: ['127.0.0.2'] },
    },
    trace: [
      'example.com: fail, "-exists:%{d}.example" matches',
      '  exists:%{l}.example @7 [1/0] → jö.example: no-match, the local part of the sender is not ASCII',
      '  a:%{s}.example @27 [1/0] → jö@example.com.example: no-match, the local part of the sender is not ASCII',
      '  include:%{l}.example @42 [1/0] → jö.example: no-match, the local part of the sender is not ASCII',
      '  -exists:%{d}.example @63 [1/0] → example.com.example: match, example.com.example exists',
      '  -all @84 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'ptr without PTR record',
    zone: { 'example.com': 'v=spf1 ptr -all' },
    trace: [
      'example.com: fail, "-all" matches',
      '  ptr @7 [1/1] → example.com: no-match, the address has no PTR record',
      '  -all @11 [0/0]: match, always matches',
    ],
  },
  {
    name: 'ptr with a failed lookup',
    zone: { 'example.com': 'v=spf1 ptr -all', [PTR4]: { PTR: 'refused' } },
    trace: [
      'example.com: fail, "-all" matches',
      '  ptr @7 [1/0] → example.com: no-match, the PTR lookup failed (refused)',
      '  -all @11 [0/0]: match, always matches',
    ],
  },
  {
    name: 'ptr',
    zone: {
      'example.com': 'v=spf1 ptr ptr:x.example -all',
      [PTR4]: { PTR: ['M.x.example.'] },
      'm.x.example': { A: [CLIENT] },
    },
    trace: [
      'example.com: pass, "ptr:x.example" matches',
      '  ptr @7 [1/0] → example.com: no-match, no validated name in example.com',
      '  ptr:x.example @11 [1/0] → x.example: match, validated name M.x.example',
      '  -all @25 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: '%{p}',
    zone: {
      'example.com': 'v=spf1 exists:%{p}.ok.example -all',
      [PTR4]: { PTR: ['m.example'] },
      'm.example': { A: [CLIENT] },
      'm.example.ok.example': { A: ['127.0.0.2'] },
    },
    trace: [
      'example.com: pass, "exists:%{p}.ok.example" matches',
      '  exists:%{p}.ok.example @7 [2/0] → m.example.ok.example: match, m.example.ok.example exists',
      '  -all @30 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'include',
    zone: {
      'example.com': 'v=spf1 include:f.example include:n.example ?include:p.example -all',
      'f.example': 'v=spf1 a:no.example -all',
      'n.example': 'v=spf1',
      'p.example': 'v=spf1 mx:no.example +all',
    },
    trace: [
      'example.com: neutral, "?include:p.example" matches',
      '  include:f.example @7 [2/1] → f.example: no-match, f.example gives fail',
      '    f.example: fail, "-all" matches',
      '      a:no.example @7 [1/1] → no.example: no-match, no A record (nxdomain)',
      '      -all @20 [0/0]: match, always matches',
      '  include:n.example @25 [1/0] → n.example: no-match, n.example gives neutral',
      '    n.example: neutral, nothing matches',
      '  ?include:p.example @43 [2/1] → p.example: match, p.example gives pass',
      '    p.example: pass, "+all" matches',
      '      mx:no.example @7 [1/1] → no.example: no-match, no MX record (nxdomain)',
      '      +all @21 [0/0]: match, always matches',
      '  -all @62 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'include of a missing record',
    zone: { 'example.com': 'v=spf1 include:no.example -all' },
    trace: [
      'example.com: permerror, no.example has no SPF record to include',
      '  include:no.example @7 [1/1] → no.example: error, no.example has no SPF record to include',
      '    no.example without record: none, no TXT record (nxdomain)',
      '  -all @26 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'include of a TXT record that is not SPF',
    zone: { 'example.com': 'v=spf1 include:t.example -all', 't.example': { TXT: ['text'] } },
    trace: [
      'example.com: permerror, t.example has no SPF record to include',
      '  include:t.example @7 [1/0] → t.example: error, t.example has no SPF record to include',
      '    t.example without record: none, no SPF record among its TXT records',
      '  -all @25 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'include of a record with errors',
    zone: { 'example.com': 'v=spf1 include:e.example -all', 'e.example': 'v=spf1 a foo' },
    trace: [
      'example.com: permerror, "foo": there is no mechanism "foo"',
      '  include:e.example @7 [1/0] → e.example: error, "foo": there is no mechanism "foo"',
      '    e.example: permerror, "foo": there is no mechanism "foo"',
      '      a @7 [0/0]: not-evaluated, the record has a syntax error',
      '      foo @9 [0/0]: error, there is no mechanism "foo"',
      '  -all @25 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'redirect',
    zone: {
      'example.com': 'v=spf1 exp=e.example redirect=%{d2}.r.example ip4:192.0.2.11',
      'example.com.r.example': 'v=spf1 exists:no.example ~all',
    },
    trace: [
      'example.com: softfail, redirected to example.com.r.example',
      '  exp=e.example @7 [0/0]: ignored, explanation of a fail',
      '  redirect=%{d2}.r.example @21 [2/1] → example.com.r.example: match, example.com.r.example decides',
      '    example.com.r.example: softfail, "~all" matches',
      '      exists:no.example @7 [1/1] → no.example: no-match, no A record (nxdomain)',
      '      ~all @25 [0/0]: match, always matches',
      '  ip4:192.0.2.11 @46 [0/0]: no-match, 192.0.2.10 is not in 192.0.2.11',
    ],
  },
  {
    name: 'redirect to a missing record',
    zone: { 'example.com': 'v=spf1 redirect=no.example' },
    trace: [
      'example.com: permerror, no.example has no SPF record to redirect to',
      '  redirect=no.example @7 [1/1] → no.example: error, no.example has no SPF record to redirect to',
      '    no.example without record: none, no TXT record (nxdomain)',
    ],
  },
  {
    name: 'redirect to a name whose lookup fails',
    zone: { 'example.com': 'v=spf1 redirect=r.example', 'r.example': { TXT: 'timeout' } },
    trace: [
      'example.com: temperror, the TXT lookup of r.example failed (timeout)',
      '  redirect=r.example @7 [1/0] → r.example: error, the TXT lookup of r.example failed (timeout)',
      '    r.example without record: temperror, the TXT lookup of r.example failed (timeout)',
    ],
  },
  {
    name: 'the 11th lookup',
    zone: { 'example.com': { TXT: `v=spf1 ${'a '.repeat(10)}a:x.example -all`, A: ['192.0.2.1'] } },
    trace: [
      'example.com: permerror, more than 10 terms need DNS lookups',
      ...costing(10),
      '  a:x.example @27 [0/0]: error, more than 10 terms need DNS lookups',
      '  -all @39 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'the 11th lookup for %{p}',
    zone: { 'example.com': { TXT: `v=spf1 ${'a '.repeat(9)}a:%{p}.example -all`, A: ['192.0.2.1'] } },
    trace: [
      'example.com: permerror, more than 10 terms need DNS lookups',
      ...costing(9),
      '  a:%{p}.example @25 [1/0]: error, more than 10 terms need DNS lookups',
      '  -all @40 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'the 11th lookup for redirect',
    zone: { 'example.com': { TXT: `v=spf1 ${'a '.repeat(10)}redirect=x.example`, A: ['192.0.2.1'] } },
    trace: [
      'example.com: permerror, more than 10 terms need DNS lookups',
      ...costing(10),
      '  redirect=x.example @27 [0/0]: error, more than 10 terms need DNS lookups',
    ],
  },
  {
    name: 'the third void lookup',
    zone: { 'example.com': 'v=spf1 a:1.example mx:2.example exists:3.example +all' },
    trace: [
      'example.com: permerror, more than 2 terms find no record, the last one 3.example',
      '  a:1.example @7 [1/1] → 1.example: no-match, no A record (nxdomain)',
      '  mx:2.example @19 [1/1] → 2.example: no-match, no MX record (nxdomain)',
      '  exists:3.example @32 [1/1] → 3.example: error, more than 2 terms find no record, the last one 3.example',
      '  +all @49 [0/0]: not-evaluated, already decided',
    ],
  },
  {
    name: 'the third void lookup, by ptr',
    zone: {
      'example.com': 'v=spf1 a:1.example include:i.example ptr:x.example +all',
      'i.example': 'v=spf1 a:2.example',
    },
    trace: [
      'example.com: permerror, more than 2 terms find no record, the last one 10.2.0.192.in-addr.arpa',
      '  a:1.example @7 [1/1] → 1.example: no-match, no A record (nxdomain)',
      '  include:i.example @19 [2/1] → i.example: no-match, i.example gives neutral',
      '    i.example: neutral, nothing matches',
      '      a:2.example @7 [1/1] → 2.example: no-match, no A record (nxdomain)',
      '  ptr:x.example @37 [1/1] → x.example: error, more than 2 terms find no record, the last one 10.2.0.192.in-addr.arpa',
      '  +all @51 [0/0]: not-evaluated, already decided',
    ],
  },
];

describe('SPF trace:', () => {
  test.each(rows.map((row) => [row.name, row] as const))('%s', async (_, { zone, trace, ip, sender }) => {
    const options = { ...(ip ? { ip } : {}), ...(sender ? { sender } : {}) };
    const outcome = await check(zone, options);
    expect(lines(outcome.trace)).toEqual(trace);
  });
});

/** A problem is a permerror of example.com's own record unless the row says otherwise. */
const problems: readonly (readonly [SpfProblem['kind'], ZoneScript, Partial<SpfProblem>])[] = [
  [
    'syntax',
    { 'example.com': 'v=spf1 a foo ip4:1' },
    {
      message: '"foo": there is no mechanism "foo"',
      term: 'foo',
      offset: 9,
      syntax: [
        { kind: 'unknown-mechanism', term: 'foo', offset: 9, message: 'there is no mechanism "foo"' },
        { kind: 'bad-address', term: 'ip4:1', offset: 13, message: '"1" is not an IPv4 address' },
      ],
    },
  ],
  [
    'multiple-records',
    { 'example.com': { TXT: ['v=spf1', 'x', 'v=spf1 a'] } },
    { message: 'example.com has 2 SPF records' },
  ],
  [
    'dns-failure',
    { 'example.com': { TXT: 'servfail' } },
    {
      result: 'temperror',
      message: 'the TXT lookup of example.com failed (servfail)',
      target: 'example.com',
      query: expect.objectContaining({ name: 'example.com', type: 'TXT', rcode: 'servfail' }),
    },
  ],
  [
    'dns-failure',
    { 'example.com': { TXT: 'v=spf1 mx -all', MX: ['1 m.example'] }, 'm.example': { A: 'timeout' } },
    {
      result: 'temperror',
      message: 'the A lookup of m.example failed (timeout)',
      term: 'mx',
      offset: 7,
      target: 'example.com',
      query: expect.objectContaining({ name: 'm.example', type: 'A', rcode: 'timeout' }),
    },
  ],
  [
    'too-many-mx',
    { 'example.com': { TXT: 'v=spf1 mx -all', MX: mx(11) } },
    { message: 'example.com has 11 MX records; at most 10 are allowed', term: 'mx', offset: 7, target: 'example.com' },
  ],
  [
    'too-many-lookups',
    { 'example.com': { TXT: `v=spf1 ${'a '.repeat(10)}a:x.example`, A: ['192.0.2.1'] } },
    { message: 'more than 10 terms need DNS lookups', term: 'a:x.example', offset: 27 },
  ],
  [
    'too-many-void-lookups',
    { 'example.com': 'v=spf1 a:1.example a:2.example a:3.example' },
    {
      message: 'more than 2 terms find no record, the last one 3.example',
      term: 'a:3.example',
      offset: 31,
      target: '3.example',
    },
  ],
  [
    'target-without-record',
    { 'example.com': 'v=spf1 include:i.example', 'i.example': 'v=spf1 include:no.example' },
    {
      message: 'no.example has no SPF record to include',
      domain: 'i.example',
      term: 'include:no.example',
      offset: 7,
      target: 'no.example',
    },
  ],
  [
    'target-without-record',
    { 'example.com': 'v=spf1 redirect=r.example', 'r.example': 'v=spf1 redirect=no.example' },
    {
      message: 'no.example has no SPF record to redirect to',
      domain: 'r.example',
      term: 'redirect=no.example',
      offset: 7,
      target: 'no.example',
    },
  ],
];

describe('SPF: the problem that ended a check', () => {
  test.each(problems)('%s of %j', async (kind, zone, expected) => {
    const { problem, result, matched } = await check(zone);
    const own = { result: 'permerror', domain: 'example.com', term: null, offset: null, target: null };
    expect(problem).toEqual({ ...own, kind, ...expected });
    expect({ result, matched }).toEqual({ result: problem?.result, matched: [] });
  });

  test.each([
    [20_000, 'softfail', null],
    [20_001, 'temperror', 'the check takes longer than 20 seconds'],
  ])('after %d ms → %s', async (elapsed, result, message) => {
    const resolver = zoneResolver({ zone: { 'example.com': { TXT: 'v=spf1 a ~all', A: ['192.0.2.1'] } } });
    const times = [0, elapsed];
    const now = () => times.shift() ?? elapsed;
    const request = { ip: address(CLIENT), sender: 'user@example.com', heloName: 'helo.example', resolver, now };
    const outcome = await checkHost(request);
    expect({ result: outcome.result, message: outcome.problem?.message ?? null }).toEqual({ result, message });
  });
});

describe('SPF: the whole outcome', () => {
  test.each<[string, ZoneScript, object]>([
    [
      'of a pass in an include after a redirect',
      {
        'example.com': 'v=spf1 redirect=r.example',
        'r.example': 'v=spf1 include:i.example -all',
        'i.example': 'v=spf1 exists:no.example ip4:192.0.2.10 -all',
      },
      {
        result: 'pass',
        lookups: 3,
        voidLookups: 1,
        matched: [
          { domain: 'example.com', term: 'redirect=r.example' },
          { domain: 'r.example', term: 'include:i.example' },
          { domain: 'i.example', term: 'ip4:192.0.2.10' },
        ],
      },
    ],
    [
      'of a fail, with what was matched in the include that decided',
      {
        'example.com': 'v=spf1 -include:i.example exp=e.example',
        'i.example': 'v=spf1 +all',
        'e.example': { TXT: ['no'] },
      },
      {
        result: 'fail',
        explanation: 'no',
        lookups: 1,
        matched: [
          { domain: 'example.com', term: '-include:i.example' },
          { domain: 'i.example', term: '+all' },
        ],
      },
    ],
    [
      'of an include that does not match, which leaves nothing behind',
      {
        'example.com': 'v=spf1 include:i.example ~all',
        'i.example': 'v=spf1 -all exp=e.example',
        'e.example': { TXT: ['no'] },
      },
      { result: 'softfail', lookups: 1, matched: [{ domain: 'example.com', term: '~all' }] },
    ],
    [
      'of a record without terms',
      { 'example.com': 'v=spf1 exp=e.example', 'e.example': { TXT: ['no'] } },
      { result: 'neutral' },
    ],
    ['of a domain without record', {}, { result: 'none' }],
  ])('%s', async (_, zone, expected) => {
    const { trace, answers, ...outcome } = await check(zone);
    expect(outcome).toEqual({
      explanation: null,
      ip: CLIENT,
      domain: 'example.com',
      sender: 'user@example.com',
      heloName: 'mail.example.com',
      lookups: 0,
      voidLookups: 0,
      matched: [],
      problem: null,
      ...expected,
    });
    expect({ domain: trace.domain, record: trace.record }).toEqual({
      domain: 'example.com',
      record: zone['example.com'] ?? null,
    });
    expect(answers[0]).toMatchObject({ name: 'example.com', type: 'TXT' });
  });
});
