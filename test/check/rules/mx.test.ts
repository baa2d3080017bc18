import { expect } from 'vitest';
import mx from '../../../src/check/rules/mx/rule.ts';
import { selfSigned } from '../../world/certificates.ts';
import { type ExpectedFinding, type RuleCase, ruleTest, type Shown } from '../../world/rule-test.ts';
import type { SmtpScript } from '../../world/smtp.ts';
import { worldAuthority } from '../../world/world.ts';
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
    when: 'a HELO name that was given, which the report names though no check asks for it',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
    hosts: listening,
    helo: 'out.example.com',
    also: ({ report }) => {
      expect(report.target.helo).toEqual([{ ip, name: 'out.example.com', source: 'option' }]);
    },
  },
  {
    when: 'an MX host that answers',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
    hosts: listening,
  },
  {
    when: 'an MX host that this machine has no route to at one of its addresses',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] } }),
    hosts: { ...listening, '2001:db8::5': 'no-route' },
    finds: [
      {
        code: 'mx/inconclusive',
        subject: 'mail.example.com',
        faults: [],
        evidence: { reason: 'no-route', addresses: [{ ip: '2001:db8::5' }] },
        says: 'mail.example.com was not tested at 2001:db8::5: this machine has no IPv6 route to it (ENETUNREACH).',
      },
    ],
  },
  ...(
    [
      [
        'greets with 554 and no reason',
        { greeting: '554 no' },
        'client-refused',
        /rejects connections from this machine/,
      ],
      [
        'greets with 554 for a block listing',
        { greeting: '554 5.3.2 no SMTP service, 192.0.2.1 is listed by bl.example.net' },
        'client-refused',
        /The reply points to a block list/,
      ],
      [
        'greets with 554 for a missing PTR record',
        { greeting: '550 5.7.25 no PTR record for 192.0.2.1' },
        'client-refused',
        /The reply points to the PTR record of this machine/,
      ],
      ['greets with 421', { greeting: '421 4.3.0 not now' }, 'put-off', /answers this machine with a temporary error/],
      [
        'greets with 421 for too many messages',
        { greeting: '421 4.7.0 too many messages' },
        'put-off',
        /The reply points to a temporary limit/,
      ],
      [
        'greets with 421 as Postfix does without the header of a proxy',
        { greeting: '421 4.3.2 No system resources' },
        'put-off',
        /The reply points to a missing proxy header \(PROXY protocol\)/,
      ],
      [
        'refuses EHLO and HELO as Exim does without the header of a proxy',
        {
          replies: {
            EHLO: '503 Command refused, required Proxy negotiation failed',
            HELO: '503 Command refused, required Proxy negotiation failed',
          },
        },
        'client-refused',
        /The reply points to a missing proxy header/,
      ],
      ['refuses EHLO and HELO', { replies: { EHLO: '550 go away', HELO: '550 go away' } }, 'client-refused', /550/],
      ['puts off EHLO', { replies: { EHLO: '450 later' } }, 'put-off', /450 later/],
      ['hangs up at EHLO', { drop: { at: 'ehlo' } }, 'dialogue-lost', /ends the connection/],
      [
        'greets with 554 and says that it takes no mail',
        { greeting: '554 5.3.2 No SMTP service here' },
        'client-refused',
        /so it was not tested whether it accepts mail from others/,
      ],
      ['greets with 521', { greeting: '521 mail.example.com' }, 'client-refused', /not tested/],
      ['hangs up before it greets', { drop: { at: 'greeting' } }, 'no-greeting', /closes it at once/],
      ['sends no SMTP', { greeting: Buffer.from('hello there\r\n') }, 'no-greeting', /something that is not SMTP/],
    ] satisfies [string, SmtpScript, string, RegExp][]
  ).map(
    ([what, script, reason, says]): Case => ({
      when: `an MX host that ${what}`,
      zone: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
      hosts: { [ip]: script },
      finds: [{ code: 'mx/inconclusive', evidence: { reason, answers: [{ ip }] }, faults: [], says }],
      status: 'inconclusive',
    }),
  ),
  ...(
    [
      ['greets with 354, which is no greeting', { greeting: '354 hm' }, /\(greeting: 354 hm\)/],
      [
        'knows neither EHLO nor HELO',
        { replies: { EHLO: '500 unknown command', HELO: '502 not implemented' } },
        /\(EHLO: 502 not implemented\)/,
      ],
      ['is an SSH server', { greeting: Buffer.from('SSH-2.0-OpenSSH_9.6\r\n') }, /is an SSH server, not a mail server/],
      ['is a POP3 server', { greeting: Buffer.from('+OK ready\r\n') }, /is a POP3 server/],
      [
        'is an FTP server',
        { greeting: '220 (vsFTPd 3.0.3)', replies: { EHLO: '530 Please login', HELO: '530 Please login' } },
        /is an FTP server/,
      ],
    ] satisfies [string, SmtpScript, RegExp][]
  ).map(
    ([what, script, says]): Case => ({
      when: `an MX host that ${what}`,
      zone: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
      hosts: { [ip]: script },
      finds: [{ code: 'mx/no-service', subject: 'mail.example.com', says }],
    }),
  ),
  ...(
    [
      [
        'speaks TLS from the first byte',
        { implicitTls: true, tls: { identity: selfSigned({ names: ['mail.example.com'] }) } },
        'mx/no-service',
        /starts with TLS \(smtps\)/,
        /port 465.*smtpd_tls_wrappermode/,
      ],
      [
        'waits for the header of a proxy',
        { proxyHeader: true },
        'mx/no-service',
        /waits for a proxy header/,
        /postscreen_upstream_proxy_protocol/,
      ],
      [
        'answers the header of a proxy as a web server',
        { proxyHeader: 'HTTP/1.1 400 Bad Request\r\n\r\n' },
        'mx/no-service',
        /is a web server \(HTTP\), not a mail server/,
        /nothing else, listens on port 25/,
      ],
      [
        'never says anything',
        { greeting: null },
        'mx/inconclusive',
        /accepts the connection but sends no greeting within \d seconds?\.$/,
        /waiting for a DNS lookup of the client/,
      ],
    ] satisfies [string, SmtpScript, Code, RegExp, RegExp][]
  ).map(
    ([what, script, code, says, fix]): Case => ({
      when: `an MX host that says nothing and ${what}`,
      zone: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
      hosts: { [ip]: script },
      smtpTimeouts: {
        patienceMs: 60,
        silenceMs: 1500,
        trialMs: 'greeting' in script ? 100 : 5000,
        greetingMs: 3000,
      },
      finds: [{ code, subject: 'mail.example.com', says, fix }],
    }),
  ),
  {
    when: 'an MX host that greets late, after the trials of what it may wait for',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': mail }),
    hosts: { [ip]: { greetingDelayMs: 300 } },
    smtpTimeouts: { patienceMs: 50, silenceMs: 10_000, trialMs: 50, greetingMs: 20_000 },
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
        evidence: {
          reason: 'unseen',
          queries: [],
          failed: 0,
          leftOut: [
            { what: 'MX hosts of example.com', looked: 20, of: 21 },
            { what: 'addresses of mx3.example.com', looked: 10, of: 12 },
          ],
        },
        says: 'Not fully checked: only 20 of 21 MX hosts of example.com were checked; only 10 of 12 addresses of mx3.example.com were checked.',
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
        evidence: { reason: 'unseen', leftOut: [{ what: 'addresses of example.com', looked: 10, of: 11 }] },
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
        fix: 'Change the MX record of example.com from the alias mx.example.com to mail.example.com.',
      },
    ],
    also: (shown) => expect(proposedBy(shown)).toEqual(['example.com. IN MX 10 mail.example.com.']),
  },
  {
    when: 'an MX host that is an alias, which only the lookup of IPv4 shows',
    zone: withMx(['10 mx.example.com'], {
      'mx.example.com': { CNAME: ['mail.example.com'], AAAA: 'servfail' },
      'mail.example.com': mail,
    }),
    hosts: listening,
    finds: [
      { code: 'mx/target-is-cname', subject: 'mx.example.com', evidence: { chain: ['mail.example.com'] } },
      { code: 'mx/inconclusive', evidence: { reason: 'unseen', queries: [{ name: 'mx.example.com', type: 'AAAA' }] } },
    ],
  },
  {
    when: 'an MX host that is an alias, which only the lookup of IPv6 shows',
    zone: withMx(['10 mx.example.com'], {
      'mx.example.com': { CNAME: ['mail.example.com'], A: 'servfail' },
      'mail.example.com': { AAAA: ['2001:db8::5'] },
    }),
    hosts: { '2001:db8::5': {} },
    ips: ['2001:db8::5'],
    finds: [
      { code: 'mx/target-is-cname', subject: 'mx.example.com', evidence: { chain: ['mail.example.com'] } },
      { code: 'mx/inconclusive', evidence: { reason: 'unseen', queries: [{ name: 'mx.example.com', type: 'A' }] } },
    ],
  },
  ...['*.example.net', '-.example.net', 'a$(id).example.net'].map(
    (name): Case => ({
      when: `the MX host ${name}, which no host can be called and mail servers do not look up`,
      zone: withMx([`10 ${name}`], { [name]: { A: [ip] } }),
      hosts: listening,
      finds: [
        {
          code: 'mx/target-unresolvable',
          evidence: { name, rcode: 'not a valid host name' },
          says: `The MX host ${name} has no address (not a valid host name).`,
        },
      ],
      status: 'fail',
      also: ({ asked }) => expect(asked.filter((question) => question.endsWith(` ${name}`))).toEqual([]),
    }),
  ),
  {
    when: 'an MX host with an underscore, which mail servers look up',
    zone: withMx(['10 mail_1.example.com'], { 'mail_1.example.com': mail }),
    hosts: listening,
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
        evidence: { reason: 'no-greeting', answers: [{ ip, seen: { does: 'hung-up' } }] },
        says: /accepts the connection and closes it at once without a greeting\.$/,
        fix: /an access list, a ban or a connection limit/,
      },
    ],
  },
  {
    when: 'seen from the host itself, the MX host refuses at one address and ends connections at the other',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip, '203.0.113.6'] } }),
    hosts: { [ip]: 'refused', '203.0.113.6': { drop: { at: 'connect' } } },
    settings: { vantage: 'self' },
    finds: [
      { code: 'mx/inconclusive', evidence: { reason: 'no-greeting', answers: [{ ip: '203.0.113.6' }] } },
      { code: 'mx/some-unreachable', evidence: { addresses: [closedAt(ip)], reached: ['203.0.113.6'] } },
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
        says: /^mail\.example\.com could not be reached on port 25: 203\.0\.113\.5 \(.*refused.*\), 203\.0\.113\.6 \(.*refused.*\)\. No host outside this network answered on that port, so this network may block it\.$/i,
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
    when: 'an MX host turns this client away at one of its addresses and refuses at the other',
    zone: twoHosts,
    hosts: { [ip]: {}, '203.0.113.8': { greeting: '554 no' }, '203.0.113.9': 'refused' },
    finds: [
      { code: 'mx/inconclusive', evidence: { reason: 'client-refused', answers: [{ ip: '203.0.113.8' }] } },
      { code: 'mx/some-unreachable', subject: 'b.example.com', evidence: { addresses: [closedAt('203.0.113.9')] } },
    ],
  },
  {
    when: 'an MX host limits connections',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip] } }),
    hosts: { [ip]: { greeting: '421 too many connections' } },
    smtpTimeouts: { limitMs: 2 },
    finds: [
      { code: 'mx/inconclusive', evidence: { reason: 'limited' }, says: /limits how often one client may connect/ },
    ],
  },
  {
    when: 'a decoy answers for an MX host',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip] } }),
    hosts: { [ip]: { greeting: '220 mail.example.com ESMTP spamd IP-based SPAM blocker' } },
    finds: [{ code: 'mx/inconclusive', evidence: { reason: 'decoy' }, says: /OpenBSD spamd/ }],
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
    finds: [
      {
        code: 'mx/inconclusive',
        subject: 'example.com',
        about: { name: 'example.com', item: 'unseen' },
        rests: ['AAAA mail.example.com'],
        evidence: {
          reason: 'unseen',
          queries: [{ name: 'mail.example.com', type: 'AAAA', rcode: 'servfail' }],
          failed: 1,
          leftOut: [],
        },
        says: 'Not fully checked: DNS lookups failed: AAAA of mail.example.com (the server failed (SERVFAIL)).',
        fix: /^Run the check again\. If the same lookup still fails, use another resolver/,
      },
    ],
    status: 'inconclusive',
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
  says: `mail.example.com did not say whether it accepts mail for ${mailbox}: it answered ${got}.`,
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
    ['is put off', replies('450 Greylisted'), [unknown(`${RCPT} with 450 Greylisted`, { command: RCPT, code: 450 })]],
    [
      'cannot be asked for, since the sender is refused',
      { mail: () => '550 no' },
      [unknown('MAIL FROM:<> with 550 no', { command: 'MAIL FROM:<>', code: 550 })],
    ],
    [
      'is not answered for, since the connection is cut',
      { drop: { at: 'rcpt' } },
      [
        {
          code: 'mx/inconclusive',
          subject,
          evidence: { reason: 'postmaster-unknown', smtp: { command: RCPT, code: null } },
          says: /it answered RCPT TO:<postmaster@example\.com> with closed: /,
        },
      ],
    ],
    [
      'is not asked for, since the greeting is 554',
      { greeting: '554 no' },
      [{ code: 'mx/inconclusive', evidence: { reason: 'client-refused' } }],
    ],
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
    when: 'postmaster is not asked for, since the handshake fails in the same connection',
    zone: mxHost,
    hosts: {
      [ip]: {
        tls: { identity: worldAuthority.issue({ names: ['mail.example.com'] }), fault: 'garbage' },
        rcpt: () => '550 5.1.1 User unknown',
      },
    },
    settings: { activeRcpt: true },
    beside: ['tls'],
    finds: [
      {
        code: 'mx/inconclusive',
        evidence: { reason: 'postmaster-unknown', mailbox, smtp: { command: 'STARTTLS', code: null } },
      },
    ],
    also: (shown) => expect(askedAt(ip, shown)).toEqual([]),
  },
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
    when: 'a host that only sends, while another host takes the mail of the domain',
    zone: withMx(['10 mx.example.net'], { 'mx.example.net': { A: ['198.51.100.9'] } }),
    hosts: { '198.51.100.9': {} },
    settings: { sendOnly: true },
    status: 'pass',
  },
  {
    when: 'a host that only sends, while nobody takes the bounces',
    zone: withMx(['10 mx.example.net'], { 'mx.example.net': { A: ['198.51.100.9'] } }),
    hosts: { '198.51.100.9': 'refused', [ip]: {} },
    settings: { sendOnly: true },
    finds: ['mx/port-closed'],
  },
  {
    when: 'no address given, so the MX hosts are tested, and the report says so',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] } }),
    ips: [],
    hosts: { [ip]: {}, '2001:db8::5': {} },
    also: ({ report }) => expect(report.target).toMatchObject({ ips: [ip, '2001:db8::5'], ipSource: 'mx' }),
  },
];

/** Every record that the findings propose, as lines of a zone file. */
const proposedBy = ({ findings }: Shown): string[] =>
  findings.flatMap(({ remediation }) => (remediation.records ?? []).map(({ line }) => line));
const named: Record<string, NameScript> = {
  'mail.example.com': mail,
  '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
};
/** The step where nothing shows which of two is meant, so that the owner chooses. */
const createOrDelete = (name: string): string =>
  `Create an address record for ${name}, or delete "MX 10 ${name}." of example.com.`;

/** The host that was meant by an MX record, where the names and the DNS leave no doubt. */
const meant: Case[] = (
  [
    [
      'the zone appended to the MX host',
      ['1 mail.example.com.example.com'],
      {},
      'mail.example.com.example.com',
      'The MX host mail.example.com.example.com has no address (nxdomain). The final dot is missing after mail.example.com, so the zone editor appended example.com.',
      'Change the MX record of example.com from mail.example.com.example.com to mail.example.com. Type the full name with its final dot (mail.example.com.), or only mail.',
      ['example.com. IN MX 1 mail.example.com.'],
    ],
    [
      'the zone appended twice, in capital letters',
      ['10 MAIL.example.com.EXAMPLE.com.example.com'],
      {},
      'mail.example.com.example.com.example.com',
      /appended example\.com\.$/,
      /from \S+ to mail\.example\.com\./,
      ['example.com. IN MX 10 mail.example.com.'],
    ],
    [
      'the zone appended to the host of a provider',
      ['10 mx.example.net.example.com'],
      { 'mx.example.net': mail },
      'mx.example.net.example.com',
      /The final dot is missing after mx\.example\.net, so the zone editor appended example\.com\.$/,
      'Change the MX record of example.com from mx.example.net.example.com to mx.example.net. Type the full name with its final dot (mx.example.net.).',
      ['example.com. IN MX 10 mx.example.net.'],
    ],
    [
      'names of the zone that look like an appended zone',
      ['10 mx.example.net.example.com'],
      { 'mx.example.net': mail, 'www.net.example.com': { TXT: [] } },
      'mx.example.net.example.com',
      'The MX host mx.example.net.example.com has no address (nxdomain).',
      createOrDelete('mx.example.net.example.com'),
      [],
    ],
    [
      'the zone appended to a name that does not exist',
      ['10 gone.example.com.example.com'],
      {},
      'gone.example.com.example.com',
      /The final dot is missing after gone\.example\.com, so the zone editor appended example\.com\.$/,
      /^Change the MX record of example\.com from \S+ to gone\.example\.com\. .* gone\.example\.com also needs an address record\.$/,
      [],
    ],
    [
      'a single label, to which the zone was not appended',
      ['10 mail'],
      named,
      'mail',
      /It was typed with a final dot, so the zone editor did not append example\.com: the name should be mail\.example\.com\.$/,
      /^Change the MX record of example\.com from mail to mail\.example\.com\./,
      ['example.com. IN MX 10 mail.example.com.'],
    ],
    [
      'a misspelling of the tested host',
      ['10 mial.example.com'],
      named,
      'mial.example.com',
      /It looks like a misspelling of mail\.example\.com, the tested host\.$/,
      'Change the MX record of example.com from mial.example.com to mail.example.com.',
      ['example.com. IN MX 10 mail.example.com.'],
    ],
    [
      'the number of another host, which is no misspelling',
      ['10 mail2.example.com'],
      named,
      'mail2.example.com',
      'The MX host mail2.example.com has no address (nxdomain).',
      'Create an address record for mail2.example.com, or delete "MX 10 mail2.example.com." of example.com.',
      [],
    ],
    [
      'the address record of the MX host at a doubled name',
      ['10 mx.example.com'],
      { 'mx.example.com.example.com': mail },
      'mx.example.com',
      /Its address record is at mx\.example\.com\.example\.com: the zone editor appended example\.com to the name\.$/,
      'Publish the address record of mx.example.com. Type the full name with its final dot (mx.example.com.).',
      [`mx.example.com. IN A ${ip}`],
    ],
    [
      'a wildcard at the doubled name, which shows nothing',
      ['10 mx.example.com'],
      { 'mx.example.com': { TXT: [] }, '*.example.com': mail },
      'mx.example.com',
      'The MX host mx.example.com has no address (nodata).',
      createOrDelete('mx.example.com'),
      [],
    ],
    [
      'a doubled name whose right name is an MX already',
      ['10 mail.example.com', '20 mail.example.com.example.com'],
      {},
      'mail.example.com.example.com',
      /appended/,
      'Delete "MX 20 mail.example.com.example.com." of example.com: another MX record already names mail.example.com, the intended host.',
      ['example.com. IN MX 10 mail.example.com.'],
    ],
  ] as const
).map(([when, records, rest, subject, says, fix, lines]) => ({
  when,
  zone: withMx(records, { ...('mx.example.net' in rest ? {} : { 'mail.example.com': mail }), ...rest }),
  hosts: listening,
  finds: [
    {
      code: 'mx/target-unresolvable',
      subject,
      says,
      fix,
    },
  ],
  also: (shown) => expect(proposedBy(shown)).toEqual(lines),
}));

const changedSets = ({ report }: Shown) =>
  (report.plan?.changes ?? []).map(({ name, type, add, remove }) => ({
    set: `${name} ${type}`,
    add: add.map(({ value }) => value),
    remove: remove.map(({ value }) => value),
  }));

const plans: Case[] = [
  {
    when: 'a doubled name beside an MX host that stays',
    zone: withMx(['10 mx.example.com', '20 mail.example.com.example.com'], {
      'mail.example.com': mail,
      'mx.example.com': mail,
    }),
    hosts: listening,
    finds: ['mx/target-unresolvable'],
    also: (shown) =>
      expect(changedSets(shown)).toEqual([
        {
          set: 'example.com MX',
          add: ['20 mail.example.com.'],
          remove: ['20 mail.example.com.example.com.'],
        },
      ]),
  },
  {
    when: 'a doubled name of a host that nobody has connected to, and nobody does for the plan',
    zone: withMx(['10 mx.example.net.example.com'], { 'mx.example.net': { A: ['203.0.113.9'] } }),
    hosts: { ...listening, '203.0.113.9': {} },
    finds: ['mx/target-unresolvable'],
    also: (shown) => {
      expect(proposedBy(shown)).toEqual(['example.com. IN MX 10 mx.example.net.']);
      expect(shown.hosts.get('203.0.113.9')?.commands()).toEqual([]);
    },
  },
  {
    when: 'a null MX beside a real one goes',
    zone: withMx(['0 .', '10 mail.example.com'], { 'mail.example.com': mail }),
    hosts: listening,
    finds: [{ code: 'mx/null-mx-mixed', fix: 'Delete "MX 0 ." of example.com and keep the others.' }],
    also: (shown) => expect(changedSets(shown)).toEqual([{ set: 'example.com MX', add: [], remove: ['0 .'] }]),
  },
  {
    when: 'a null MX stays beside localhost, which goes',
    zone: withMx(['0 .', '10 localhost']),
    finds: [
      { code: 'mx/null-mx-mixed', fix: 'Delete "MX 10 localhost." of example.com and keep the others.' },
      { code: 'mx/target-unresolvable', fix: /^Delete "MX 10 localhost\."/ },
    ],
  },
  {
    when: 'a null MX beside a host without address: the owner chooses',
    zone: withMx(['0 .', '10 gone.example.com']),
    finds: [
      {
        code: 'mx/null-mx-mixed',
        fix: 'Delete the null MX of example.com and fix the other MX records, or keep only the null MX.',
      },
      { code: 'mx/target-unresolvable', fix: createOrDelete('gone.example.com') },
    ],
    also: (shown) => expect(changedSets(shown)).toEqual([]),
  },
  {
    when: 'localhost beside a real MX host goes',
    zone: withMx(['0 localhost', '10 mail.example.com'], { 'mail.example.com': mail }),
    hosts: listening,
    finds: [
      {
        code: 'mx/target-unresolvable',
        fix: 'Delete "MX 0 localhost." of example.com and keep the other MX records.',
      },
    ],
    also: (shown) => expect(changedSets(shown)).toEqual([{ set: 'example.com MX', add: [], remove: ['0 localhost.'] }]),
  },
  {
    when: 'an MX host that is an alias whose target got the zone appended',
    zone: withMx(['10 mx.example.com'], {
      'mx.example.com': { CNAME: ['mail.example.com.example.com'] },
      'mail.example.com': mail,
    }),
    hosts: listening,
    finds: [
      'mx/target-is-cname',
      {
        code: 'mx/target-unresolvable',
        says: /is an alias \(CNAME\) of mail\.example\.com\.example\.com, which has no address \(nxdomain\)\. The final dot is missing/,
        fix: /Correct the CNAME record of mx\.example\.com too\.$/,
      },
    ],
    also: (shown) =>
      expect(changedSets(shown).map(({ set, add }) => [set, ...add])).toEqual([
        ['mx.example.com CNAME', 'mail.example.com.'],
        ['example.com MX', '10 mail.example.com.'],
      ]),
  },
  {
    when: 'a private address beside a public one goes',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: ['10.0.0.1', '8.8.4.4'] } }),
    hosts: { '8.8.4.4': {} },
    ips: ['8.8.4.4'],
    ...publicOnly,
    finds: [{ code: 'mx/target-not-public', severity: 'warning' }],
    also: (shown) => expect(changedSets(shown)).toEqual([{ set: 'mail.example.com A', add: [], remove: ['10.0.0.1'] }]),
  },
  {
    when: 'the MX records of an alias are changed where they stand',
    domain: 'news.example.com',
    zone: {
      'news.example.com': { CNAME: ['web.example.com'] },
      'web.example.com': { MX: ['10 mail.example.com.example.com'] },
      'mail.example.com': mail,
    },
    hosts: listening,
    finds: ['mx/target-unresolvable'],
    also: (shown) => expect(changedSets(shown).map(({ set }) => set)).toEqual(['web.example.com MX']),
  },
];

/** Names and addresses at which no sender on the internet can deliver. */
const local: Case[] = (
  [
    ['localhost', 'mx/target-unresolvable', 'localhost'],
    ['localhost.localdomain', 'mx/target-unresolvable', 'localhost.localdomain'],
    ['mail.local', 'mx/target-unresolvable', 'mail.local'],
    ['127.0.0.1', 'mx/target-is-ip', '127.0.0.1'],
  ] as const
).map(([name, code, subject]) => ({
  when: `the MX is ${name}, to which the owner chooses a null MX or a real host`,
  zone: withMx([`0 ${name}`], named),
  hosts: listening,
  finds: [
    {
      code,
      subject,
      fix: `Replace "MX 0 ${name}." of example.com with an MX record for the host that receives its mail, or with the null MX "0 ." (RFC 7505) if the domain accepts no mail.`,
    },
  ],
  also: (shown) => expect(proposedBy(shown)).toEqual([]),
}));

const literal: Case[] = (
  [
    [
      'the tested host has a name',
      ip,
      named,
      `"MX 10 ${ip}" holds an IP address, but an MX record must hold a host name.`,
      true,
    ],
    [
      'the zone was appended to it',
      `${ip}.example.com`,
      named,
      `"MX 10 ${ip}.example.com" holds an IP address, but an MX record must hold a host name. The zone editor appended the zone to ${ip}.`,
      true,
    ],
    ['the customary name is free', ip, {}, /holds an IP address/, true],
    ['the customary name is of another host', ip, { 'mail.example.com': { A: ['203.0.113.9'] } }, /holds an IP/, false],
  ] as const
).map(([what, exchange, rest, says, isCertain]) => ({
  when: `an address in place of the MX host’s name, and ${what}`,
  zone: withMx([`10 ${exchange}`], rest),
  hosts: listening,
  finds: [
    {
      code: 'mx/target-is-ip',
      subject: ip,
      says,
      fix: isCertain
        ? /Change the MX record of example\.com from \S+ to mail\.example\.com/
        : 'Choose a name for the host at 203.0.113.5 and publish an address record for it. Then put that name into the MX record of example.com. mail.example.com is not usable: it resolves to another host.',
    },
  ],
  also: (shown) =>
    expect(changedSets(shown).map(({ set, add }) => [set, ...add])).toEqual([
      ...(isCertain && !('mail.example.com' in rest) ? [['mail.example.com A', ip]] : []),
      ...(isCertain ? [['example.com MX', '10 mail.example.com.']] : []),
    ]),
}));

/** A domain without MX record: no host is named that is not known to be one. */
const without: Case[] = (
  [
    [
      'nothing is known of a mail host',
      {},
      { hosts: { [ip]: 'refused' } },
      'mx/no-address',
      /^Publish an MX record with the name of the host that receives mail for example\.com/,
      [],
    ],
    [
      'the HELO name leads to the tested address',
      { 'out.example.com': mail },
      { hosts: listening, helo: 'out.example.com' },
      'mx/no-address',
      /^Publish an MX record that names out\.example\.com, the tested host\./,
      ['example.com. IN MX 10 out.example.com.'],
    ],
    [
      'the HELO name leads elsewhere',
      { 'out.example.com': { A: ['203.0.113.9'] } },
      { hosts: listening, helo: 'out.example.com' },
      'mx/no-address',
      /^Publish an MX record with the name of the host/,
      [],
    ],
    [
      'the MX record stands at a doubled name',
      { 'example.com.example.com': { MX: ['10 mail.example.com.example.com'] }, 'mail.example.com': mail },
      { hosts: listening },
      'mx/no-address',
      /^Publish the MX records of example\.com\.example\.com at example\.com\./,
      ['example.com. IN MX 10 mail.example.com.'],
    ],
    [
      'the domain’s address takes mail today',
      { 'example.com': mail },
      { hosts: { [ip]: { greeting: '220 ready', name: 'ready' } } },
      'mx/none',
      /^Publish an MX record that names example\.com, the host that receives its mail today\./,
      ['example.com. IN MX 10 example.com.'],
    ],
    [
      'the domain is an alias',
      { 'example.com': { CNAME: ['pages.example.net'] }, 'pages.example.net': { A: ['203.0.113.80'] } },
      { hosts: { '203.0.113.80': {} }, helo: 'out.example.com' },
      'mx/none',
      /^Replace the CNAME of example\.com with address records for the addresses of pages\.example\.net/,
      [],
    ],
  ] as const
).map(([what, zone, given, code, fix, lines]) => ({
  when: `no MX record, and ${what}`,
  zone: { 'example.com': { TXT: [] }, ...zone },
  ...given,
  finds: [{ code, fix }],
  never: [],
  also: (shown) => expect(proposedBy(shown)).toEqual(lines),
}));

/** A name that ends in the zone twice and has an address all the same. */
const doubled: Case[] = (
  [
    [
      'a wildcard record leads the name to a web server',
      'mail.example.com.example.com',
      { 'mail.example.com': mail, '*.example.com': { A: ['203.0.113.80'] } },
      'error',
      'example.com. IN MX 10 mail.example.com.',
    ],
    [
      'a wildcard record leads the name to the mail host',
      'mail.example.com.example.com',
      { '*.example.com': mail },
      'warning',
      'example.com. IN MX 10 mail.example.com.',
    ],
    [
      'a wildcard alias leads the name to a web server',
      'mail.example.com.example.com',
      {
        'mail.example.com': mail,
        '*.example.com': { CNAME: ['www.example.com'] },
        'www.example.com': { A: ['203.0.113.80'] },
      },
      'error',
      'example.com. IN MX 10 mail.example.com.',
    ],
    [
      'a wildcard record leads the name of another host to a web server',
      'mx1.example.net.example.com',
      { 'mx1.example.net': mail, '*.example.com': { A: ['203.0.113.80'] } },
      'error',
      'example.com. IN MX 10 mx1.example.net.',
    ],
  ] as const
).map(([what, name, zone, severity, line]) => ({
  when: `the zone appears twice in the name of an MX host, and ${what}`,
  zone: withMx([`10 ${name}`], zone),
  hosts: { ...listening, '203.0.113.80': 'refused' },
  finds: [
    { code: 'mx/zone-appended', severity, subject: name, says: /The final dot is missing after / },
    ...(severity === 'error' ? [notMx('203.0.113.80')] : []),
  ],
  also: (shown) => expect(proposedBy(shown)).toEqual([line]),
}));

/** What was meant by a name without address, where the right name has none either, or its ending appears twice. */
const slips: Case[] = (
  [
    [
      'the zone appears twice, and the right name has no address',
      'mail.example.com.example.com',
      {},
      {},
      /The final dot is missing after mail\.example\.com, so the zone editor appended example\.com\.$/,
      /^Change the MX record of example\.com from \S+ to mail\.example\.com\. .* mail\.example\.com also needs an address record\.$/,
      [],
    ],
    [
      'the zone appears twice, and the tested host announces the right name, which has no address',
      'mail.example.com.example.com',
      {},
      { helo: 'mail.example.com' },
      /The final dot is missing after mail\.example\.com/,
      /mail\.example\.com also needs an address record\.$/,
      [`mail.example.com. IN A ${ip}`, 'example.com. IN MX 10 mail.example.com.'],
    ],
    [
      'the ending appears twice',
      'mail.example.com.com',
      { 'mail.example.com': mail },
      {},
      /\(nxdomain\)\. Its ending appears twice: the name should be mail\.example\.com\.$/,
      'Change the MX record of example.com from mail.example.com.com to mail.example.com.',
      ['example.com. IN MX 10 mail.example.com.'],
    ],
    [
      'the ending of a name of another organization appears twice',
      'mail.example.net.net',
      { 'mail.example.net': mail },
      {},
      /\(nxdomain\)\.$/,
      /^Create an address record for /,
      [],
    ],
  ] as const
).map(([what, name, zone, given, says, fix, lines]) => ({
  when: `an MX host without address: ${what}`,
  zone: withMx([`10 ${name}`], zone),
  ...given,
  finds: [{ code: 'mx/target-unresolvable', says, fix }],
  also: (shown) => expect(proposedBy(shown)).toEqual(lines),
}));

const notDoubled: Case[] = [
  {
    when: 'a host of the domain with labels like those of another one, which has a record of its own',
    zone: withMx(['10 mx1.example.net.example.com'], {
      'mx1.example.net': { A: ['203.0.113.9'] },
      'mx1.example.net.example.com': mail,
      '*.example.com': { A: ['203.0.113.80'] },
    }),
    hosts: listening,
  },
];

const [proxyA, proxyB] = ['104.21.10.20', '172.67.150.20'];
const behindCloudflare = { A: [proxyA, proxyB] };
const reverse = '5.113.0.203.in-addr.arpa';
const greyCloud = (name: string): string =>
  `In the Cloudflare dashboard, under DNS records, switch ${name} from "Proxied" (orange cloud) to "DNS only" (grey cloud).`;

/** The MX host is behind a web proxy. */
const proxies: Case[] = [
  {
    when: 'the MX host is behind a web proxy, and its own address is tested',
    zone: withMx(['10 mail.example.com'], {
      'mail.example.com': behindCloudflare,
      [reverse]: { PTR: ['mail.example.com'] },
    }),
    hosts: { ...listening, [proxyA]: 'refused', [proxyB]: 'refused' },
    finds: [
      {
        code: 'mx/behind-proxy',
        subject: 'mail.example.com',
        evidence: { proxy: { proxy: 'Cloudflare', addresses: [proxyA, proxyB] }, tested: [ip], isImplicit: false },
        says: `mail.example.com resolves to ${proxyA}, ${proxyB}, addresses of Cloudflare’s web proxy. The proxy does not forward mail, and port 25 does not answer.`,
        fix: `Point mail.example.com to the mail server itself: its address record must hold ${ip}. ${greyCloud('mail.example.com')}`,
      },
      notMx(proxyA, proxyB),
    ],
    also: (shown) => expect(proposedBy(shown)).toEqual([`mail.example.com. IN A ${ip}`]),
  },
  {
    when: 'the MX host is behind a web proxy, and no other host answers on the port',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': behindCloudflare }),
    hosts: { [ip]: 'refused', [proxyA]: 'refused', [proxyB]: 'refused' },
    finds: [
      { code: 'mx/inconclusive', evidence: { reason: 'behind-proxy-unreached' }, fix: /DNS only/ },
      notMx(proxyA, proxyB),
    ],
  },
  {
    when: 'the MX host is behind a proxy that carries its mail too',
    zone: withMx(['10 mail.example.com'], { 'mail.example.com': { A: [proxyA] } }),
    hosts: { ...listening, [proxyA]: {} },
    finds: [notMx(proxyA)],
  },
  {
    when: 'a domain without MX record is behind a web proxy',
    zone: { 'example.com': behindCloudflare },
    hosts: { ...listening, [proxyA]: 'refused', [proxyB]: 'refused' },
    finds: [
      'mx/none',
      {
        code: 'mx/behind-proxy',
        fix: /^Publish an MX record that names the mail host\. Give the mail server its own name, such as mail\.example\.com/,
      },
      notMx(proxyA, proxyB),
    ],
  },
  {
    when: 'an MX host that is an alias of an endpoint of a web proxy',
    zone: withMx(['10 mail.example.com'], {
      'mail.example.com': { CNAME: ['example.azurefd.net'] },
      'example.azurefd.net': { A: ['198.51.100.7'] },
    }),
    hosts: { ...listening, '198.51.100.7': 'refused' },
    finds: [
      {
        code: 'mx/target-is-cname',
        subject: 'mail.example.com',
        fix: 'Change the MX record of example.com from the alias mail.example.com to a host name that has an address record.',
      },
      { code: 'mx/behind-proxy', evidence: { proxy: { proxy: 'Azure Front Door', isAlias: true } } },
      notMx('198.51.100.7'),
    ],
  },
  {
    when: 'an MX host that leads to an edge server of a web proxy, known by its PTR name',
    ips: [],
    zone: withMx(['10 mail.example.com', '20 mail2.example.com'], {
      'mail.example.com': { A: ['198.51.100.7'] },
      'mail2.example.com': { A: [ip] },
      '7.100.51.198.in-addr.arpa': { PTR: ['a198-51-100-7.deploy.static.akamaitechnologies.com'] },
    }),
    hosts: { ...listening, '198.51.100.7': 'refused' },
    finds: [
      {
        code: 'mx/behind-proxy',
        evidence: { proxy: { proxy: 'Akamai', addresses: ['198.51.100.7'], confirmed: false } },
      },
    ],
  },
  {
    when: 'a mail host of the operator of a web proxy, with the PTR name of its edge servers',
    ips: [],
    zone: withMx(['10 mx.akamai.com', '20 mail2.example.com'], {
      'mx.akamai.com': { A: ['198.51.100.7'] },
      'mail2.example.com': { A: [ip] },
      '7.100.51.198.in-addr.arpa': { PTR: ['a198-51-100-7.deploy.static.akamaitechnologies.com'] },
    }),
    hosts: { ...listening, '198.51.100.7': 'refused' },
    finds: ['mx/port-closed'],
  },
  {
    when: 'a mail host of the operator of a web proxy, which refuses connections',
    zone: withMx(['10 route1.mx.cloudflare.net'], { 'route1.mx.cloudflare.net': { A: ['162.159.205.11'] } }),
    hosts: { ...listening, '162.159.205.11': 'refused' },
    finds: [{ code: 'mx/port-closed' }, notMx('162.159.205.11')],
  },
];

ruleTest(mx, [
  ...cases,
  ...doubled,
  ...slips,
  ...notDoubled,
  ...proxies,
  ...postmaster,
  ...postmasterAsked,
  ...target,
  ...meant,
  ...plans,
  ...local,
  ...literal,
  ...without,
]);
