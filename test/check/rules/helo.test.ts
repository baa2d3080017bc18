import { expect, test } from 'vitest';
import { findings } from '../../../src/check/rules/helo/findings.ts';
import { type CheckCase, checkIn, codesOf, findingsOf, resultOf } from '../../world/check.ts';
import type { NameScript } from '../../world/dns.ts';

const ip = '203.0.113.5';
const reverse = '5.113.0.203.in-addr.arpa';
const zone: Record<string, NameScript> = {
  'mail.example.com': { A: [ip], TXT: ['v=spf1 a -all'] },
  'other.example.com': { A: ['203.0.113.9'], AAAA: ['2001:db8::9'], TXT: ['v=spf1 ip4:203.0.113.5 -all'] },
  'nospf.example.com': { A: [ip] },
  'fails.example.com': { A: [ip], TXT: ['v=spf1 -all'] },
  'softfails.example.com': { A: [ip], TXT: ['v=spf1 ~all'] },
  '5.example5': { A: [ip], TXT: ['v=spf1 a -all'] },
  'broken.example.com': { A: [ip], TXT: ['v=spf1 nonsense'] },
  'tempspf.example.com': { A: [ip], TXT: 'servfail' },
  'mxonly.example.com': { MX: ['10 mail.example.com'], TXT: ['v=spf1 ip4:203.0.113.5 -all'] },
  'sf.example.com': { A: 'servfail', AAAA: [], TXT: ['v=spf1 ip4:203.0.113.5 -all'] },
  [reverse]: { PTR: ['mail.example.com'] },
};
const dns = { zone };

/** A code, what its evidence holds besides address and name, and its severity where the catalogue has another. */
type Expected = readonly [code: string, evidence: object, severity?: string];

const WANTED = { wanted: 'mail.example.com' };
const LABEL = 'a single label is not a full name';
const LOCAL = 'that name exists on one machine or in one network only';
const CHARACTERS = 'it has characters that a host name cannot have';
const mismatch = (heloLeadsToIp: boolean): Expected => [
  'helo/ptr-mismatch',
  { ptr: ['mail.example.com'], heloLeadsToIp },
  heloLeadsToIp ? 'info' : 'warning',
];

const given: [helo: string, findings: readonly Expected[]][] = [
  ['mail.example.com', []],
  ['MAIL.example.com.', []],
  // RFC 5321 §2.3.5
  ['mail', [['helo/not-fqdn', { reason: LABEL, ...WANTED }]]],
  ['mail.', [['helo/not-fqdn', { reason: LABEL, ...WANTED }]]],
  ['localhost', [['helo/not-fqdn', { reason: LOCAL, ...WANTED }]]],
  ['localhost.localdomain', [['helo/not-fqdn', { reason: LOCAL }]]],
  ['mail.local', [['helo/not-fqdn', { reason: LOCAL }]]],
  ['mail.lan', [['helo/not-fqdn', { reason: LOCAL }]]],
  ['mail.internal', [['helo/not-fqdn', { reason: LOCAL }]]],
  ['mail.home.arpa', [['helo/not-fqdn', { reason: LOCAL }]]],
  ['my_host.example.com', [['helo/not-fqdn', { reason: CHARACTERS, ...WANTED }]]],
  ['a[203.0.113.5]', [['helo/not-fqdn', { reason: CHARACTERS }]]],
  ['[203.0.113.5]a', [['helo/not-fqdn', { reason: CHARACTERS }]]],
  // RFC 5321 §4.1.3
  [ip, [['helo/bare-ip', WANTED]]],
  ['2001:db8::5', [['helo/bare-ip', WANTED]]],
  ['203.0.113', [['helo/bare-ip', WANTED]]],
  ['[203.0.113.5]', [['helo/address-literal', WANTED]]],
  ['[IPv6:2001:db8::5]', [['helo/address-literal', WANTED]]],
  // Two labels, digits at either end: a name like any other.
  ['5.example5', [mismatch(true)]],
  [
    'gone.example.com',
    [['helo/unresolvable', { query: { type: 'A', rcode: 'nxdomain' } }], mismatch(false), ['helo/spf-missing', {}]],
  ],
  ['mxonly.example.com', [['helo/unresolvable', { query: { type: 'A', rcode: 'nodata' } }], mismatch(false)]],
  // RFC 5321 §4.1.4
  ['other.example.com', [['helo/ip-mismatch', { addresses: ['203.0.113.9', '2001:db8::9'] }], mismatch(false)]],
  ['nospf.example.com', [mismatch(true), ['helo/spf-missing', {}]]],
  // RFC 7208 §2.3
  ['fails.example.com', [mismatch(true), ['helo/spf-fail', { result: 'fail', problem: null }]]],
  ['softfails.example.com', [mismatch(true)]],
  [
    'broken.example.com',
    [mismatch(true), ['helo/spf-fail', { result: 'permerror', problem: expect.stringContaining('"nonsense"') }]],
  ],
  [
    'tempspf.example.com',
    [
      mismatch(true),
      [
        'helo/inconclusive',
        {
          reason:
            'SPF of the HELO name tempspf.example.com could not be looked up: the TXT lookup of tempspf.example.com failed (servfail)',
        },
      ],
    ],
  ],
  [
    'sf.example.com',
    [
      [
        'helo/inconclusive',
        {
          reason: 'The HELO name sf.example.com could not be looked up: the server failed (SERVFAIL)',
          query: { name: 'sf.example.com', type: 'A', rcode: 'servfail' },
        },
      ],
      mismatch(false),
    ],
  ],
];

test.each(given)('announced as %s', async (helo, expected) => {
  expect(await findingsOf('helo', { dns, helo })).toMatchObject(
    expected.map(([code, evidence, severity = findings[code as keyof typeof findings].severity]) => ({
      code,
      severity,
      subject: ip,
      evidence: { ip, helo, source: 'option', ...evidence },
    })),
  );
});

test('without a reverse name there is none to differ from; with two, one is enough', async () => {
  const named = (...PTR: string[]) => ({ zone: { ...zone, [reverse]: { PTR } } });
  expect(
    await codesOf('helo', { dns: { zone: { ...zone, [reverse]: 'nxdomain' } }, helo: 'mail.example.com' }),
  ).toEqual([]);
  expect(await codesOf('helo', { dns: named('a.example.com', 'mail.example.com'), helo: 'mail.example.com' })).toEqual(
    [],
  );
});

test.each<[name: string, world: CheckCase, subject: string, evidence: object]>([
  [
    'nothing listens: the PTR is assumed',
    { dns, hosts: { [ip]: 'refused' } },
    ip,
    {
      ip,
      assumed: 'mail.example.com',
      reason: `The name that ${ip} announces is not known: no --helo was given and its SMTP port gave no name. Its PTR, mail.example.com, was assumed`,
    },
  ],
  [
    'nothing listens and no PTR',
    { dns: { zone: {} }, hosts: { [ip]: 'refused' } },
    ip,
    {
      ip,
      tried: [
        { source: 'greeting', outcome: 'refused' },
        { source: 'ptr', outcome: 'nxdomain' },
      ],
      reason: `Nothing tells the name that ${ip} announces: no --helo was given, its SMTP port gave no name, and no PTR was found`,
    },
  ],
  [
    'nothing listens and the PTR lookup fails: it is not said to have none',
    { dns: { zone: { [reverse]: 'servfail' } }, hosts: { [ip]: 'refused' } },
    ip,
    {
      tried: [{ outcome: 'refused' }, { outcome: 'servfail' }],
      reason: expect.stringMatching(/and no PTR was found$/),
    },
  ],
  [
    'no address to test',
    { dns: { zone: { 'example.com': { TXT: [] } } }, ips: [] },
    'example.com',
    { reason: 'There is no address to test, so no host could be asked for its name' },
  ],
])('%s', async (_, world, subject, evidence) => {
  expect(await findingsOf('helo', world)).toMatchObject([{ code: 'helo/unknown', subject, evidence }]);
});

test.each<[name: string, zone: Record<string, NameScript>, wanted: string]>([
  [
    'the reverse name that leads back',
    { [reverse]: { PTR: ['a.example.net', 'b.example.net'] }, 'b.example.net': { A: [ip] } },
    'b.example.net',
  ],
  ['the customary one, where the reverse name does not', { [reverse]: { PTR: ['a.example.net'] } }, 'mail.example.com'],
  [
    'the customary one, where it could not be a host',
    { [reverse]: { PTR: ['a_b.example.net'] }, 'a_b.example.net': { A: [ip] } },
    'mail.example.com',
  ],
  ['the customary one, where there is none', {}, 'mail.example.com'],
])('the name to announce instead: %s', async (_, zone, wanted) => {
  const [found] = await findingsOf('helo', { dns: { zone }, helo: 'localhost' });
  expect(found?.evidence).toMatchObject({ wanted });
  expect(found?.remediation.commands?.[0]).toContain(`'myhostname = ${wanted}'`);
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
