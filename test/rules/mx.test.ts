import { expect, test } from 'vitest';
import { type CheckCase, checkIn, codesOf, resultOf } from '../world/check.ts';
import type { NameScript } from '../world/dns.ts';
import type { SmtpScript } from '../world/smtp.ts';

const ip = '203.0.113.5';
const mail: NameScript = { A: [ip] };
const withMx = (mx: readonly string[], rest: Record<string, NameScript> = {}): CheckCase['dns'] => ({
  zone: { 'example.com': { MX: mx }, ...rest },
});
const listening: CheckCase['hosts'] = { [ip]: {} };
const publicOnly = { settings: { allowPrivate: false } };

const cases: [name: string, world: CheckCase, codes: string[]][] = [
  [
    'an MX host that answers',
    { dns: withMx(['10 mail.example.com'], { 'mail.example.com': mail }), hosts: listening },
    [],
  ],
  [
    'greeted with 554, but reachable',
    { dns: withMx(['10 mail.example.com'], { 'mail.example.com': mail }), hosts: { [ip]: { greeting: '554 no' } } },
    [],
  ],
  [
    'more MX hosts, and addresses of one, than are looked at',
    {
      dns: withMx(
        Array.from({ length: 25 }, (_, index) => `${index} mx${index}.example.com`),
        {
          ...Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`mx${index}.example.com`, mail])),
          'mx0.example.com': { A: Array.from({ length: 12 }, (_, index) => `198.51.100.${index}`) },
        },
      ),
      hosts: {
        ...listening,
        ...Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`198.51.100.${index}`, {}])),
      },
    },
    ['mx/inconclusive'],
  ],
  ['RFC 5321 §5.1: no MX, implicit', { dns: { zone: { 'example.com': mail } }, hosts: listening }, ['mx/none']],
  ['RFC 5321 §5.1: neither MX nor address', { dns: { zone: { 'example.com': { TXT: [] } } } }, ['mx/no-address']],
  ['RFC 7505 §4.2: null MX', { dns: withMx(['0 .']) }, ['mx/null-mx']],
  [
    'RFC 7505 §3: null MX beside a real one',
    { dns: withMx(['0 .', '10 mail.example.com'], { 'mail.example.com': mail }), hosts: listening },
    ['mx/null-mx-mixed'],
  ],
  ['RFC 1035 §3.3.9: an address as exchange', { dns: withMx(['10 203.0.113.5']) }, ['mx/target-is-ip']],
  [
    'RFC 2181 §10.3: an alias',
    {
      dns: withMx(['10 mx.example.com'], {
        'mx.example.com': { CNAME: ['mail.example.com'] },
        'mail.example.com': mail,
      }),
      hosts: listening,
    },
    ['mx/target-is-cname'],
  ],
  ['NXDOMAIN', { dns: withMx(['10 gone.example.com']) }, ['mx/target-unresolvable']],
  ['NODATA', { dns: withMx(['10 mail.example.com'], { 'mail.example.com': { TXT: [] } }) }, ['mx/target-unresolvable']],
  [
    'one of two gone',
    { dns: withMx(['10 mail.example.com', '20 gone.example.com'], { 'mail.example.com': mail }), hosts: listening },
    ['mx/target-unresolvable'],
  ],
  [
    'RFC 6890: private address, not connected to',
    { dns: withMx(['10 mail.example.com'], { 'mail.example.com': { A: ['10.0.0.1'] } }), ...publicOnly },
    ['mx/ip-not-mx', 'mx/target-not-public'],
  ],
  [
    'the host itself refuses',
    {
      dns: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
      hosts: { [ip]: 'refused' },
      settings: { vantage: 'self' },
    },
    ['mx/port-closed'],
  ],
  [
    'refused from outside, and nothing else answers',
    { dns: withMx(['10 mail.example.com'], { 'mail.example.com': mail }), hosts: { [ip]: 'refused' } },
    ['mx/inconclusive'],
  ],
  [
    'refused, while the tested address answers',
    {
      dns: withMx(['10 mx.example.com'], { 'mx.example.com': { A: ['203.0.113.9'] } }),
      hosts: { [ip]: {}, '203.0.113.9': 'refused' },
    },
    ['mx/ip-not-mx', 'mx/port-closed'],
  ],
  [
    'IPv4 answers, IPv6 does not',
    {
      dns: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] } }),
      hosts: { [ip]: {}, '2001:db8::5': 'refused' },
    },
    ['mx/some-unreachable'],
  ],
  [
    'another host is the MX',
    { dns: withMx(['10 mx.example.com'], { 'mx.example.com': { A: ['203.0.113.9'] } }), hosts: { '203.0.113.9': {} } },
    ['mx/ip-not-mx'],
  ],
  ['SERVFAIL for the MX', { dns: { zone: { 'example.com': 'servfail' } } }, ['mx/inconclusive']],
  [
    'SERVFAIL for the exchange',
    { dns: withMx(['10 mail.example.com'], { 'mail.example.com': 'servfail' }) },
    ['mx/inconclusive'],
  ],
  [
    'no MX, and the address fails',
    { dns: { zone: { 'example.com': { A: 'servfail', AAAA: [], MX: [] } } } },
    ['mx/inconclusive'],
  ],
];

test.each(cases)('%s', async (_, world, codes) => {
  expect(await codesOf('mx', world)).toEqual(codes);
});

test.each<[string, string, string[], boolean]>([
  ['refused', '550 5.1.1 User unknown', ['mx/postmaster-refused'], true],
  ['taken', '250 2.1.5 Ok', [], true],
  ['put off', '450 4.2.0 Greylisted', ['mx/inconclusive'], true],
  ['not asked', '550 5.1.1 User unknown', [], false],
])('RFC 5321 §4.5.1: postmaster is %s', async (_, reply, codes, activeRcpt) => {
  const asked: string[] = [];
  const rcpt = ({ recipient }: { recipient: string }) => {
    asked.push(recipient);
    return reply;
  };
  const dns = withMx(['10 mail.example.com'], { 'mail.example.com': mail });
  expect(await codesOf('mx', { dns, hosts: { [ip]: { rcpt } }, settings: { activeRcpt } })).toEqual(codes);
  expect(asked).toEqual(activeRcpt ? ['<postmaster@example.com>'] : []);
});

test.each<[string, SmtpScript]>([
  ['the sender is refused', { mail: () => '550 5.7.1 no' }],
  ['the connection is cut', { drop: { at: 'rcpt' } }],
])('RFC 5321 §4.5.1: %s, so nothing is known of postmaster', async (_, host) => {
  const dns = withMx(['10 mail.example.com'], { 'mail.example.com': mail });
  expect(await codesOf('mx', { dns, hosts: { [ip]: host }, settings: { activeRcpt: true } })).toEqual([
    'mx/inconclusive',
  ]);
});

test('a host that only sends is not asked to receive', async () => {
  const report = await checkIn({ dns: { zone: {} }, rules: ['mx'], settings: { sendOnly: true } });
  expect(resultOf(report, 'mx').status).toBe('skipped');
});

test('without an address the MX hosts are tested, and the report says so', async () => {
  const dns = withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] } });
  const report = await checkIn({ dns, ips: [], rules: ['mx'], hosts: { [ip]: {}, '2001:db8::5': {} } });
  expect(report.target).toMatchObject({ ips: [ip, '2001:db8::5'], ipSource: 'mx' });
});
