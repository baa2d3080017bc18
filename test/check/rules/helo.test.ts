import { expect } from 'vitest';
import helo from '../../../src/check/rules/helo/rule.ts';
import { type ExpectedFinding, type RuleCase, ruleTest, type Shown } from '../../world/rule-test.ts';
import type { DnsScript } from '../../world/zone.ts';

type Code = keyof typeof helo.findings;
type Case = RuleCase<Code>;

const ip = '203.0.113.5';
const reverse = '5.113.0.203.in-addr.arpa';
const zone: DnsScript['zone'] = {
  'mail.example.com': { A: [ip], TXT: ['v=spf1 a -all'] },
  'other.example.com': { A: ['203.0.113.9'], AAAA: ['2001:db8::9'], TXT: ['v=spf1 ip4:203.0.113.5 -all'] },
  'nospf.example.com': { A: [ip] },
  'fails.example.com': { A: [ip], TXT: ['v=spf1 -all'] },
  'softfails.example.com': { A: [ip], TXT: ['v=spf1 ~all'] },
  '5.example5': { A: [ip], TXT: ['v=spf1 a -all'] },
  'broken.example.com': { A: [ip], TXT: ['v=spf1 nonsense'] },
  'tempspf.example.com': { A: [ip], TXT: 'servfail' },
  'mxonly.example.com': { MX: ['10 mail.example.com'], TXT: ['v=spf1 ip4:203.0.113.5 -all'] },
  'silent.example.com': 'servfail',
  'sf.example.com': { A: 'servfail', AAAA: [], TXT: ['v=spf1 ip4:203.0.113.5 -all'] },
  [reverse]: { PTR: ['mail.example.com'] },
};

const wanted = 'mail.example.com';
const about = { ip };
const reverseQuestion = `PTR ${reverse}`;
const addressesOf = (name: string): string[] => [`A ${name}`, `AAAA ${name}`];

const SENTENCES = {
  'single-label': 'a single label is not a full name',
  local: 'this name exists only on one machine or in one network',
  characters: 'it has characters that a host name cannot have',
} as const;

/** The name that the host is said to announce is no full name. */
function notFull(name: string, fault: keyof typeof SENTENCES): Case {
  const says = `The HELO name is "${name}": ${SENTENCES[fault]}.`;
  return announced(name, { code: 'helo/not-fqdn', evidence: { fault, wanted }, rests: [], says });
}

/** The host announces a name, as its user says; `expected` says nothing of the address and the name. */
function announced(name: string, ...expected: readonly ExpectedFinding<Code>[]): Case {
  return {
    when: `announced as ${name}`,
    zone,
    helo: name,
    finds: expected.map((finding) => ({
      subject: ip,
      about,
      ...finding,
      evidence: { ip, helo: name, source: 'option', ...finding.evidence },
    })),
  };
}

const mismatch = (name: string, heloLeadsToIp: boolean): ExpectedFinding<Code> => ({
  code: 'helo/ptr-mismatch',
  severity: heloLeadsToIp ? 'info' : 'warning',
  evidence: { ptr: ['mail.example.com'], heloLeadsToIp },
  rests: [reverseQuestion, ...addressesOf(name)],
});

const given: Case[] = [
  announced('mail.example.com'),
  announced('MAIL.example.com.'),
  // RFC 5321 §2.3.5
  notFull('mail', 'single-label'),
  notFull('mail.', 'single-label'),
  notFull('localhost', 'local'),
  notFull('localhost.localdomain', 'local'),
  notFull('mail.local', 'local'),
  notFull('mail.lan', 'local'),
  notFull('mail.internal', 'local'),
  notFull('mail.home.arpa', 'local'),
  notFull('my_host.example.com', 'characters'),
  notFull('a[203.0.113.5]', 'characters'),
  notFull('[203.0.113.5]a', 'characters'),
  // RFC 5321 §4.1.3
  announced(ip, { code: 'helo/bare-ip', evidence: { wanted } }),
  announced('2001:db8::5', { code: 'helo/bare-ip', evidence: { wanted } }),
  announced('203.0.113', { code: 'helo/bare-ip', evidence: { wanted } }),
  announced('[203.0.113.5]', { code: 'helo/address-literal', evidence: { wanted } }),
  announced('[IPv6:2001:db8::5]', { code: 'helo/address-literal', evidence: { wanted } }),
  // Two labels, digits at either end: a name like any other.
  announced('5.example5', mismatch('5.example5', true)),
  announced(
    'gone.example.com',
    {
      code: 'helo/unresolvable',
      evidence: { query: { type: 'A', rcode: 'nxdomain' } },
      rests: addressesOf('gone.example.com'),
    },
    mismatch('gone.example.com', false),
    { code: 'helo/spf-missing', rests: ['TXT gone.example.com'] },
  ),
  announced(
    'mxonly.example.com',
    { code: 'helo/unresolvable', evidence: { query: { type: 'A', rcode: 'nodata' } } },
    mismatch('mxonly.example.com', false),
  ),
  // RFC 5321 §4.1.4
  announced(
    'other.example.com',
    {
      code: 'helo/ip-mismatch',
      evidence: { addresses: ['203.0.113.9', '2001:db8::9'] },
      rests: addressesOf('other.example.com'),
    },
    mismatch('other.example.com', false),
  ),
  announced('nospf.example.com', mismatch('nospf.example.com', true), { code: 'helo/spf-missing' }),
  announced('NoSPF.Example.com', mismatch('nospf.example.com', true), {
    code: 'helo/spf-missing',
    rests: ['TXT nospf.example.com'],
  }),
  // RFC 7208 §2.3
  announced('fails.example.com', mismatch('fails.example.com', true), {
    code: 'helo/spf-fail',
    evidence: { result: 'fail', problem: null },
    rests: ['TXT fails.example.com'],
  }),
  announced('softfails.example.com', mismatch('softfails.example.com', true)),
  announced('broken.example.com', mismatch('broken.example.com', true), {
    code: 'helo/spf-fail',
    evidence: { result: 'permerror', problem: expect.stringContaining('"nonsense"') },
  }),
  announced('tempspf.example.com', mismatch('tempspf.example.com', true), {
    code: 'helo/inconclusive',
    about: { ip, item: 'spf-lookup-failed' },
    evidence: { reason: 'spf-lookup-failed' },
    rests: ['TXT tempspf.example.com'],
    says: 'The SPF record of the HELO name tempspf.example.com of 203.0.113.5 could not be looked up: the TXT lookup of tempspf.example.com failed (servfail).',
  }),
  announced(
    'sf.example.com',
    {
      code: 'helo/inconclusive',
      about: { ip, item: 'lookup-failed' },
      evidence: { reason: 'lookup-failed', query: { name: 'sf.example.com', type: 'A', rcode: 'servfail' } },
      rests: addressesOf('sf.example.com'),
      says: 'The HELO name sf.example.com of 203.0.113.5 could not be looked up: the server failed (SERVFAIL).',
    },
    mismatch('sf.example.com', false),
  ),
  announced(
    'silent.example.com',
    {
      code: 'helo/inconclusive',
      about: { ip, item: 'lookup-failed' },
      evidence: { reason: 'lookup-failed' },
      rests: addressesOf('silent.example.com'),
    },
    mismatch('silent.example.com', false),
    {
      code: 'helo/inconclusive',
      about: { ip, item: 'spf-lookup-failed' },
      evidence: { reason: 'spf-lookup-failed' },
      rests: ['TXT silent.example.com'],
    },
  ),
];

const reverseNames: Case[] = [
  {
    when: 'no reverse name that it could differ from',
    zone: { ...zone, [reverse]: 'nxdomain' },
    helo: 'mail.example.com',
  },
  {
    when: 'two reverse names, of which one is the HELO name',
    zone: { ...zone, [reverse]: { PTR: ['a.example.com', 'mail.example.com'] } },
    helo: 'mail.example.com',
  },
  {
    when: 'a name that leads to the address but is not its reverse name is no more than a note',
    zone,
    helo: 'nospf.example.com',
    finds: [{ code: 'helo/ptr-mismatch', severity: 'info' }, 'helo/spf-missing'],
    status: 'pass',
  },
  {
    when: 'the SPF record of the name rests on other names',
    zone: {
      ...zone,
      'far.example.com': { A: [ip], TXT: ['v=spf1 include:_spf.example.net -all'] },
      '_spf.example.net': { TXT: ['v=spf1 a:out.example.net -all'] },
    },
    helo: 'far.example.com',
    finds: [
      { code: 'helo/ptr-mismatch', severity: 'info' },
      {
        code: 'helo/spf-fail',
        evidence: { result: 'fail' },
        rests: ['TXT far.example.com', 'TXT _spf.example.net', 'A out.example.net'],
      },
    ],
  },
];

const nameIt = (name: string): string => `Pass the server’s HELO name: mailcheck example.com ${ip} --helo ${name}`;
const nothingTells = `The HELO name of ${ip} is unknown: no --helo, no name in an SMTP greeting, no PTR record found.`;

const unknown: Case[] = [
  {
    when: 'nothing listens, and the PTR is assumed to be the name',
    zone,
    hosts: { [ip]: 'refused' },
    finds: [
      {
        code: 'helo/unknown',
        subject: ip,
        about,
        evidence: { reason: 'assumed-from-ptr', ip, assumed: 'mail.example.com' },
        rests: [reverseQuestion],
        says: `The HELO name of ${ip} is unknown (no --helo, no name in an SMTP greeting). The name in its PTR record was assumed: mail.example.com.`,
        fix: /^Start the mail server at 203\.0\.113\.5, /,
      },
    ],
    status: 'inconclusive',
  },
  {
    when: 'nothing listens on a host that only sends, and the PTR is assumed to be the name',
    zone,
    hosts: { [ip]: 'refused' },
    settings: { sendOnly: true },
    finds: [
      {
        code: 'helo/unknown',
        subject: ip,
        about,
        evidence: { reason: 'assumed-from-ptr', ip, assumed: 'mail.example.com' },
        rests: [reverseQuestion],
        says: `The HELO name of ${ip} is unknown (no --helo, no name in an SMTP greeting). The name in its PTR record was assumed: mail.example.com.`,
        fix: nameIt('mail.example.com'),
      },
    ],
    status: 'inconclusive',
  },
  {
    when: 'a firewall overwrites the name in the greeting, and the PTR is assumed to be the name',
    zone,
    hosts: { [ip]: { greeting: `220 ${'*'.repeat(50)}`, name: 'XXXXXXXXXXXXXXXX' } },
    finds: [
      {
        code: 'helo/unknown',
        evidence: { reason: 'assumed-from-ptr', assumed: 'mail.example.com', isOverwritten: true },
        says: /a firewall overwrites the name in the SMTP greeting/,
      },
    ],
    status: 'inconclusive',
  },
  {
    when: 'nothing listens, and there is no PTR',
    hosts: { [ip]: 'refused' },
    finds: [
      {
        code: 'helo/unknown',
        subject: ip,
        about,
        evidence: {
          reason: 'no-source',
          ip,
          tried: [
            { source: 'greeting', outcome: 'refused' },
            { source: 'ptr', outcome: 'nxdomain' },
          ],
        },
        rests: [reverseQuestion],
        says: nothingTells,
        fix: /^Start the mail server at 203\.0\.113\.5, /,
      },
    ],
  },
  {
    when: 'nothing listens, and the PTR lookup fails: the address is not said to have none',
    zone: { [reverse]: 'servfail' },
    hosts: { [ip]: 'refused' },
    finds: [
      {
        code: 'helo/unknown',
        evidence: { tried: [{ outcome: 'refused' }, { outcome: 'servfail' }] },
        says: nothingTells,
      },
    ],
  },
  {
    when: 'no address to test',
    zone: { 'example.com': { TXT: [] } },
    ips: [],
    finds: [
      {
        code: 'helo/inconclusive',
        subject: 'example.com',
        about: {},
        evidence: { reason: 'no-address' },
        says: 'There is no address to test: you gave none, and the MX hosts have none.',
      },
    ],
  },
];

const namesToAnnounce: Case[] = (
  [
    [
      'the reverse name that leads back',
      { [reverse]: { PTR: ['a.example.net', 'b.example.net'] }, 'b.example.net': { A: [ip] } },
      'b.example.net',
    ],
    [
      'the customary one, where the reverse name does not lead back',
      { [reverse]: { PTR: ['a.example.net'] } },
      'mail.example.com',
    ],
    [
      'the customary one, where the reverse name could not be a host',
      { [reverse]: { PTR: ['a_b.example.net'] }, 'a_b.example.net': { A: [ip] } },
      'mail.example.com',
    ],
    ['the customary one, where there is no reverse name', {}, 'mail.example.com'],
  ] as const
).map(([which, records, name]) => ({
  when: `a name that cannot be announced; to announce instead: ${which}`,
  zone: records,
  helo: 'localhost',
  finds: [
    {
      code: 'helo/not-fqdn',
      evidence: { wanted: name },
      remediation: {
        commands: [expect.stringContaining(`'myhostname = ${name}'`), expect.stringContaining(`= ${name} `)],
      },
    },
  ],
}));

const sources: Case[] = (
  [
    ['the greeting', { greeting: '220 mail.example.com ESMTP' }, 'greeting'],
    ['the EHLO reply', { greeting: '220 ready', name: 'mail.example.com' }, 'ehlo'],
    ['the PTR, when greeted with 554', { greeting: '554 no' }, 'ptr'],
  ] as const
).map(([which, host, source]) => ({
  when: `the name comes from ${which}`,
  zone,
  hosts: { [ip]: host },
  finds: source === 'ptr' ? ['helo/unknown'] : [],
  also: ({ report }) => {
    expect(report.target.helo).toEqual([{ ip, name: 'mail.example.com', source }]);
  },
}));

/** What the plan changes: each record set with the values that come, and those that go after a minus sign. */
const changes = ({ report }: Shown): string[][] =>
  (report.plan?.changes ?? []).map(({ name, type, add, remove }) => [
    `${name} ${type}`,
    ...add.map(({ value }) => value),
    ...remove.map(({ value }) => `-${value}`),
  ]);

const out = 'out.example.com';
const passing = { TXT: ['v=spf1 ip4:203.0.113.5 ip4:203.0.113.6 -all'] };
const elsewhere = ['203.0.113.9'];

/** Whether a name gets the address of the host: only if the name is free or the host's own. */
const addresses: Case[] = (
  [
    [
      'a name that is free',
      { [out]: passing },
      'helo/unresolvable',
      `Publish an address record of ${out} with ${ip}.`,
      [[`${out} A`, ip]],
    ],
    [
      'a name whose address record stands at a doubled name',
      { [out]: passing, [`${out}.example.com`]: { A: [ip] } },
      'helo/unresolvable',
      `Publish an address record of ${out} with ${ip}. Type the name in full with its final dot (${out}.).`,
      [[`${out} A`, ip]],
    ],
    [
      'an alias of a name that does not exist',
      { [out]: { CNAME: ['gone.example.com'] } },
      'helo/unresolvable',
      /Replace the CNAME record of out\.example\.com with an address record with 203\.0\.113\.5\.$/,
      [
        [`${out} CNAME`, '-gone.example.com.'],
        [`${out} A`, ip],
      ],
    ],
    [
      'an alias of a name with other records only',
      { [out]: { CNAME: ['other.example.com'] }, 'other.example.com': passing },
      'helo/unresolvable',
      `If other.example.com is this host, give it an address record with ${ip}. If not, replace the CNAME of ${out} with an address record with ${ip}.`,
      [],
    ],
    [
      'a name of another host',
      { [out]: { A: elsewhere, ...passing } },
      'helo/ip-mismatch',
      `Set the HELO name of the mail server to a name that resolves only to ${ip}. If ${out} is this host and no other, add ${ip} to its address records instead.`,
      [],
    ],
    [
      'a name of another host, while the PTR record names one that leads back',
      {
        [out]: { A: elsewhere, ...passing },
        [reverse]: { PTR: ['mail.example.com'] },
        'mail.example.com': { A: [ip] },
      },
      'helo/ip-mismatch',
      `Set the HELO name of the mail server to mail.example.com, the name in the PTR record of ${ip}. If ${out} is this host and no other, add ${ip} to its address records instead.`,
      [],
    ],
    [
      'the name in the PTR record, which resolves to another address',
      { [out]: { A: elsewhere, ...passing }, [reverse]: { PTR: [out] } },
      'helo/ip-mismatch',
      `Add ${ip} to the address records of ${out}, so that they list every address the host sends from.`,
      [[`${out} A`, ip]],
    ],
    [
      'an alias of another host, though the PTR record names it',
      {
        [out]: { CNAME: ['www.example.com'] },
        'www.example.com': { A: elsewhere, ...passing },
        [reverse]: { PTR: [out] },
      },
      'helo/ip-mismatch',
      /^Set the HELO name of the mail server to a name that resolves only to 203\.0\.113\.5\./,
      [],
    ],
  ] as const
).map(([when, records, code, fix, expected]) => ({
  when: `the address of the host at ${when}`,
  zone: records,
  helo: out,
  // Notes on the PTR record and on SPF may follow.
  finds: [{ code, fix }],
  never: ['helo/spf-fail'],
  also: (shown) => expect(changes(shown)).toEqual(expected),
}));

const otherFixes: Case[] = [
  {
    when: 'a name that leads to one of two tested addresses gets the other',
    ips: [ip, '203.0.113.6'],
    zone: { [out]: { A: ['203.0.113.6'], ...passing } },
    helo: out,
    finds: [{ code: 'helo/ip-mismatch', about: { ip } }],
    also: (shown) => expect(changes(shown)).toEqual([[`${out} A`, ip]]),
  },
  {
    when: 'a name that leads to a private address only gets the public one',
    ips: ['8.8.4.4'],
    settings: { allowPrivate: false },
    zone: { [out]: { A: ['10.0.0.1'], TXT: ['v=spf1 ip4:8.8.4.4 -all'] } },
    helo: out,
    finds: [{ code: 'helo/ip-mismatch', fix: /instead of 10\.0\.0\.1, which cannot be reached from the internet\.$/ }],
    also: (shown) => expect(changes(shown)).toEqual([[`${out} A`, '8.8.4.4', '-10.0.0.1']]),
  },
  {
    when: 'a name in which the domain appears twice is announced by mistake',
    zone: { [out]: { A: [ip], ...passing } },
    helo: `${out}.example.com`,
    finds: [
      {
        code: 'helo/unresolvable',
        says: /does not exist\. The domain appears twice in it, so a final dot may be missing: out\.example\.com exists\.$/,
        remediation: { commands: [expect.stringContaining(`'myhostname = ${out}'`), expect.anything()] },
      },
      'helo/spf-missing',
    ],
    also: (shown) => expect(changes(shown)).toEqual([]),
  },
  {
    when: 'an alias whose target got the zone appended',
    zone: { [out]: { CNAME: ['host.example.com.example.com'] }, 'host.example.com': { A: [ip], ...passing } },
    helo: out,
    finds: [
      {
        code: 'helo/unresolvable',
        says: /does not exist\. The domain appears twice in it, so a final dot may be missing: host\.example\.com exists\.$/,
        fix: `Point the CNAME record of ${out} to host.example.com, typed with its final dot.`,
      },
      'helo/spf-missing',
    ],
    also: (shown) =>
      expect(changes(shown)).toEqual([[`${out} CNAME`, 'host.example.com.', '-host.example.com.example.com.']]),
  },
  {
    when: 'a free name of another domain, while the PTR record names one that leads back',
    zone: { 'vm.example.net': passing, [reverse]: { PTR: [out] }, [out]: { A: [ip] } },
    helo: 'vm.example.net',
    finds: [
      {
        code: 'helo/unresolvable',
        remediation: { commands: [expect.stringContaining(`'myhostname = ${out}'`), expect.anything()] },
      },
      'helo/ptr-mismatch',
    ],
    also: (shown) => expect(changes(shown)).toEqual([]),
  },
  {
    when: 'a name that was only assumed from the PTR record gets no address by this rule',
    zone: { [reverse]: { PTR: [out] }, [out]: { A: elsewhere, ...passing } },
    hosts: { [ip]: 'refused' },
    finds: ['helo/unknown', 'helo/ip-mismatch'],
    also: (shown) => expect(changes(shown)).toEqual([]),
  },
  {
    when: 'the SPF record of the name stands at the target of an alias',
    zone: { [out]: { CNAME: ['host.example.com'] }, 'host.example.com': { A: [ip], TXT: ['v=spf1 -all'] } },
    helo: out,
    finds: [
      {
        code: 'helo/spf-fail',
        says: `SPF for the HELO name ${out} gives fail for ${ip}. ${out} is an alias (CNAME) of host.example.com, which has the record.`,
        fix: `Authorise ${ip} in the SPF record of host.example.com.`,
      },
    ],
  },
  {
    when: 'no SPF record at the name: it is optional, so no record is proposed',
    zone: { [out]: { A: [ip] } },
    helo: out,
    finds: ['helo/spf-missing'],
    also: (shown) => expect(changes(shown)).toEqual([]),
  },
];

/** What a server that greets with a name is found to be, by the text of its greeting. */
const helloOf = (name: string, text = '') => ({ greeting: `220 ${name} ${text}`.trim(), name });
const again = `mailcheck example.com ${ip} --helo mail.example.com`;
const EXCHANGE = 'Microsoft ESMTP MAIL Service ready at Mon, 23 Nov 2026 10:00:00 +0100';

/** Servers whose greeting has a name of its own, or may have one. */
const greetings: Case[] = (
  [
    ['Exchange', 'EX01.corp.local', EXCHANGE, 'Microsoft Exchange', ['helo/not-fqdn']],
    ['Exchange', 'ex01.example.com', EXCHANGE, 'Microsoft Exchange', ['helo/unresolvable', 'helo/ptr-mismatch']],
    ['Exchange', 'other.example.com', EXCHANGE, 'Microsoft Exchange', ['helo/ip-mismatch', 'helo/ptr-mismatch']],
    ['a Barracuda', 'bsg.lan', 'ESMTP Barracuda Networks', 'Barracuda', ['helo/not-fqdn']],
    ['hMailServer', 'win2019.local', 'ESMTP hMailServer', 'hMailServer', ['helo/not-fqdn']],
    ['MDaemon', 'other.example.com', 'ESMTP MDaemon 24.0', 'MDaemon', ['helo/ip-mismatch', 'helo/ptr-mismatch']],
    ['a load balancer', 'lb01.corp.local', 'ESMTP', null, ['helo/not-fqdn']],
    ['a load balancer', 'other.example.com', 'ESMTP', null, ['helo/ip-mismatch', 'helo/ptr-mismatch']],
  ] as const
).map(([who, name, text, serverName, faults]) => ({
  when: `${who} greets as ${name}`,
  zone,
  hosts: { [ip]: helloOf(name, text) },
  finds: [
    {
      code: 'helo/greeting-name',
      subject: ip,
      about,
      evidence: { helo: name, source: 'greeting', serverName, faults, wanted },
      says: new RegExp(`^The greeting of 203\\.0\\.113\\.5 has the name ${name}, which `),
      fix: new RegExp(
        `${serverName === null ? 'If it is the name in the greeting: .*' : 'adds\\.'} Then run again with that name: ${again}$`,
      ),
    },
  ],
  never: ['helo/not-fqdn', 'helo/unresolvable', 'helo/ip-mismatch', 'helo/ptr-mismatch', 'helo/spf-fail'],
  status: 'warn',
  also: ({ findings, report }) => {
    const typed = findings.flatMap(({ remediation }) => remediation.commands ?? []).join('\n');
    expect(typed).not.toMatch(/postconf|primary_hostname/);
    expect(typed.includes('Set-SendConnector')).toBe(who === 'Exchange');
    expect(report.plan?.changes ?? []).toEqual([]);
  },
}));

/** Servers that greet with the name that they send with, and names that were given. */
const sameNames: Case[] = [
  {
    when: 'Exchange greets with a name whose SPF record rejects the host',
    zone,
    hosts: { [ip]: helloOf('fails.example.com', EXCHANGE) },
    finds: [{ code: 'helo/greeting-name', evidence: { faults: ['helo/spf-fail'] } }],
  },
  {
    when: 'Postfix greets as localhost.localdomain',
    zone,
    hosts: { [ip]: helloOf('localhost.localdomain', 'ESMTP Postfix') },
    finds: [
      {
        code: 'helo/not-fqdn',
        evidence: { server: 'postfix', fault: 'local' },
        remediation: {
          commands: [
            expect.stringContaining("'myhostname = mail.example.com'"),
            expect.stringContaining('smtp_helo_name'),
          ],
        },
      },
    ],
  },
  {
    when: 'Postfix greets and answers with a single label',
    zone,
    hosts: { [ip]: helloOf('mail', 'ESMTP Postfix') },
    finds: [{ code: 'helo/not-fqdn', evidence: { helo: 'mail', source: 'greeting', fault: 'single-label' } }],
  },
  {
    when: 'Postfix greets with a text of its own, and answers EHLO with its name',
    zone,
    hosts: { [ip]: { greeting: '220 welcome.example.net ESMTP Postfix', name: 'mail.example.com' } },
    also: ({ report }) => {
      expect(report.target.helo).toEqual([{ ip, name: 'mail.example.com', source: 'ehlo' }]);
    },
  },
  {
    when: 'Exchange greets with a single label',
    zone,
    hosts: { [ip]: helloOf('EX01', EXCHANGE) },
    finds: [{ code: 'helo/greeting-name', evidence: { helo: 'ex01', faults: ['helo/not-fqdn'] } }],
  },
  {
    when: 'a server without a name greets and answers with the same word, which may be any',
    zone,
    hosts: { [ip]: helloOf('ready', 'ESMTP') },
    finds: ['helo/unknown'],
  },
  {
    when: 'Exim greets with a name of another host',
    zone,
    hosts: { [ip]: helloOf('other.example.com', 'ESMTP Exim 4.98') },
    finds: [
      {
        code: 'helo/ip-mismatch',
        remediation: { commands: [expect.stringContaining('primary_hostname = mail.example.com')] },
      },
      'helo/ptr-mismatch',
    ],
  },
  {
    when: 'Exchange greets with the name of the PTR record',
    zone,
    hosts: { [ip]: helloOf('mail.example.com', EXCHANGE) },
  },
  {
    when: 'Exchange, and a name that was given and is no full name',
    zone,
    helo: 'ex01.corp.local',
    hosts: { [ip]: helloOf('EX01.corp.local', EXCHANGE) },
    finds: [
      {
        code: 'helo/not-fqdn',
        evidence: { source: 'option', server: 'exchange' },
        remediation: {
          commands: [
            expect.stringMatching(/^# not confirmed: /),
            expect.stringContaining('Get-SendConnector'),
            expect.stringContaining('Set-SendConnector -Identity CONNECTOR -Fqdn mail.example.com'),
          ],
        },
      },
    ],
  },
  {
    when: 'a name that leads to a web proxy',
    zone: { ...zone, 'mail.example.com': { A: ['104.21.10.20'], TXT: ['v=spf1 ip4:203.0.113.5 -all'] } },
    helo: 'mail.example.com',
    finds: [
      {
        code: 'helo/ip-mismatch',
        evidence: { proxy: { proxy: 'Cloudflare' } },
        says: `The HELO name mail.example.com resolves to 104.21.10.20 (an address of Cloudflare’s web proxy), not to ${ip}.`,
        fix: `Point mail.example.com to the mail server itself: its address record must hold ${ip}. In the Cloudflare dashboard, under DNS records, switch mail.example.com from "Proxied" (orange cloud) to "DNS only" (grey cloud).`,
      },
    ],
    also: (shown) => expect(changes(shown)).toEqual([['mail.example.com A', ip, '-104.21.10.20']]),
  },
];

ruleTest(helo, [
  ...greetings,
  ...sameNames,
  ...addresses,
  ...otherFixes,
  ...given,
  ...reverseNames,
  ...unknown,
  ...namesToAnnounce,
  ...sources,
]);
