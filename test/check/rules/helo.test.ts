import { expect } from 'vitest';
import helo from '../../../src/check/rules/helo/rule.ts';
import { type ExpectedFinding, type RuleCase, ruleTest } from '../../world/rule-test.ts';
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
  local: 'that name exists on one machine or in one network only',
  characters: 'it has characters that a host name cannot have',
} as const;

/** The name that the host is said to announce is no full name. */
function notFull(name: string, fault: keyof typeof SENTENCES): Case {
  const says = `The host announces itself as "${name}": ${SENTENCES[fault]}.`;
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
    says: 'SPF of the HELO name tempspf.example.com could not be looked up: the TXT lookup of tempspf.example.com failed (servfail).',
  }),
  announced(
    'sf.example.com',
    {
      code: 'helo/inconclusive',
      about: { ip, item: 'lookup-failed' },
      evidence: { reason: 'lookup-failed', query: { name: 'sf.example.com', type: 'A', rcode: 'servfail' } },
      rests: addressesOf('sf.example.com'),
      says: 'The HELO name sf.example.com could not be looked up: the server failed (SERVFAIL).',
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
const nothingTells = `The HELO name of ${ip} is unknown: no --helo was given, its SMTP port gave no name, and no PTR record was found.`;

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
        says: `The HELO name of ${ip} is unknown: no --helo was given and its SMTP port gave no name. The name in its PTR record, mail.example.com, was assumed.`,
        fix: nameIt('mail.example.com'),
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
        fix: nameIt('mail.example.com'),
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
        code: 'helo/unknown',
        subject: 'example.com',
        about: {},
        evidence: { reason: 'no-address' },
        says: 'There is no address to test: none was given, and none was found for the MX hosts.',
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

ruleTest(helo, [...given, ...reverseNames, ...unknown, ...namesToAnnounce, ...sources]);
