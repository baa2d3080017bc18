import { expect, test } from 'vitest';
import { type CheckCase, checkIn, codesOf, resultOf } from '../world/check.ts';
import type { NameScript } from '../world/dns.ts';

const ip = '203.0.113.5';
const zone: Record<string, NameScript> = {
  'mail.example.com': { A: [ip], TXT: ['v=spf1 a -all'] },
  'other.example.com': { A: ['203.0.113.9'], TXT: ['v=spf1 ip4:203.0.113.5 -all'] },
  'nospf.example.com': { A: [ip] },
  'fails.example.com': { A: [ip], TXT: ['v=spf1 -all'] },
  'broken.example.com': { A: [ip], TXT: ['v=spf1 nonsense'] },
  'tempspf.example.com': { A: [ip], TXT: 'servfail' },
  'mxonly.example.com': { MX: ['10 mail.example.com'], TXT: ['v=spf1 ip4:203.0.113.5 -all'] },
  'sf.example.com': { A: 'servfail', AAAA: [], TXT: ['v=spf1 ip4:203.0.113.5 -all'] },
  '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
};
const dns = { zone };
const hosts: CheckCase['hosts'] = { [ip]: { name: 'mail.example.com' } };

const cases: [name: string, world: CheckCase, codes: string[]][] = [
  ['one name everywhere, read off the greeting', { dns, hosts }, []],
  ['one name everywhere, given', { dns, helo: 'mail.example.com' }, []],
  ['RFC 5321 §2.3.5: a single label', { dns, helo: 'mail' }, ['helo/not-fqdn']],
  ['localhost.localdomain', { dns, helo: 'localhost.localdomain' }, ['helo/not-fqdn']],
  ['.local', { dns, helo: 'mail.local' }, ['helo/not-fqdn']],
  ['.home.arpa', { dns, helo: 'mail.home.arpa' }, ['helo/not-fqdn']],
  ['an underscore', { dns, helo: 'my_host.example.com' }, ['helo/not-fqdn']],
  ['RFC 5321 §4.1.3: a bare address', { dns, helo: ip }, ['helo/bare-ip']],
  ['a bare IPv6 address', { dns, helo: '2001:db8::5' }, ['helo/bare-ip']],
  ['an address literal', { dns, helo: '[203.0.113.5]' }, ['helo/address-literal']],
  ['an IPv6 address literal', { dns, helo: '[IPv6:2001:db8::5]' }, ['helo/address-literal']],
  ['no address', { dns, helo: 'gone.example.com' }, ['helo/ptr-mismatch', 'helo/spf-missing', 'helo/unresolvable']],
  ['an MX alone does not help', { dns, helo: 'mxonly.example.com' }, ['helo/ptr-mismatch', 'helo/unresolvable']],
  ['RFC 5321 §4.1.4: another address', { dns, helo: 'other.example.com' }, ['helo/ip-mismatch', 'helo/ptr-mismatch']],
  ['no SPF of its own', { dns, helo: 'nospf.example.com' }, ['helo/ptr-mismatch', 'helo/spf-missing']],
  ['RFC 7208 §2.3: SPF fail', { dns, helo: 'fails.example.com' }, ['helo/ptr-mismatch', 'helo/spf-fail']],
  ['SPF permerror', { dns, helo: 'broken.example.com' }, ['helo/ptr-mismatch', 'helo/spf-fail']],
  ['SPF temperror', { dns, helo: 'tempspf.example.com' }, ['helo/inconclusive', 'helo/ptr-mismatch']],
  ['SERVFAIL for the address', { dns, helo: 'sf.example.com' }, ['helo/inconclusive', 'helo/ptr-mismatch']],
  ['nothing listens: the PTR is assumed', { dns, hosts: { [ip]: 'refused' } }, ['helo/unknown']],
  ['nothing listens and no PTR', { dns: { zone: {} }, hosts: { [ip]: 'refused' } }, ['helo/unknown']],
  ['no address to test', { dns: { zone: { 'example.com': { TXT: [] } } }, ips: [] }, ['helo/unknown']],
];

test.each(cases)('%s', async (_, world, codes) => {
  expect(await codesOf('helo', world)).toEqual(codes);
});

test.each([
  ['the greeting', { greeting: '220 mail.example.com ESMTP' }, { name: 'mail.example.com', source: 'greeting' }],
  ['the EHLO reply', { greeting: '220 ready', name: 'mail.example.com' }, { name: 'mail.example.com', source: 'ehlo' }],
  ['the PTR, when greeted with 554', { greeting: '554 no' }, { name: 'mail.example.com', source: 'ptr' }],
])('the name comes from %s', async (_, host, expected) => {
  const report = await checkIn({ dns, hosts: { [ip]: host }, rules: ['helo'] });
  expect(report.target.helo).toEqual([{ ip, ...expected }]);
});

test('a name that leads to the address is a note when it is not the PTR', async () => {
  const report = await checkIn({ dns, helo: 'nospf.example.com', rules: ['helo'] });
  expect(resultOf(report, 'helo').status).toBe('pass');
});
