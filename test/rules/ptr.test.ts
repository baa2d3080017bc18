import { describe, expect, test } from 'vitest';
import type { IpAddress } from '../../src/ip.ts';
import { judgeReverseName } from '../../src/rules/ptr/generic-name.ts';
import { checkIn, codesOf, resultOf } from '../world/check.ts';
import type { NameScript } from '../world/dns.ts';

const reverse4 = '5.113.0.203.in-addr.arpa';
const reverse6 = `5.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`;
const named = (...names: string[]): NameScript => ({ PTR: names });
const at = (ip: string): NameScript => ({ A: [ip] });

const cases: [name: string, zone: Record<string, NameScript>, codes: string[]][] = [
  [
    'one name of its own that leads back',
    { [reverse4]: named('mail.example.com'), 'mail.example.com': at('203.0.113.5') },
    [],
  ],
  [
    'upper case and other addresses beside',
    { [reverse4]: named('MAIL.example.com'), 'mail.example.com': { A: ['192.0.2.1', '203.0.113.5'] } },
    [],
  ],
  [
    'RFC 2317: the reverse name is an alias',
    {
      [reverse4]: { CNAME: ['5.0-7.113.0.203.in-addr.arpa'] },
      '5.0-7.113.0.203.in-addr.arpa': named('mail.example.com'),
      'mail.example.com': at('203.0.113.5'),
    },
    [],
  ],
  ['RFC 1912 §2.1: NXDOMAIN', {}, ['ptr/missing']],
  ['NODATA', { [reverse4]: { TXT: ['x'] } }, ['ptr/missing']],
  ['RFC 8601 §3: the name has no address', { [reverse4]: named('mail.example.com') }, ['ptr/forward-missing']],
  [
    'the name has an address of the other family only',
    { [reverse4]: named('mail.example.com'), 'mail.example.com': { AAAA: ['2001:db8::5'] } },
    ['ptr/forward-missing'],
  ],
  [
    'RFC 8601 §3: the name leads elsewhere',
    { [reverse4]: named('mail.example.com'), 'mail.example.com': at('203.0.113.6') },
    ['ptr/forward-mismatch'],
  ],
  [
    'several names, all confirmed',
    {
      [reverse4]: named('a.example.com', 'b.example.com'),
      'a.example.com': at('203.0.113.5'),
      'b.example.com': at('203.0.113.5'),
    },
    ['ptr/multiple'],
  ],
  [
    'confirmed by the second of two names',
    { [reverse4]: named('a.example.com', 'b.example.com'), 'b.example.com': at('203.0.113.5') },
    ['ptr/multiple', 'ptr/partly-confirmed'],
  ],
  [
    'more than ten names',
    {
      [reverse4]: named(...Array.from({ length: 12 }, (_, i) => `n${i}.example.com`)),
      '*.example.com': at('203.0.113.5'),
    },
    ['ptr/multiple'],
  ],
  [
    'a default name made of the address',
    { [reverse4]: named('static.203-0-113-5.example.net'), 'static.203-0-113-5.example.net': at('203.0.113.5') },
    ['ptr/generic'],
  ],
  [
    'an end-user line',
    { [reverse4]: named('dsl-17.pool.example.net'), 'dsl-17.pool.example.net': at('203.0.113.5') },
    ['ptr/dynamic'],
  ],
  ['a single label', { [reverse4]: named('localhost') }, ['ptr/invalid-name']],
  [
    'an underscore',
    { [reverse4]: named('my_host.example.com'), 'my_host.example.com': at('203.0.113.5') },
    ['ptr/invalid-name'],
  ],
  ['an address as a name', { [reverse4]: named('203.0.113.5') }, ['ptr/invalid-name']],
  ['a name of the reverse tree', { [reverse4]: named('5.113.0.203.in-addr.arpa') }, ['ptr/invalid-name']],
  ['SERVFAIL in the reverse tree', { [reverse4]: 'servfail' }, ['ptr/inconclusive']],
  [
    'SERVFAIL of the forward name',
    { [reverse4]: named('mail.example.com'), 'mail.example.com': 'servfail' },
    ['ptr/inconclusive'],
  ],
  [
    'REFUSED of one name, the other confirmed',
    {
      [reverse4]: named('a.example.com', 'b.example.com'),
      'a.example.com': 'refused',
      'b.example.com': at('203.0.113.5'),
    },
    ['ptr/inconclusive', 'ptr/multiple'],
  ],
];

test.each(cases)('%s', async (_, zone, codes) => {
  expect(await codesOf('ptr', { dns: { zone } })).toEqual(codes);
});

test('IPv6: nibbles, and AAAA confirms', async () => {
  const zone = {
    [reverse6]: named('mail.example.com'),
    'mail.example.com': { AAAA: ['2001:db8::5'], A: ['203.0.113.5'] },
  };
  expect(await codesOf('ptr', { dns: { zone }, ips: ['2001:db8::5'] })).toEqual([]);
  expect(
    await codesOf('ptr', {
      dns: { zone: { [reverse6]: named('mail.example.com'), 'mail.example.com': { A: ['203.0.113.5'] } } },
      ips: ['2001:db8::5'],
    }),
  ).toEqual(['ptr/forward-missing']);
});

test('every address is judged by itself, and no address at all is unknown', async () => {
  const zone = { [reverse4]: named('mail.example.com'), 'mail.example.com': at('203.0.113.5') };
  const report = await checkIn({ dns: { zone }, ips: ['203.0.113.5', '203.0.113.6'], rules: ['ptr'] });
  expect(resultOf(report, 'ptr').findings).toMatchObject([{ code: 'ptr/missing', subject: '203.0.113.6' }]);
  expect(await codesOf('ptr', { dns: { zone: { 'example.com': { TXT: [] } } }, ips: [] })).toEqual([
    'ptr/inconclusive',
  ]);
});

test('the fix names the HELO name and both records', async () => {
  const report = await checkIn({ dns: { zone: {} }, helo: 'mx.example.com', rules: ['ptr'] });
  const [finding] = resultOf(report, 'ptr').findings;
  expect(finding?.remediation.records?.map(({ line }) => line)).toEqual([
    'mx.example.com. IN A 203.0.113.5',
    '5.113.0.203.in-addr.arpa. IN PTR mx.example.com.',
  ]);
});

describe('default names', () => {
  const generic: [ip: string, name: string, pattern: string][] = [
    ['203.0.113.5', 'ec2-203-0-113-5.compute-1.amazonaws.com', 'ip-in-name'],
    ['203.0.113.5', '5.113.0.203.example.net', 'ip-in-name'],
    ['203.0.113.5', 'host203000113005.example.net', 'ip-in-name'],
    ['203.0.113.5', 'cb007105.example.net', 'ip-in-name'],
    ['203.0.113.5', 'vps-113-5.example.net', 'ip-in-name'],
    ['203.0.113.5', 'static.5.113.0.203.clients.your-server.de', 'ip-in-name'],
    ['203.0.113.5', 'vps-1a2b3c4d.vps.ovh.net', 'provider-default'],
    ['203.0.113.5', 'ns3021345.ip-203-0-113.eu', 'provider-default'],
    ['2001:db8:1:2:3:4:5:6', '2001-db8-1-2-3-4-5-6.example.net', 'ip-in-name'],
    ['2001:db8:1:2:3:4:5:6', '20010db80001000200030004.example.net', 'ip-in-name'],
  ];
  test.each(generic)('%s %s', (ip, name, pattern) => {
    expect(judgeReverseName(name, ip as IpAddress).generic?.pattern).toBe(pattern);
  });

  test.each([
    ['203.0.113.5', 'mail.example.com'],
    ['203.0.113.5', 'mx5.example.com'],
    ['203.0.113.5', 'mail-113.example.com'],
    ['203.0.113.5', 'out203.example.com'],
    ['2001:db8::5', 'mail6.example.com'],
    ['203.0.113.5', 'dynamic-pricing.example'],
  ])('%s %s is a name of its own', (ip, name) => {
    expect(judgeReverseName(name, ip as IpAddress).generic).toBeUndefined();
  });

  test.each([
    ['dsl-203-0-113-5.example.net', true],
    ['cpe12.example.net', true],
    ['x.dyn.example.net', true],
    ['static-dsl-5.example.net', false],
    ['dynamo.example.net', false],
    ['dyn.com', false],
  ])('%s reads as an end-user line: %s', (name, isDynamic) => {
    expect(judgeReverseName(name, '203.0.113.5' as IpAddress).dynamic !== undefined).toBe(isDynamic);
  });
});
