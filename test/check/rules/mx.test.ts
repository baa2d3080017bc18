import { describe, expect, test } from 'vitest';
import { type CheckCase, checkIn, codesOf, findingsOf, resultOf } from '../../world/check.ts';
import type { NameScript } from '../../world/dns.ts';
import type { SmtpScript } from '../../world/smtp.ts';

const ip = '203.0.113.5';
const mail: NameScript = { A: [ip] };
const withMx = (mx: readonly string[], rest: Record<string, NameScript> = {}): CheckCase['dns'] => ({
  zone: { 'example.com': { MX: mx }, ...rest },
});
const listening: CheckCase['hosts'] = { [ip]: {} };
const publicOnly = { settings: { allowPrivate: false } };

/** A code, what it is about, what its evidence holds, and where it matters, what is said. */
type Expected = readonly [code: string, subject: string, evidence: object, message?: unknown];

const numbered = (count: number, name: (index: number) => string) => Array.from({ length: count }, (_, i) => name(i));
const closedAt = (address: string, status = 'refused') => ({
  ip: address,
  status,
  detail: expect.stringMatching(status === 'refused' ? /refused/i : /./),
});
const notMx = (...mxAddresses: string[]): Expected => ['mx/ip-not-mx', 'example.com', { ips: [ip], mxAddresses }];
const listeningAt = (addresses: readonly string[]) => Object.fromEntries(addresses.map((address) => [address, {}]));
/** The first so many addresses of a network. */
const inNetwork = (count: number) => numbered(count, (index) => `198.51.100.${index}`);
/** Two hosts, the second of which has two addresses. */
const twoHosts = withMx(['10 a.example.com', '20 b.example.com'], {
  'a.example.com': mail,
  'b.example.com': { A: ['203.0.113.8', '203.0.113.9'] },
});

const cases: [name: string, world: CheckCase, findings: readonly Expected[]][] = [
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
    'one of the tested addresses is an MX host',
    {
      dns: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
      hosts: listening,
      ips: ['203.0.113.77', ip],
    },
    [],
  ],
  [
    'as many MX hosts, and addresses of one, as are looked at',
    {
      dns: withMx(['0 .', ...numbered(20, (index) => `${index} mx${index}.example.com`)], {
        '*.example.com': mail,
        'mx0.example.com': { A: [ip, ...inNetwork(9)] },
      }),
      hosts: { ...listening, ...listeningAt(inNetwork(9)) },
    },
    [['mx/null-mx-mixed', 'example.com', {}]],
  ],
  [
    'more MX hosts, and addresses of one, than are looked at',
    {
      dns: withMx(
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
    },
    [
      [
        'mx/inconclusive',
        'example.com',
        { reason: 'hosts-left-out', looked: 20, of: 21 },
        'Only the 20 most preferred of 21 MX hosts were looked at.',
      ],
      [
        'mx/inconclusive',
        'mx3.example.com',
        { reason: 'addresses-left-out', name: 'mx3.example.com', looked: 10, of: 12 },
        'Only 10 of the 12 addresses of mx3.example.com were looked at.',
      ],
    ],
  ],
  [
    'RFC 5321 §5.1: no MX, implicit',
    { dns: { zone: { 'example.com': mail } }, hosts: listening },
    [['mx/none', 'example.com', { addresses: [ip], query: { name: 'example.com', type: 'MX', rcode: 'nodata' } }]],
  ],
  [
    'no MX, and more addresses of the domain than are looked at',
    {
      dns: { zone: { 'example.com': { A: [ip, ...inNetwork(10)] } } },
      hosts: { ...listening, ...listeningAt(inNetwork(9)) },
    },
    [
      ['mx/none', 'example.com', {}],
      ['mx/inconclusive', 'example.com', { reason: 'addresses-left-out', looked: 10, of: 11 }],
    ],
  ],
  [
    'RFC 5321 §5.1: neither MX nor address',
    { dns: { zone: { 'example.com': { TXT: [] } } } },
    [['mx/no-address', 'example.com', { query: { name: 'example.com', type: 'MX', rcode: 'nodata' } }]],
  ],
  [
    'RFC 7505 §4.2: null MX',
    { dns: withMx(['0 .']) },
    [['mx/null-mx', 'example.com', { query: { name: 'example.com', type: 'MX', rcode: 'noerror' } }]],
  ],
  [
    'RFC 7505 §3: null MX beside a real one',
    { dns: withMx(['0 .', '10 mail.example.com'], { 'mail.example.com': mail }), hosts: listening },
    [
      [
        'mx/null-mx-mixed',
        'example.com',
        {
          records: [
            { preference: 0, exchange: '' },
            { preference: 10, exchange: 'mail.example.com' },
          ],
        },
      ],
    ],
  ],
  [
    'RFC 1035 §3.3.9: an address as exchange',
    { dns: withMx(['10 203.0.113.5']) },
    [['mx/target-is-ip', ip, { record: { preference: 10, exchange: ip } }]],
  ],
  [
    'RFC 2181 §10.3: an alias',
    {
      dns: withMx(['10 mx.example.com'], {
        'mx.example.com': { CNAME: ['mail.example.com'] },
        'mail.example.com': mail,
      }),
      hosts: listening,
    },
    [['mx/target-is-cname', 'mx.example.com', { name: 'mx.example.com', chain: ['mail.example.com'], preference: 10 }]],
  ],
  [
    'an alias that only the lookup of IPv4 shows',
    {
      dns: withMx(['10 mx.example.com'], {
        'mx.example.com': { CNAME: ['mail.example.com'], AAAA: 'servfail' },
        'mail.example.com': mail,
      }),
      hosts: listening,
    },
    [['mx/target-is-cname', 'mx.example.com', { chain: ['mail.example.com'] }]],
  ],
  [
    'an alias that only the lookup of IPv6 shows',
    {
      dns: withMx(['10 mx.example.com'], {
        'mx.example.com': { CNAME: ['mail.example.com'], A: 'servfail' },
        'mail.example.com': { AAAA: ['2001:db8::5'] },
      }),
      hosts: { '2001:db8::5': {} },
      ips: ['2001:db8::5'],
    },
    [['mx/target-is-cname', 'mx.example.com', { chain: ['mail.example.com'] }]],
  ],
  [
    'NXDOMAIN',
    { dns: withMx(['10 gone.example.com']) },
    [['mx/target-unresolvable', 'gone.example.com', { name: 'gone.example.com', rcode: 'nxdomain' }]],
  ],
  [
    'NODATA',
    { dns: withMx(['10 mail.example.com'], { 'mail.example.com': { TXT: [] } }) },
    [['mx/target-unresolvable', 'mail.example.com', { rcode: 'nodata' }]],
  ],
  [
    'one of two gone',
    { dns: withMx(['10 mail.example.com', '20 gone.example.com'], { 'mail.example.com': mail }), hosts: listening },
    [['mx/target-unresolvable', 'gone.example.com', {}]],
  ],
  [
    'RFC 6890: private address, not connected to',
    { dns: withMx(['10 mail.example.com'], { 'mail.example.com': { A: ['10.0.0.1'] } }), ...publicOnly },
    [
      ['mx/target-not-public', 'mail.example.com', { name: 'mail.example.com', addresses: ['10.0.0.1'], isAll: true }],
      notMx('10.0.0.1'),
    ],
  ],
  [
    'RFC 6890: a private address beside a public one',
    {
      dns: withMx(['10 mail.example.com'], { 'mail.example.com': { A: ['10.0.0.1', '8.8.4.4'] } }),
      hosts: { '8.8.4.4': {} },
      ips: ['8.8.4.4'],
      ...publicOnly,
    },
    [['mx/target-not-public', 'mail.example.com', { addresses: ['10.0.0.1'], isAll: false }]],
  ],
  [
    'the host itself refuses',
    {
      dns: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
      hosts: { [ip]: 'refused' },
      settings: { vantage: 'self' },
    },
    [
      [
        'mx/port-closed',
        'mail.example.com',
        {
          name: 'mail.example.com',
          port: 25,
          addresses: [closedAt(ip)],
          reachedElsewhere: null,
        },
      ],
    ],
  ],
  [
    'the host itself takes the connection and ends it',
    {
      dns: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
      hosts: { [ip]: { drop: { at: 'connect' } } },
      settings: { vantage: 'self' },
    },
    [['mx/inconclusive', 'mail.example.com', { addresses: [closedAt(ip, 'closed')], vantage: 'self' }]],
  ],
  [
    'the host itself refuses at one address only',
    {
      dns: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip, '203.0.113.6'] } }),
      hosts: { [ip]: 'refused', '203.0.113.6': { drop: { at: 'connect' } } },
      settings: { vantage: 'self' },
    },
    [
      [
        'mx/inconclusive',
        'mail.example.com',
        { addresses: [closedAt(ip), closedAt('203.0.113.6', 'closed')], vantage: 'self' },
      ],
    ],
  ],
  [
    'refused from outside, and nothing else answers',
    {
      dns: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip, '203.0.113.6'] } }),
      hosts: { [ip]: 'refused' },
    },
    [
      [
        'mx/inconclusive',
        'mail.example.com',
        {
          reason: 'unreached',
          name: 'mail.example.com',
          port: 25,
          addresses: [closedAt(ip), closedAt('203.0.113.6')],
          vantage: 'outside',
        },
        expect.stringMatching(
          /^mail\.example\.com could not be reached on port 25: 203\.0\.113\.5 \(.*refused.*\), 203\.0\.113\.6 \(.*refused.*\); and nothing else answered on that port, so this network may block it\.$/i,
        ),
      ],
    ],
  ],
  [
    'refused, while the tested address answers',
    {
      dns: withMx(['10 mx.example.com'], { 'mx.example.com': { A: ['203.0.113.9'] } }),
      hosts: { [ip]: {}, '203.0.113.9': 'refused' },
    },
    [
      ['mx/port-closed', 'mx.example.com', { addresses: [closedAt('203.0.113.9')], reachedElsewhere: ip }],
      notMx('203.0.113.9'),
    ],
  ],
  [
    'one host refuses at both addresses, another answers',
    { dns: twoHosts, hosts: { [ip]: {}, '203.0.113.8': 'refused', '203.0.113.9': 'refused' } },
    [
      [
        'mx/port-closed',
        'b.example.com',
        { addresses: [closedAt('203.0.113.8'), closedAt('203.0.113.9')], reachedElsewhere: ip },
      ],
    ],
  ],
  [
    'one host refuses at one of its addresses',
    { dns: twoHosts, hosts: { [ip]: {}, '203.0.113.8': {}, '203.0.113.9': 'refused' } },
    [
      [
        'mx/some-unreachable',
        'b.example.com',
        { port: 25, addresses: [closedAt('203.0.113.9')], reached: [ip, '203.0.113.8'] },
      ],
    ],
  ],
  [
    'IPv4 answers, IPv6 does not',
    {
      dns: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] } }),
      hosts: { [ip]: {}, '2001:db8::5': 'refused' },
    },
    [['mx/some-unreachable', 'mail.example.com', { addresses: [closedAt('2001:db8::5')], reached: [ip] }]],
  ],
  [
    'another host is the MX',
    { dns: withMx(['10 mx.example.com'], { 'mx.example.com': { A: ['203.0.113.9'] } }), hosts: { '203.0.113.9': {} } },
    [notMx('203.0.113.9')],
  ],
  [
    'SERVFAIL for the MX',
    { dns: { zone: { 'example.com': 'servfail' } } },
    [
      [
        'mx/inconclusive',
        'example.com',
        {
          reason: 'lookup-failed',
          query: { name: 'example.com', type: 'MX', rcode: 'servfail' },
        },
        'The lookup of example.com MX failed: the server failed (SERVFAIL).',
      ],
    ],
  ],
  [
    'SERVFAIL for the exchange',
    { dns: withMx(['10 mail.example.com'], { 'mail.example.com': 'servfail' }) },
    [
      [
        'mx/inconclusive',
        'mail.example.com',
        { reason: 'lookup-failed', query: { name: 'mail.example.com', type: 'A', rcode: 'servfail' } },
        'The lookup of mail.example.com A failed: the server failed (SERVFAIL).',
      ],
    ],
  ],
  [
    'SERVFAIL for the IPv6 addresses of an exchange that has one of IPv4',
    {
      dns: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip], AAAA: 'servfail' } }),
      hosts: listening,
    },
    [],
  ],
  [
    'no MX, and the address fails',
    { dns: { zone: { 'example.com': { A: 'servfail', AAAA: [], MX: [] } } } },
    [['mx/inconclusive', 'example.com', { query: { name: 'example.com', type: 'A', rcode: 'servfail' } }]],
  ],
];

const expectation = (expected: readonly Expected[]) =>
  expected.map(([code, subject, evidence, message = expect.any(String)]) => ({ code, subject, evidence, message }));

test.each(cases)('%s', async (_, world, expected) => {
  expect(await findingsOf('mx', world)).toMatchObject(expectation(expected));
});

describe('the DNS questions that a finding rests on', () => {
  const questions = (name: string, ...types: string[]) => types.map((type) => ({ name, type }));
  const domain = (...types: string[]) => questions('example.com', ...types);

  test.each<[string, CheckCase, string, object[]]>([
    ['no route', { dns: { zone: { 'example.com': { TXT: [] } } } }, 'mx/no-address', domain('MX', 'A', 'AAAA')],
    [
      'no MX, and the address fails',
      { dns: { zone: { 'example.com': { A: 'servfail', AAAA: [], MX: [] } } } },
      'mx/inconclusive',
      domain('MX', 'A'),
    ],
    [
      'an alias',
      {
        dns: withMx(['10 mail.example.com'], {
          'mail.example.com': { CNAME: ['real.example.com'] },
          'real.example.com': mail,
        }),
        hosts: listening,
      },
      'mx/target-is-cname',
      [
        ...domain('MX'),
        ...questions('mail.example.com', 'A'),
        ...questions('real.example.com', 'A'),
        ...questions('mail.example.com', 'AAAA'),
        ...questions('real.example.com', 'AAAA'),
      ],
    ],
  ])('%s', async (_, world, code, rests) => {
    const found = await findingsOf('mx', world);
    expect(found).toMatchObject([{ code, rests }]);
  });
});

test('what is unknown of one host for two reasons is two findings', async () => {
  const dns = withMx(['10 mail.example.com'], { 'mail.example.com': { A: inNetwork(11) } });
  const found = await findingsOf('mx', { dns, hosts: {}, ips: [ip] });
  expect(found.map(({ code, about }) => ({ code, about }))).toEqual([
    { code: 'mx/inconclusive', about: { name: 'mail.example.com', item: 'addresses-left-out' } },
    { code: 'mx/inconclusive', about: { name: 'mail.example.com', item: 'unreached' } },
    { code: 'mx/ip-not-mx', about: { name: 'example.com' } },
  ]);
});

test('an address that is not public is an error where there is no other, else a warning', async () => {
  const severity = async (...A: string[]) => {
    const dns = withMx(['10 mail.example.com'], { 'mail.example.com': { A } });
    return (await findingsOf('mx', { dns, hosts: { '8.8.4.4': {} }, ips: ['8.8.4.4'], ...publicOnly }))[0]?.severity;
  };
  expect(await severity('10.0.0.1')).toBe('error');
  expect(await severity('10.0.0.1', '8.8.4.4')).toBe('warning');
});

describe('RFC 5321 §4.5.1: postmaster', () => {
  const dns = withMx(['10 mail.example.com'], { 'mail.example.com': mail });
  const mailbox = 'postmaster@example.com';
  const RCPT = `RCPT TO:<${mailbox}>`;
  const unknown = (got: string, smtp: object): Expected => [
    'mx/inconclusive',
    'mail.example.com',
    { reason: 'postmaster-unknown', name: 'mail.example.com', mailbox, smtp },
    `Whether mail.example.com takes mail for ${mailbox} is not known: ${got}.`,
  ];
  const refused = (smtp: object): Expected => [
    'mx/postmaster-refused',
    'mail.example.com',
    { name: 'mail.example.com', mailbox, smtp },
  ];
  const replies = (reply: string): SmtpScript => ({ rcpt: () => reply });

  test.each<[name: string, host: SmtpScript, findings: readonly Expected[]]>([
    ['taken', replies('250 2.1.5 Ok'), []],
    [
      'refused',
      replies('550 5.1.1 User unknown'),
      [refused({ command: RCPT, code: 550, enhanced: '5.1.1', text: expect.stringContaining('User unknown') })],
    ],
    ['refused with 500', replies('500 no'), [refused({ code: 500 })]],
    ['put off', replies('450 Greylisted'), [unknown(`${RCPT} got 450 Greylisted`, { command: RCPT, code: 450 })]],
    [
      'not asked for: the sender is refused',
      { mail: () => '550 no' },
      [unknown('MAIL FROM:<> got 550 no', { command: 'MAIL FROM:<>', code: 550 })],
    ],
    [
      'cut off',
      { drop: { at: 'rcpt' } },
      [
        [
          'mx/inconclusive',
          'mail.example.com',
          { reason: 'postmaster-unknown', smtp: { command: RCPT, code: null } },
          expect.stringMatching(/ is not known: RCPT TO:<postmaster@example\.com> got closed: /),
        ],
      ],
    ],
    ['not asked for: greeted with 554', { greeting: '554 no' }, []],
  ])('%s', async (_, host, expected) => {
    const found = await findingsOf('mx', { dns, hosts: { [ip]: host }, settings: { activeRcpt: true } });
    expect(found).toMatchObject(expectation(expected));
  });

  test.each([true, false])('it is asked for where that is wanted: %s', async (activeRcpt) => {
    const asked: string[] = [];
    const rcpt = ({ recipient }: { recipient: string }) => {
      asked.push(recipient);
      return '550 5.1.1 User unknown';
    };
    const codes = await codesOf('mx', { dns, hosts: { [ip]: { rcpt } }, settings: { activeRcpt } });
    expect(codes).toEqual(activeRcpt ? ['mx/postmaster-refused'] : []);
    expect(asked).toEqual(activeRcpt ? [`<${mailbox}>`] : []);
  });

  test('at the first address that may be connected to, if there is one', async () => {
    const at = (...A: string[]) => ({
      dns: withMx(['10 mail.example.com'], { 'mail.example.com': { A } }),
      hosts: { '10.0.0.1': {}, '8.8.4.4': replies('550 no') },
      ips: ['8.8.4.4'],
      settings: { allowPrivate: false, activeRcpt: true },
    });
    expect(await codesOf('mx', at('10.0.0.1', '8.8.4.4'))).toEqual(['mx/postmaster-refused', 'mx/target-not-public']);
    expect(await codesOf('mx', at('10.0.0.1'))).toEqual(['mx/ip-not-mx', 'mx/target-not-public']);
  });
});

test('a host that only sends is not asked to receive', async () => {
  const report = await checkIn({ dns: { zone: {} }, rules: ['mx'], settings: { sendOnly: true } });
  expect(resultOf(report, 'mx')).toMatchObject({
    status: 'skipped',
    skipReason: '--send-only: the host is not meant to receive mail',
  });
});

test('without an address the MX hosts are tested, and the report says so', async () => {
  const dns = withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] } });
  const report = await checkIn({ dns, ips: [], rules: ['mx'], hosts: { [ip]: {}, '2001:db8::5': {} } });
  expect(report.target).toMatchObject({ ips: [ip, '2001:db8::5'], ipSource: 'mx' });
});
