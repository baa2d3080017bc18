import { describe, expect, test } from 'vitest';
import { type CheckCase, checkIn, codesOf, resultOf } from '../world/check.ts';

const zone = { 'example.com': { SOA: [], MX: ['10 mail.example.com'] } } as const;
const publicIp = ['8.8.4.4'];

const cases: [name: string, world: CheckCase, codes: string[]][] = [
  ['a sound zone and a public address', { dns: { zone }, ips: publicIp }, []],
  ['RFC 8020 §2: NXDOMAIN for the domain', { dns: { zone: {} }, ips: publicIp }, ['dns/domain-nonexistent']],
  [
    'the domain exists with other types only',
    { dns: { zone: { 'example.com': { A: ['192.0.2.1'] } } }, ips: publicIp },
    [],
  ],
  ['an empty non-terminal exists', { dns: { zone: { 'www.example.com': { A: ['192.0.2.1'] } } }, ips: publicIp }, []],
  [
    'NXDOMAIN for one type only is not believed',
    { dns: { zone: { 'example.com': { SOA: 'nxdomain', MX: [] } } }, ips: publicIp },
    [],
  ],
  [
    'RFC 6761 §6.4: the resolver rewrites',
    { dns: { zone, rewriteTo: '198.51.100.1' }, ips: publicIp },
    ['dns/resolver-rewrites'],
  ],
  ['every question is refused', { dns: { zone, fault: 'refused' }, ips: publicIp }, ['dns/unreachable']],
  ['every question fails', { dns: { zone, fault: 'servfail' }, ips: publicIp }, ['dns/unreachable']],
  [
    'one type fails, others answer',
    { dns: { zone: { 'example.com': { SOA: 'servfail', MX: [], TXT: [] } } }, ips: publicIp },
    [],
  ],
];

test.each(cases)('%s', async (_, world, codes) => {
  // No rule under test here connects anywhere; the public address is only read.
  expect(await codesOf('dns', { ...world, settings: { allowPrivate: false } })).toEqual(codes);
});

describe('RFC 6890: the address is not public', () => {
  test.each([
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '203.0.113.5',
    '224.0.0.1',
    '::1',
    'fe80::1',
    'fd00::1',
    '2001:db8::5',
    '2002::1',
  ])('%s', async (ip) => {
    const dns = { zone };
    const strict = resultOf(
      await checkIn({ dns, ips: [ip], rules: ['dns'], settings: { allowPrivate: false } }),
      'dns',
    );
    expect(strict).toMatchObject({ status: 'fail', findings: [{ code: 'dns/ip-not-public', severity: 'error' }] });
    const lab = resultOf(await checkIn({ dns, ips: [ip], rules: ['dns'] }), 'dns');
    expect(lab).toMatchObject({ status: 'pass', findings: [{ code: 'dns/ip-not-public', severity: 'info' }] });
  });
});
