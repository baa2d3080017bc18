import { describe, expect, test } from 'vitest';
import { type CheckCase, checkIn, findingsOf, resultOf } from '../../world/check.ts';

const zone = { 'example.com': { SOA: [], MX: ['10 mail.example.com'] } } as const;
const publicIp = ['8.8.4.4'];

/** A code, its subject, and what its evidence holds. */
type Expected = readonly [code: string, subject: unknown, evidence: object];

const probe = expect.stringMatching(/^mailcheck-[a-z0-9]+\.invalid$/);
const unreachable = (rcode: string, reason: string): Expected => [
  'dns/unreachable',
  'example.com',
  {
    reason,
    query: { name: 'example.com', type: 'SOA', rcode },
    servers: [expect.stringMatching(/^127\.0\.0\.1#\d+$/)],
  },
];

const cases: [name: string, dns: CheckCase['dns'], findings: readonly Expected[]][] = [
  ['a sound zone and a public address', { zone }, []],
  [
    'RFC 8020 §2: NXDOMAIN for the domain',
    { zone: {} },
    [
      [
        'dns/domain-nonexistent',
        'example.com',
        { domain: 'example.com', query: { name: 'example.com', type: 'SOA', rcode: 'nxdomain' } },
      ],
    ],
  ],
  ['the domain exists with other types only', { zone: { 'example.com': { A: ['192.0.2.1'] } } }, []],
  ['an empty non-terminal exists', { zone: { 'www.example.com': { A: ['192.0.2.1'] } } }, []],
  ['NXDOMAIN for SOA only is not believed', { zone: { 'example.com': { SOA: 'nxdomain', MX: [], TXT: [] } } }, []],
  ['nor for two types of three', { zone: { 'example.com': { SOA: 'nxdomain', MX: 'nxdomain', TXT: [] } } }, []],
  ['whichever', { zone: { 'example.com': { SOA: [], MX: 'nxdomain', TXT: 'nxdomain' } } }, []],
  [
    'RFC 6761 §6.4: the resolver rewrites',
    { zone, rewriteTo: '198.51.100.1' },
    [['dns/resolver-rewrites', probe, { query: { name: probe, type: 'A' }, records: ['198.51.100.1'] }]],
  ],
  [
    'every question is refused',
    { zone, fault: 'refused' },
    [unreachable('refused', 'the server refused the query (REFUSED)')],
  ],
  ['every question fails', { zone, fault: 'servfail' }, [unreachable('servfail', 'the server failed (SERVFAIL)')]],
  ['one type fails, others answer', { zone: { 'example.com': { SOA: 'servfail', MX: [], TXT: [] } } }, []],
  ['two types fail, one answers', { zone: { 'example.com': { SOA: 'servfail', MX: 'servfail', TXT: [] } } }, []],
];

test.each(cases)('%s', async (_, dns, expected) => {
  // No rule under test here connects anywhere; the public address is only read.
  expect(await findingsOf('dns', { dns, ips: publicIp, settings: { allowPrivate: false } })).toMatchObject(
    expected.map(([code, subject, evidence]) => ({ code, subject, evidence })),
  );
});

describe('RFC 6890: the address is not public', () => {
  test.each([
    ['10.0.0.1', 'private use (RFC 1918)'],
    ['100.64.0.1', 'shared address space for carrier-grade NAT (RFC 6598)'],
    ['127.0.0.1', 'loopback (RFC 1122)'],
    ['169.254.169.254', 'link local (RFC 3927)'],
    ['172.31.0.1', 'private use (RFC 1918)'],
    ['192.168.1.1', 'private use (RFC 1918)'],
    ['203.0.113.5', 'documentation (TEST-NET-3, RFC 5737)'],
    ['224.0.0.1', 'multicast (RFC 5771)'],
    ['::1', 'loopback (RFC 4291)'],
    ['fe80::1', 'link local (RFC 4291)'],
    ['fd00::1', 'unique local (RFC 4193)'],
    ['2001:db8::5', 'documentation (RFC 3849)'],
    ['2002::1', '6to4 (RFC 3056)'],
  ])('%s: %s', async (ip, block) => {
    const dns = { zone };
    const strict = resultOf(
      await checkIn({ dns, ips: [ip], rules: ['dns'], settings: { allowPrivate: false } }),
      'dns',
    );
    const found = (connectionsAllowed: boolean, severity: string) => [
      {
        code: 'dns/ip-not-public',
        severity,
        subject: ip,
        evidence: { ip, block, connectionsAllowed },
      },
    ];
    expect(strict).toMatchObject({ status: 'fail', findings: found(false, 'error') });
    const lab = resultOf(await checkIn({ dns, ips: [ip], rules: ['dns'] }), 'dns');
    expect(lab).toMatchObject({ status: 'pass', findings: found(true, 'info') });
  });
});
