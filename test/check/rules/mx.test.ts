import { expect } from 'vitest';
import mx from '../../../src/check/rules/mx/rule.ts';
import { type ExpectedFinding, type RuleCase, ruleTest, type Shown } from '../../world/rule-test.ts';
import type { SmtpScript } from '../../world/smtp.ts';
import type { NameScript } from '../../world/zone.ts';

type Code = keyof typeof mx.findings;
type Case = RuleCase<Code>;
type Found = ExpectedFinding<Code>;

const ip = '203.0.113.5';
const mail: NameScript = { A: [ip] };
const withMx = (records: readonly string[], rest: Record<string, NameScript> = {}): Record<string, NameScript> => ({
  'example.com': { MX: records },
  ...rest,
});
const listening: Case['hosts'] = { [ip]: {} };
const publicOnly = { settings: { allowPrivate: false } };

const numbered = (count: number, name: (index: number) => string) => Array.from({ length: count }, (_, i) => name(i));
const closedAt = (address: string, status = 'refused') => ({
  ip: address,
  status,
  detail: expect.stringMatching(status === 'refused' ? /refused/i : /./),
});
const notMx = (...mxAddresses: string[]): Found => ({
  code: 'mx/ip-not-mx',
  subject: 'example.com',
  evidence: { ips: [ip], mxAddresses },
});
const listeningAt = (addresses: readonly string[]): Case['hosts'] =>
  Object.fromEntries(addresses.map((address) => [address, {}]));
/** The first so many addresses of a network. */
const inNetwork = (count: number) => numbered(count, (index) => `198.51.100.${index}`);
/** Two hosts, the second of which has two addresses. */
const twoHosts = withMx(['10 a.example.com', '20 b.example.com'], {
  'a.example.com': mail,
  'b.example.com': { A: ['203.0.113.8', '203.0.113.9'] },
});

const cases: Case[] = [
  {
    when: 'an MX host that answers',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
    hosts: listening,
  },
  {
    when: 'an MX host that is reachable, though it greets with 554',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
    hosts: { [ip]: { greeting: '554 no' } },
  },
  {
    when: 'one of the tested addresses is an MX host',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
    hosts: listening,
    ips: ['203.0.113.77', ip],
  },
  {
    when: 'as many MX hosts, and addresses of one, as are looked at',
    zone: withMx(['0 .', ...numbered(20, (index) => `${index} mx${index}.example.com`)], {
      '*.example.com': mail,
      'mx0.example.com': { A: [ip, ...inNetwork(9)] },
    }),
    hosts: { ...listening, ...listeningAt(inNetwork(9)) },
    finds: [{ code: 'mx/null-mx-mixed', subject: 'example.com' }],
  },
  {
    when: 'more MX hosts, and addresses of one, than are looked at',
    zone: withMx(
      numbered(21, (index) => `${index} mx${index}.example.com`),
      {
        '*.example.com': mail,
        'mx3.example.com': { A: [...inNetwork(10), ip, '198.51.100.10'] },
      },
    ),
    hosts: {
      ...listening,
      ...listeningAt(inNetwork(10)),
    },
    finds: [
      {
        code: 'mx/inconclusive',
        subject: 'example.com',
        evidence: { reason: 'hosts-left-out', looked: 20, of: 21 },
        says: 'Only the 20 most preferred of 21 MX hosts were looked at.',
      },
      {
        code: 'mx/inconclusive',
        subject: 'mx3.example.com',
        evidence: { reason: 'addresses-left-out', name: 'mx3.example.com', looked: 10, of: 12 },
        says: 'Only 10 of the 12 addresses of mx3.example.com were looked at.',
      },
    ],
  },
  {
    when: 'no MX record, so the domain’s address is the implicit MX (RFC 5321 §5.1)',
    zone: { 'example.com': mail },
    hosts: listening,
    finds: [
      {
        code: 'mx/none',
        subject: 'example.com',
        evidence: { addresses: [ip], query: { name: 'example.com', type: 'MX', rcode: 'nodata' } },
      },
    ],
  },
  {
    when: 'no MX record, and more addresses of the domain than are looked at',
    zone: { 'example.com': { A: [ip, ...inNetwork(10)] } },
    hosts: { ...listening, ...listeningAt(inNetwork(9)) },
    finds: [
      { code: 'mx/none', subject: 'example.com' },
      {
        code: 'mx/inconclusive',
        subject: 'example.com',
        evidence: { reason: 'addresses-left-out', looked: 10, of: 11 },
      },
    ],
  },
  {
    when: 'neither an MX record nor an address (RFC 5321 §5.1)',
    zone: { 'example.com': { TXT: [] } },
    finds: [
      {
        code: 'mx/no-address',
        subject: 'example.com',
        evidence: { query: { name: 'example.com', type: 'MX', rcode: 'nodata' } },
      },
    ],
  },
  {
    when: 'a null MX (RFC 7505 §4.2)',
    zone: withMx(['0 .']),
    finds: [
      {
        code: 'mx/null-mx',
        subject: 'example.com',
        evidence: { query: { name: 'example.com', type: 'MX', rcode: 'noerror' } },
      },
    ],
  },
  {
    when: 'a null MX beside a real one (RFC 7505 §3)',
    zone: withMx(['0 .', '10 mail.example.com'], { 'mail.example.com': mail }),
    hosts: listening,
    finds: [
      {
        code: 'mx/null-mx-mixed',
        subject: 'example.com',
        evidence: {
          records: [
            { preference: 0, exchange: '' },
            { preference: 10, exchange: 'mail.example.com' },
          ],
        },
      },
    ],
  },
  {
    when: 'an address in place of the MX host’s name (RFC 1035 §3.3.9)',
    zone: withMx(['10 203.0.113.5']),
    finds: [{ code: 'mx/target-is-ip', subject: ip, evidence: { record: { preference: 10, exchange: ip } } }],
  },
  {
    when: 'an MX host that is an alias (RFC 2181 §10.3)',
    zone: withMx(['10 mx.example.com'], {
      'mx.example.com': { CNAME: ['mail.example.com'] },
      'mail.example.com': mail,
    }),
    hosts: listening,
    finds: [
      {
        code: 'mx/target-is-cname',
        subject: 'mx.example.com',
        evidence: { name: 'mx.example.com', chain: ['mail.example.com'], preference: 10 },
      },
    ],
  },
  {
    when: 'an MX host that is an alias, which only the lookup of IPv4 shows',
    zone: withMx(['10 mx.example.com'], {
      'mx.example.com': { CNAME: ['mail.example.com'], AAAA: 'servfail' },
      'mail.example.com': mail,
    }),
    hosts: listening,
    finds: [{ code: 'mx/target-is-cname', subject: 'mx.example.com', evidence: { chain: ['mail.example.com'] } }],
  },
  {
    when: 'an MX host that is an alias, which only the lookup of IPv6 shows',
    zone: withMx(['10 mx.example.com'], {
      'mx.example.com': { CNAME: ['mail.example.com'], A: 'servfail' },
      'mail.example.com': { AAAA: ['2001:db8::5'] },
    }),
    hosts: { '2001:db8::5': {} },
    ips: ['2001:db8::5'],
    finds: [{ code: 'mx/target-is-cname', subject: 'mx.example.com', evidence: { chain: ['mail.example.com'] } }],
  },
  {
    when: 'NXDOMAIN for the MX host',
    zone: withMx(['10 gone.example.com']),
    finds: [
      {
        code: 'mx/target-unresolvable',
        subject: 'gone.example.com',
        evidence: { name: 'gone.example.com', rcode: 'nxdomain' },
      },
    ],
  },
  {
    when: 'NODATA for the MX host',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { TXT: [] } }),
    finds: [{ code: 'mx/target-unresolvable', subject: 'mail.example.com', evidence: { rcode: 'nodata' } }],
  },
  {
    when: 'two MX hosts, of which one does not exist',
    zone: withMx(['10 mail.example.com', '20 gone.example.com'], { 'mail.example.com': mail }),
    hosts: listening,
    finds: [{ code: 'mx/target-unresolvable', subject: 'gone.example.com' }],
  },
  {
    when: 'an MX host with a private address only, which is not connected to (RFC 6890)',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: ['10.0.0.1'] } }),
    ...publicOnly,
    finds: [
      {
        code: 'mx/target-not-public',
        subject: 'mail.example.com',
        evidence: { name: 'mail.example.com', addresses: ['10.0.0.1'], isAll: true },
      },
      notMx('10.0.0.1'),
    ],
  },
  {
    when: 'an MX host with a private address beside a public one (RFC 6890)',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: ['10.0.0.1', '8.8.4.4'] } }),
    hosts: { '8.8.4.4': {} },
    ips: ['8.8.4.4'],
    ...publicOnly,
    finds: [
      {
        code: 'mx/target-not-public',
        severity: 'warning',
        subject: 'mail.example.com',
        evidence: { addresses: ['10.0.0.1'], isAll: false },
      },
    ],
  },
  {
    when: 'seen from the host itself, the MX host refuses connections',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
    hosts: { [ip]: 'refused' },
    settings: { vantage: 'self' },
    finds: [
      {
        code: 'mx/port-closed',
        subject: 'mail.example.com',
        evidence: {
          name: 'mail.example.com',
          port: 25,
          addresses: [closedAt(ip)],
          reachedElsewhere: null,
        },
      },
    ],
  },
  {
    when: 'seen from the host itself, the MX host ends every connection',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
    hosts: { [ip]: { drop: { at: 'connect' } } },
    settings: { vantage: 'self' },
    finds: [
      {
        code: 'mx/inconclusive',
        subject: 'mail.example.com',
        evidence: { addresses: [closedAt(ip, 'closed')], vantage: 'self' },
      },
    ],
  },
  {
    when: 'seen from the host itself, the MX host refuses at one address and ends connections at the other',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip, '203.0.113.6'] } }),
    hosts: { [ip]: 'refused', '203.0.113.6': { drop: { at: 'connect' } } },
    settings: { vantage: 'self' },
    finds: [
      {
        code: 'mx/inconclusive',
        subject: 'mail.example.com',
        evidence: { addresses: [closedAt(ip), closedAt('203.0.113.6', 'closed')], vantage: 'self' },
      },
    ],
  },
  {
    when: 'the MX host refuses connections from outside, and nothing else answers',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip, '203.0.113.6'] } }),
    hosts: { [ip]: 'refused' },
    finds: [
      {
        code: 'mx/inconclusive',
        subject: 'mail.example.com',
        evidence: {
          reason: 'unreached',
          name: 'mail.example.com',
          port: 25,
          addresses: [closedAt(ip), closedAt('203.0.113.6')],
          vantage: 'outside',
        },
        says: /^mail\.example\.com could not be reached on port 25: 203\.0\.113\.5 \(.*refused.*\), 203\.0\.113\.6 \(.*refused.*\); and nothing else answered on that port, so this network may block it\.$/i,
      },
    ],
  },
  {
    when: 'the MX host refuses connections, while the tested address answers',
    zone: withMx(['10 mx.example.com'], { 'mx.example.com': { A: ['203.0.113.9'] } }),
    hosts: { [ip]: {}, '203.0.113.9': 'refused' },
    finds: [
      {
        code: 'mx/port-closed',
        subject: 'mx.example.com',
        evidence: { addresses: [closedAt('203.0.113.9')], reachedElsewhere: ip },
      },
      notMx('203.0.113.9'),
    ],
  },
  {
    when: 'one MX host refuses at both addresses, while another answers',
    zone: twoHosts,
    hosts: { [ip]: {}, '203.0.113.8': 'refused', '203.0.113.9': 'refused' },
    finds: [
      {
        code: 'mx/port-closed',
        subject: 'b.example.com',
        evidence: { addresses: [closedAt('203.0.113.8'), closedAt('203.0.113.9')], reachedElsewhere: ip },
      },
    ],
  },
  {
    when: 'an MX host refuses at one of its addresses',
    zone: twoHosts,
    hosts: { [ip]: {}, '203.0.113.8': {}, '203.0.113.9': 'refused' },
    finds: [
      {
        code: 'mx/some-unreachable',
        subject: 'b.example.com',
        evidence: { port: 25, addresses: [closedAt('203.0.113.9')], reached: [ip, '203.0.113.8'] },
      },
    ],
  },
  {
    when: 'an MX host answers over IPv4 and not over IPv6',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] } }),
    hosts: { [ip]: {}, '2001:db8::5': 'refused' },
    finds: [
      {
        code: 'mx/some-unreachable',
        subject: 'mail.example.com',
        evidence: { addresses: [closedAt('2001:db8::5')], reached: [ip] },
      },
    ],
  },
  {
    when: 'an MX host that is not one of the tested addresses',
    zone: withMx(['10 mx.example.com'], { 'mx.example.com': { A: ['203.0.113.9'] } }),
    hosts: { '203.0.113.9': {} },
    finds: [notMx('203.0.113.9')],
  },
  {
    when: 'SERVFAIL for the MX record',
    zone: { 'example.com': 'servfail' },
    finds: [
      {
        code: 'mx/inconclusive',
        subject: 'example.com',
        evidence: {
          reason: 'lookup-failed',
          query: { name: 'example.com', type: 'MX', rcode: 'servfail' },
        },
        says: 'The lookup of example.com MX failed: the server failed (SERVFAIL).',
      },
    ],
  },
  {
    when: 'SERVFAIL for the MX host',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': 'servfail' }),
    finds: [
      {
        code: 'mx/inconclusive',
        subject: 'mail.example.com',
        evidence: { reason: 'lookup-failed', query: { name: 'mail.example.com', type: 'A', rcode: 'servfail' } },
        says: 'The lookup of mail.example.com A failed: the server failed (SERVFAIL).',
      },
    ],
  },
  {
    when: 'SERVFAIL for the IPv6 addresses of an MX host that has one of IPv4',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip], AAAA: 'servfail' } }),
    hosts: listening,
  },
  {
    when: 'no MX record, and SERVFAIL for the domain’s address',
    zone: { 'example.com': { A: 'servfail', AAAA: [], MX: [] } },
    finds: [
      {
        code: 'mx/inconclusive',
        subject: 'example.com',
        evidence: { query: { name: 'example.com', type: 'A', rcode: 'servfail' } },
      },
    ],
  },
];
const mxHost = withMx(['10 mail.example.com'], { 'mail.example.com': mail });
const mailbox = 'postmaster@example.com';
const RCPT = `RCPT TO:<${mailbox}>`;
const subject = 'mail.example.com';
const unknown = (got: string, smtp: object): Found => ({
  code: 'mx/inconclusive',
  subject,
  evidence: { reason: 'postmaster-unknown', name: subject, mailbox, smtp },
  says: `Whether mail.example.com takes mail for ${mailbox} is not known: ${got}.`,
});
const refused = (smtp: object): Found => ({
  code: 'mx/postmaster-refused',
  subject,
  evidence: { name: subject, mailbox, smtp },
});
const replies = (reply: string): SmtpScript => ({ rcpt: () => reply });

/** The recipients that the server at an address was asked for. */
const askedAt = (address: string, { hosts }: Shown): string[] =>
  (hosts.get(address)?.commands() ?? []).filter((command) => command.startsWith('RCPT TO:'));

/** RFC 5321 §4.5.1: mail for postmaster is taken. */
const postmaster: Case[] = (
  [
    ['is taken', replies('250 2.1.5 Ok'), []],
    [
      'is refused',
      replies('550 5.1.1 User unknown'),
      [refused({ command: RCPT, code: 550, enhanced: '5.1.1', text: expect.stringContaining('User unknown') })],
    ],
    ['is refused with 500', replies('500 no'), [refused({ code: 500 })]],
    ['is put off', replies('450 Greylisted'), [unknown(`${RCPT} got 450 Greylisted`, { command: RCPT, code: 450 })]],
    [
      'cannot be asked for, since the sender is refused',
      { mail: () => '550 no' },
      [unknown('MAIL FROM:<> got 550 no', { command: 'MAIL FROM:<>', code: 550 })],
    ],
    [
      'is not answered for, since the connection is cut',
      { drop: { at: 'rcpt' } },
      [
        {
          code: 'mx/inconclusive',
          subject,
          evidence: { reason: 'postmaster-unknown', smtp: { command: RCPT, code: null } },
          says: / is not known: RCPT TO:<postmaster@example\.com> got closed: /,
        },
      ],
    ],
    ['is not asked for, since the greeting is 554', { greeting: '554 no' }, []],
  ] satisfies [string, SmtpScript, Found[]][]
).map(([what, host, finds]) => ({
  when: `a postmaster mailbox that ${what} (RFC 5321 §4.5.1)`,
  zone: mxHost,
  hosts: { [ip]: host },
  settings: { activeRcpt: true },
  finds,
}));

const postmasterAsked: Case[] = [
  {
    when: 'postmaster would be refused, and is asked for with --active-rcpt',
    zone: mxHost,
    hosts: { [ip]: replies('550 5.1.1 User unknown') },
    settings: { activeRcpt: true },
    finds: ['mx/postmaster-refused'],
    also: (shown) => expect(askedAt(ip, shown)).toEqual([RCPT]),
  },
  {
    when: 'postmaster would be refused, but is not asked for without --active-rcpt',
    zone: mxHost,
    hosts: { [ip]: replies('550 5.1.1 User unknown') },
    settings: { activeRcpt: false },
    also: (shown) => expect(askedAt(ip, shown)).toEqual([]),
  },
  {
    when: 'postmaster is asked for at the first address that may be connected to',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: ['10.0.0.1', '8.8.4.4'] } }),
    hosts: { '10.0.0.1': {}, '8.8.4.4': replies('550 no') },
    ips: ['8.8.4.4'],
    settings: { allowPrivate: false, activeRcpt: true },
    finds: [{ code: 'mx/target-not-public', severity: 'warning' }, 'mx/postmaster-refused'],
    also: (shown) => expect(askedAt('8.8.4.4', shown)).toEqual([RCPT]),
  },
  {
    when: 'postmaster is not asked for where no address may be connected to',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: ['10.0.0.1'] } }),
    hosts: { '10.0.0.1': {}, '8.8.4.4': replies('550 no') },
    ips: ['8.8.4.4'],
    settings: { allowPrivate: false, activeRcpt: true },
    finds: ['mx/target-not-public', 'mx/ip-not-mx'],
    also: (shown) => expect([...askedAt('10.0.0.1', shown), ...askedAt('8.8.4.4', shown)]).toEqual([]),
  },
];

const target: Case[] = [
  {
    when: 'a host that only sends is not asked to receive',
    settings: { sendOnly: true },
    skips: '--send-only: the host is not meant to receive mail',
  },
  {
    when: 'no address given, so the MX hosts are tested, and the report says so',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] } }),
    ips: [],
    hosts: { [ip]: {}, '2001:db8::5': {} },
    also: ({ report }) => expect(report.target).toMatchObject({ ips: [ip, '2001:db8::5'], ipSource: 'mx' }),
  },
];

ruleTest(mx, [...cases, ...postmaster, ...postmasterAsked, ...target]);
