import { describe, expect, test } from 'vitest';
import ptr from '../../../src/check/rules/ptr/rule.ts';
import { judgeReverseName } from '../../../src/knowledge/providers/reverse-name.ts';
import type { IpAddress } from '../../../src/network/ip.ts';
import { type RuleCase, ruleTest, type Shown } from '../../world/rule-test.ts';
import type { NameScript } from '../../world/zone.ts';

const ip = '203.0.113.5';
const reverse4 = '5.113.0.203.in-addr.arpa';
const reverse6 = `5.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`;
const named = (...names: string[]): NameScript => ({ PTR: names });
const at = (address: string): NameScript => ({ A: [address] });
const wanted = 'mail.example.com';
const namesUpTo = (count: number) => Array.from({ length: count }, (_, index) => `n${index}.example.com`);

type Case = RuleCase<keyof typeof ptr.findings>;

const cases: Case[] = [
  {
    when: 'a name of another domain, and the HELO name is of the tested one',
    zone: { [reverse4]: named('mail.example.net'), 'mail.example.net': at(ip) },
    helo: 'mail.example.com',
    finds: [
      {
        code: 'ptr/foreign-domain',
        about: { ip, name: 'mail.example.net' },
        rests: [`PTR ${reverse4}`, 'A mail.example.net'],
        evidence: { ip, ptr: 'mail.example.net', domain: 'example.com', helo: 'mail.example.com' },
        says: /mail\.example\.net, which is neither in the domain of example\.com nor in that of the HELO name mail\.example\.com\.$/,
      },
    ],
    status: 'pass',
  },
  {
    when: 'a name of another domain, and no other name of the host is known',
    zone: { [reverse4]: named('mail.example.net'), 'mail.example.net': at(ip) },
    finds: [{ code: 'ptr/foreign-domain', evidence: { helo: null }, says: /in the domain of example\.com\.$/ }],
  },
  {
    when: 'a name of the domain that the host announces, which is not the tested one',
    zone: { [reverse4]: named('mail.example.net'), 'mail.example.net': at(ip) },
    helo: 'mx.example.net',
  },
  {
    when: 'a name of another domain at the address of an MX host, where no address was given',
    ips: [],
    zone: {
      [reverse4]: named('mail.example.net'),
      'mail.example.net': at(ip),
      'example.com': { MX: ['10 mail.example.net'] },
    },
    helo: 'mail.example.com',
  },
  {
    when: 'one name of its own that leads back',
    zone: { [reverse4]: named('mail.example.com'), 'mail.example.com': at(ip) },
  },
  {
    when: 'upper case, and other addresses beside',
    zone: { [reverse4]: named('MAIL.example.com'), 'mail.example.com': { A: ['192.0.2.1', ip] } },
  },
  {
    when: 'a reverse name that is an alias (RFC 2317)',
    zone: {
      [reverse4]: { CNAME: ['5.0-7.113.0.203.in-addr.arpa'] },
      '5.0-7.113.0.203.in-addr.arpa': named('mail.example.com'),
      'mail.example.com': at(ip),
    },
  },
  {
    when: 'NXDOMAIN for the reverse name (RFC 1912 §2.1)',
    finds: [
      {
        code: 'ptr/missing',
        subject: ip,
        about: { ip },
        rests: [`PTR ${reverse4}`],
        evidence: { ip, query: { name: reverse4, rcode: 'nxdomain' }, zone: 'in-addr.arpa', wanted },
        says: `${ip} has no PTR record (${reverse4} does not exist).`,
      },
    ],
  },
  {
    when: 'NODATA for the reverse name',
    zone: { [reverse4]: { TXT: ['x'] } },
    finds: [{ code: 'ptr/missing', evidence: { ip, query: { name: reverse4, rcode: 'nodata' }, wanted } }],
  },
  {
    when: 'a PTR whose name has no address (RFC 8601 §3)',
    zone: { [reverse4]: named('a.example.com') },
    finds: [
      {
        code: 'ptr/forward-missing',
        subject: ip,
        about: { ip, name: 'a.example.com' },
        rests: [`PTR ${reverse4}`, 'A a.example.com'],
        evidence: { ip, ptr: 'a.example.com', wanted: 'a.example.com', query: { type: 'A', rcode: 'nxdomain' } },
      },
    ],
  },
  {
    when: 'a PTR whose name has an address of the other family only',
    zone: { [reverse4]: named('mail.example.com'), 'mail.example.com': { AAAA: ['2001:db8::5'] } },
    finds: [
      {
        code: 'ptr/forward-missing',
        evidence: { ip, ptr: 'mail.example.com', query: { type: 'A', rcode: 'nodata' } },
      },
    ],
  },
  {
    when: 'a PTR that resolves to another address (RFC 8601 §3)',
    zone: { [reverse4]: named('a.example.com'), 'a.example.com': at('203.0.113.6') },
    finds: [
      {
        code: 'ptr/forward-mismatch',
        subject: ip,
        about: { ip, name: 'a.example.com' },
        rests: [`PTR ${reverse4}`, 'A a.example.com'],
        evidence: { ip, ptr: 'a.example.com', wanted: 'a.example.com', addresses: ['203.0.113.6'] },
        says: `The PTR record of ${ip} names a.example.com, but a.example.com resolves to 203.0.113.6.`,
      },
    ],
  },
  {
    when: 'two names, and neither leads back',
    zone: { [reverse4]: named('a.example.com', 'b.example.com'), 'b.example.com': at('203.0.113.6') },
    finds: [
      { code: 'ptr/forward-missing', evidence: { ip, ptr: 'a.example.com' } },
      { code: 'ptr/forward-mismatch', evidence: { ip, ptr: 'b.example.com' } },
      { code: 'ptr/multiple', evidence: { ip, confirmed: [] } },
    ],
  },
  {
    when: 'several names that all lead back',
    zone: { [reverse4]: named('a.example.com', 'b.example.com'), 'a.example.com': at(ip), 'b.example.com': at(ip) },
    finds: [
      {
        code: 'ptr/multiple',
        subject: ip,
        about: { ip },
        rests: [`PTR ${reverse4}`, 'A a.example.com', 'A b.example.com'],
        evidence: {
          ip,
          names: ['a.example.com', 'b.example.com'],
          confirmed: ['a.example.com', 'b.example.com'],
          ignored: [],
        },
      },
    ],
  },
  {
    when: 'two names of which the second leads back',
    zone: { [reverse4]: named('a.example.com', 'b.example.com'), 'b.example.com': at(ip) },
    finds: [
      {
        code: 'ptr/partly-confirmed',
        subject: ip,
        about: { ip },
        evidence: {
          ip,
          names: [
            { name: 'a.example.com', confirmation: 'absent' },
            { name: 'b.example.com', confirmation: 'confirmed' },
          ],
        },
      },
      {
        code: 'ptr/multiple',
        evidence: { ip, names: ['a.example.com', 'b.example.com'], confirmed: ['b.example.com'] },
      },
    ],
  },
  {
    when: 'ten names, which are listed',
    zone: { [reverse4]: named(...namesUpTo(10)), '*.example.com': at(ip) },
    finds: [{ code: 'ptr/multiple', says: `${ip} has 10 PTR records: ${namesUpTo(10).join(', ')}.` }],
  },
  {
    when: 'twelve names, of which two are counted but not listed',
    zone: { [reverse4]: named(...namesUpTo(12)), '*.example.com': at(ip) },
    finds: [
      {
        code: 'ptr/multiple',
        evidence: {
          ip,
          names: namesUpTo(10),
          confirmed: namesUpTo(10),
          ignored: ['n10.example.com', 'n11.example.com'],
        },
        says: `${ip} has 12 PTR records: ${namesUpTo(10).join(', ')} and 2 more.`,
      },
      {
        code: 'ptr/inconclusive',
        evidence: { reason: 'unseen', leftOut: [{ what: `names in PTR records of ${ip}`, looked: 10, of: 12 }] },
      },
    ],
  },
  {
    when: 'a default name made of the address',
    zone: { [reverse4]: named('static.203-0-113-5.example.net'), 'static.203-0-113-5.example.net': at(ip) },
    finds: [
      {
        code: 'ptr/generic',
        subject: ip,
        about: { ip, name: 'static.203-0-113-5.example.net' },
        evidence: {
          ip,
          ptr: 'static.203-0-113-5.example.net',
          wanted,
          pattern: 'ip-in-name',
          match: '203-0-113-5',
        },
      },
    ],
  },
  {
    when: 'a name of an end-user line, though it is made of the address too',
    zone: { [reverse4]: named('dsl-203-0-113-5.example.net'), 'dsl-203-0-113-5.example.net': at(ip) },
    finds: [
      {
        code: 'ptr/dynamic',
        subject: ip,
        about: { ip, name: 'dsl-203-0-113-5.example.net' },
        evidence: { ip, ptr: 'dsl-203-0-113-5.example.net', wanted, token: 'dsl' },
      },
    ],
  },
  {
    when: 'a name with an underscore',
    zone: { [reverse4]: named('my_host.example.com'), 'my_host.example.com': at(ip) },
    finds: [
      {
        code: 'ptr/underscore',
        subject: ip,
        about: { ip, name: 'my_host.example.com' },
        evidence: { ip, ptr: 'my_host.example.com', wanted, leadsBack: true },
        says: `The PTR record of ${ip} names my_host.example.com, which is not a valid host name: it has an underscore. It resolves to the address, so most receivers accept it.`,
      },
    ],
    status: 'warn',
  },
  {
    when: 'a name with an underscore that resolves to another address',
    zone: { [reverse4]: named('my_host.example.com'), 'my_host.example.com': at('203.0.113.9') },
    finds: [
      { code: 'ptr/underscore', evidence: { leadsBack: false } },
      { code: 'ptr/forward-mismatch', evidence: { wanted } },
    ],
  },
  {
    when: 'an impossible name beside a good one, which is not judged by it',
    zone: { [reverse4]: named('localhost', 'mail.example.com'), 'mail.example.com': at(ip) },
    finds: [
      { code: 'ptr/invalid-name', evidence: { ip, ptr: 'localhost' } },
      { code: 'ptr/multiple', evidence: { ip, confirmed: ['mail.example.com'] } },
    ],
  },
  {
    when: 'SERVFAIL in the reverse tree',
    zone: { [reverse4]: 'servfail' },
    finds: [
      {
        code: 'ptr/inconclusive',
        subject: ip,
        about: { ip },
        rests: [`PTR ${reverse4}`],
        evidence: { ip, reason: 'reverse-lookup-failed', query: { name: reverse4, rcode: 'servfail' } },
        says: `The PTR record of ${ip} could not be looked up: the server failed (SERVFAIL).`,
      },
    ],
  },
  {
    when: 'SERVFAIL for the name that the PTR gives',
    zone: { [reverse4]: named('mail.example.com'), 'mail.example.com': 'servfail' },
    finds: [
      {
        code: 'ptr/inconclusive',
        subject: ip,
        about: { ip, name: 'mail.example.com' },
        rests: [`PTR ${reverse4}`, 'A mail.example.com'],
        evidence: {
          ip,
          reason: 'forward-lookup-failed',
          query: { name: 'mail.example.com', type: 'A', rcode: 'servfail' },
        },
        says: `The address of mail.example.com, which the PTR record of ${ip} names, could not be looked up: the server failed (SERVFAIL).`,
      },
    ],
  },
  {
    when: 'REFUSED for one name, and another that leads back',
    zone: { [reverse4]: named('a.example.com', 'b.example.com'), 'a.example.com': 'refused', 'b.example.com': at(ip) },
    finds: [
      { code: 'ptr/inconclusive', evidence: { ip, query: { name: 'a.example.com', rcode: 'refused' } } },
      { code: 'ptr/multiple', evidence: { ip, confirmed: ['b.example.com'] } },
    ],
  },
  {
    when: 'four names: one that leads back, two that do not, and one that could not be looked up and is not one to delete',
    zone: {
      [reverse4]: named('a.example.com', 'b.example.com', 'c.example.com', 'd.example.com'),
      'a.example.com': 'servfail',
      'b.example.com': at(ip),
      'c.example.com': at('203.0.113.6'),
    },
    finds: [
      'ptr/inconclusive',
      {
        code: 'ptr/partly-confirmed',
        says: `${ip} has PTR records with names that do not resolve to it: c.example.com, d.example.com.`,
        fix: `Delete the PTR records of ${ip} whose names do not resolve to it: c.example.com, d.example.com.`,
      },
      'ptr/multiple',
    ],
  },
  {
    when: 'an IPv6 address that the AAAA record confirms',
    ips: ['2001:db8::5'],
    zone: { [reverse6]: named('mail.example.com'), 'mail.example.com': { AAAA: ['2001:db8::5'], A: [ip] } },
  },
  {
    when: 'an IPv6 address whose name has an A record only',
    ips: ['2001:db8::5'],
    zone: { [reverse6]: named('mail.example.com'), 'mail.example.com': at(ip) },
    finds: [
      { code: 'ptr/forward-missing', about: { ip: '2001:db8::5', name: 'mail.example.com' }, fix: /AAAA record/ },
    ],
  },
  {
    when: 'two addresses, each judged by itself',
    ips: [ip, '203.0.113.6'],
    zone: { [reverse4]: named('mail.example.com'), 'mail.example.com': at(ip) },
    finds: [{ code: 'ptr/missing', subject: '203.0.113.6', about: { ip: '203.0.113.6' } }],
  },
  {
    when: 'no address to test',
    ips: [],
    zone: { 'example.com': { TXT: [] } },
    finds: [
      {
        code: 'ptr/inconclusive',
        subject: 'example.com',
        about: {},
        evidence: { reason: 'no-address' },
        says: 'There is no address to test: you gave none, and the MX hosts have none.',
      },
    ],
  },
];

const generic = 'vps-113-5.example.net';

/** The name to ask the provider for. */
const wantedNames: Case[] = (
  [
    ['the HELO name given', { helo: 'mx.example.com' }, 'mx.example.com'],
    ['the name it greets with', { hosts: { [ip]: { name: 'out.example.com' } } }, 'out.example.com'],
    ['the customary one, where what is given is no name', { helo: '[203.0.113.5]' }, 'mail.example.com'],
    ['the customary one, where only the reverse name is known', {}, 'mail.example.com'],
  ] as const
).map(([which, given, name]) => ({
  when: `a default name; the provider is to set ${which}`,
  zone: { [reverse4]: named(generic), [generic]: at(ip) },
  ...given,
  finds: [
    {
      code: 'ptr/generic',
      evidence: { wanted: name },
      remediation: {
        records: [{ line: `${name}. IN A ${ip}` }, { line: `${reverse4}. IN PTR ${name}.` }],
        atProvider: { action: 'set-ptr', ip, name },
      },
    },
  ],
}));

/** Names that are no host names, though the DNS holds them and they may lead back. */
const malformedNames: Case[] = (
  [
    ['*.example.com', 'wildcard', '"*" is a wildcard, not the name of a host'],
    ['-mail.example.com', 'hyphen', 'a label begins or ends with a hyphen'],
    ['mail-.example.com', 'hyphen', 'a label begins or ends with a hyphen'],
    ['mail host.example.com', 'characters', 'it has characters that a host name cannot have'],
    ['mail_host$.example.com', 'characters', 'it has characters that a host name cannot have'],
    ['mäil.example.com', 'non-ascii', 'it has non-ASCII characters; a host name has them in their xn-- form'],
  ] as const
).map(([name, fault, words]) => ({
  when: `the PTR is "${name}"`,
  zone: { [reverse4]: named(name), [name]: at(ip) },
  helo: 'mail.example.com',
  finds: [
    {
      code: 'ptr/malformed-name',
      about: { ip, name },
      evidence: { fault },
      says: new RegExp(`": ${words.replace(/[*]/g, '\\*')}\\.`),
    },
  ],
}));

/** The words for the faults of a name that cannot be a public host name. */
const faultWords = {
  'single-label': 'it is a single label, not a full name',
  address: 'it is an address, not a name',
  'reverse-tree': 'it is itself a name of the reverse zone',
  private: 'its ending exists only in private networks',
  numeric: 'it ends in a number, like an address',
} as const;

const impossibleNames: Case[] = (
  [
    ['mail', 'single-label', 'single-label'],
    ['203.0.113.5', 'address', 'address'],
    ['[203.0.113.5]', 'address', 'address'],
    ['mail.example.123', 'numeric', 'numeric'],
    ['in-addr.arpa', 'reverse-tree', 'reverse-tree'],
    ['5.113.0.203.in-addr.arpa', 'reverse-tree', 'reverse-tree'],
    ['5.8.b.d.0.1.0.0.2.ip6.arpa', 'reverse-tree', 'reverse-tree'],
    ['localhost', 'private', 'private'],
    ['mail.local', 'private', 'private'],
    ['localhost.localdomain', 'private', 'private'],
    ['mail.lan', 'private', null],
    ['mail.internal', 'private', null],
    ['mail.home.arpa', 'private', null],
    ['mail.test', 'private', null],
    ['mail.invalid', 'private', null],
    ['mail.example', 'private', null],
    ['mail.onion', 'private', null],
    ['mail.local.example.com', null, null],
    ['static.in-addr.arpa.example.com', null, null],
    ['mail.notlocal', null, null],
  ] as const
).flatMap(([name, inPublic, inLab]) =>
  ([false, true] as const).map((allowPrivate): Case => {
    const fault = allowPrivate ? inLab : inPublic;
    return {
      when: `the PTR is ${name}, ${allowPrivate ? 'in a lab' : 'in public'}`,
      zone: { [name]: at(ip), [reverse4]: named(name) },
      helo: 'mail.example.com',
      settings: { allowPrivate },
      finds:
        fault === null
          ? name.endsWith('.example.com')
            ? []
            : [{ code: 'ptr/foreign-domain', about: { ip, name } }]
          : [
              {
                code: 'ptr/invalid-name',
                evidence: { fault },
                says: `The PTR record of ${ip} names "${name}": ${faultWords[fault]}.`,
              },
            ],
    };
  }),
);

/** What the plan changes: each record set with the values that come, and those that go after a minus sign. */
const changes = ({ report }: Shown): string[][] =>
  (report.plan?.changes ?? []).map(({ name, type, add, remove }) => [
    `${name} ${type}`,
    ...add.map(({ value }) => value),
    ...remove.map(({ value }) => `-${value}`),
  ]);

const helo = 'mail.example.com';
const ptrTo = (name: string): string[] => [`${reverse4} PTR`, `${name}.`];

/** Where a PTR record belongs, and what was meant by one. */
const meant: Case[] = (
  [
    [
      'an RFC 2317 alias whose target does not exist',
      { [reverse4]: { CNAME: ['5.0-7.113.0.203.in-addr.arpa'] } },
      'ptr/missing',
      `${ip} has no PTR record: ${reverse4} is an alias (CNAME) of 5.0-7.113.0.203.in-addr.arpa, which does not exist.`,
      /^Publish the PTR record with mail\.example\.com at 5\.0-7\.113\.0\.203\.in-addr\.arpa, because .* is an alias of it \(RFC 2317\)\./,
      [['5.0-7.113.0.203.in-addr.arpa PTR', 'mail.example.com.']],
    ],
    [
      'an RFC 2317 alias whose target has other records only',
      {
        [reverse4]: { CNAME: ['5.0/29.113.0.203.in-addr.arpa'] },
        '5.0/29.113.0.203.in-addr.arpa': { TXT: ['x'] },
      },
      'ptr/missing',
      /is an alias \(CNAME\) of 5\.0\/29\.113\.0\.203\.in-addr\.arpa, which has no PTR record\.$/,
      /at 5\.0\/29\.113\.0\.203\.in-addr\.arpa/,
      [['5.0/29.113.0.203.in-addr.arpa PTR', 'mail.example.com.']],
    ],
    [
      'an RFC 2317 alias whose target got the zone appended',
      {
        [reverse4]: { CNAME: ['5.0-7.113.0.203.in-addr.arpa.113.0.203.in-addr.arpa'] },
        '5.0-7.113.0.203.in-addr.arpa': named('mail.example.com'),
      },
      'ptr/missing',
      /The final dot is missing after 5\.0-7\.113\.0\.203\.in-addr\.arpa, so the zone editor appended 113\.0\.203\.in-addr\.arpa\.$/,
      `Point the CNAME record of ${reverse4} to 5.0-7.113.0.203.in-addr.arpa, typed with its final dot.`,
      [[`${reverse4} CNAME`, '5.0-7.113.0.203.in-addr.arpa.', '-5.0-7.113.0.203.in-addr.arpa.113.0.203.in-addr.arpa.']],
    ],
    [
      'a PTR record at a doubled name',
      { [`${reverse4}.113.0.203.in-addr.arpa`]: named('mail.example.com') },
      'ptr/missing',
      /A PTR record with mail\.example\.com is at 5\.113\.0\.203\.in-addr\.arpa\.113\.0\.203\.in-addr\.arpa instead: the zone editor appended 113\.0\.203\.in-addr\.arpa to the name\.$/,
      /^Move the PTR record with mail\.example\.com from /,
      [ptrTo('mail.example.com')],
    ],
    [
      'a name with the reverse zone appended',
      { [reverse4]: named('out.example.com.113.0.203.in-addr.arpa'), 'out.example.com': at(ip) },
      'ptr/invalid-name',
      /it is itself a name of the reverse zone\. The final dot is missing after out\.example\.com, so the zone editor appended 113\.0\.203\.in-addr\.arpa\.$/,
      /^Set the PTR record of 203\.0\.113\.5 to out\.example\.com where you rent the address/,
      [[...ptrTo('out.example.com'), '-out.example.com.113.0.203.in-addr.arpa.']],
    ],
    [
      'a name with the zone of an RFC 2317 delegation appended',
      {
        [reverse4]: { CNAME: ['5.0-7.113.0.203.in-addr.arpa'] },
        '5.0-7.113.0.203.in-addr.arpa': named('out.example.com.0-7.113.0.203.in-addr.arpa'),
        'out.example.com': at(ip),
      },
      'ptr/invalid-name',
      /The final dot is missing after out\.example\.com, so the zone editor appended 0-7\.113\.0\.203\.in-addr\.arpa\.$/,
      /^Publish the PTR record with out\.example\.com at 5\.0-7\.113\.0\.203\.in-addr\.arpa/,
      [['5.0-7.113.0.203.in-addr.arpa PTR', 'out.example.com.', '-out.example.com.0-7.113.0.203.in-addr.arpa.']],
    ],
    [
      'a doubled name of the domain',
      { [reverse4]: named('out.example.com.example.com'), 'out.example.com': at(ip) },
      'ptr/forward-missing',
      /The final dot is missing after out\.example\.com, so the zone editor appended example\.com\.$/,
      /^Set the PTR record of 203\.0\.113\.5 to out\.example\.com/,
      [[...ptrTo('out.example.com'), '-out.example.com.example.com.']],
    ],
    [
      'a name whose address record stands at a doubled name',
      { [reverse4]: named('out.example.com'), 'out.example.com.example.com': at(ip) },
      'ptr/forward-missing',
      /Its address record is at out\.example\.com\.example\.com/,
      'Publish the A record of out.example.com with 203.0.113.5. Type the name in full with its final dot (out.example.com.).',
      [['out.example.com A', ip]],
    ],
  ] as const
).map(([when, zone, code, says, fix, expected]) => ({
  when,
  zone: { 'mail.example.com': at(ip), ...zone },
  dns: { apexes: ['113.0.203.in-addr.arpa', 'example.com', 'example.net'] },
  finds: [{ code, says, fix }],
  also: (shown) => expect(changes(shown)).toEqual(expected),
}));

/** Which name the PTR record gets, and which names are left alone. */
const goals: Case[] = (
  [
    ['no PTR record, and the HELO name leads to the address', { [helo]: at(ip) }, helo, ['ptr/missing'], [ptrTo(helo)]],
    ['no PTR record, and the HELO name is free', {}, helo, ['ptr/missing'], [[`${helo} A`, ip], ptrTo(helo)]],
    ['no PTR record, and the HELO name is of another host', { [helo]: at('203.0.113.9') }, helo, ['ptr/missing'], []],
    [
      'no PTR record, and the HELO name is an alias',
      { [helo]: { CNAME: ['pages.example.net'] }, 'pages.example.net': at('203.0.113.9') },
      helo,
      ['ptr/missing'],
      [],
    ],
    [
      'no PTR record, and the domain appears twice in the HELO name',
      { [helo]: at(ip) },
      `${helo}.example.com`,
      ['ptr/missing'],
      [ptrTo(helo)],
    ],
    [
      'a name without address, while the HELO name leads to the address',
      { [reverse4]: named('old.example.net'), [helo]: at(ip) },
      helo,
      ['ptr/forward-missing'],
      [[...ptrTo(helo), '-old.example.net.']],
    ],
    [
      'a name of another host, while the HELO name leads to the address',
      { [reverse4]: named('www.example.com'), 'www.example.com': at('203.0.113.9'), [helo]: at(ip) },
      helo,
      ['ptr/forward-mismatch'],
      [[...ptrTo(helo), '-www.example.com.']],
    ],
    [
      'the HELO name, which resolves to another address',
      { [reverse4]: named(helo), [helo]: at('203.0.113.9') },
      helo,
      ['ptr/forward-mismatch'],
      [[`${helo} A`, ip]],
    ],
    [
      'an alias of another host',
      {
        [reverse4]: named('www.example.com'),
        'www.example.com': { CNAME: ['cdn.example.net'] },
        'cdn.example.net': at('203.0.113.9'),
      },
      undefined,
      ['ptr/forward-mismatch'],
      [],
    ],
    [
      'a default name that leads elsewhere gets no address',
      { [reverse4]: named('vps-113-5.example.net'), 'vps-113-5.example.net': at('203.0.113.9'), [helo]: at(ip) },
      helo,
      ['ptr/forward-mismatch', 'ptr/generic'],
      [[...ptrTo(helo), '-vps-113-5.example.net.']],
    ],
    [
      'two names that lead back, of which one is the HELO name',
      { [reverse4]: named('a.example.com', helo), 'a.example.com': at(ip), [helo]: at(ip) },
      helo,
      ['ptr/multiple'],
      [[`${reverse4} PTR`, '-a.example.com.']],
    ],
    [
      'two names that lead back, and neither is known to be announced',
      { [reverse4]: named('a.example.com', 'b.example.com'), '*.example.com': at(ip) },
      undefined,
      ['ptr/multiple'],
      [],
    ],
    [
      'two names of which one leads back',
      { [reverse4]: named('a.example.com', 'b.example.com'), 'b.example.com': at(ip) },
      undefined,
      ['ptr/partly-confirmed', 'ptr/multiple'],
      [[`${reverse4} PTR`, '-a.example.com.']],
    ],
    [
      'the HELO name beside localhost',
      { [reverse4]: named('localhost', helo), [helo]: at(ip) },
      helo,
      ['ptr/invalid-name', 'ptr/multiple'],
      [[`${reverse4} PTR`, '-localhost.']],
    ],
    [
      'the HELO name beside a default name',
      { [reverse4]: named('vps-113-5.example.net', helo), 'vps-113-5.example.net': at(ip), [helo]: at(ip) },
      helo,
      ['ptr/multiple', 'ptr/generic'],
      [[`${reverse4} PTR`, '-vps-113-5.example.net.']],
    ],
  ] as const
).map(([when, zone, announced, codes, expected]) => ({
  when: `${when}: the plan`,
  zone,
  ...(announced === undefined ? {} : { helo: announced }),
  finds: codes,
  also: (shown) => expect(changes(shown)).toEqual(expected),
}));

/** Names with a word that access providers use too. */
const words: Case[] = (
  [
    ['mta7.mobile.example.com', 'example.com', null],
    ['smtp-pool3.example.com', 'example.com', null],
    ['mail.customer.example.com', 'example.com', null],
    ['user12.example.com', 'example.com', null],
    ['dsl.example.com', 'example.com', null],
    ['nat2-5.example.com', 'mail.example.com', null],
    ['mail.dyn.example.com', 'example.com', 'info'],
    ['mx1.dhcp.example.com', 'example.com', 'info'],
    ['mail.dyn.example.com', 'example.net', 'warning'],
    ['mx1.pool.example.com', 'example.net', 'warning'],
    ['smtp-pool3.example.com', 'example.net', null],
    ['mail.customer.example.com', 'example.net', null],
  ] as const
).map(([name, domain, severity]) => ({
  when: `${name}, which leads back, of a sender at ${domain}`,
  domain,
  zone: { [reverse4]: named(name), [name]: at(ip) },
  helo: name,
  finds: severity === null ? [] : [{ code: 'ptr/scored-word', severity, evidence: { ptr: name } }],
  status: severity === 'warning' ? 'warn' : 'pass',
}));

const doubled: Case[] = [
  {
    when: 'the zone appears twice in a name that a wildcard leads back',
    zone: {
      [reverse4]: named('out.example.com.example.com'),
      'out.example.com': at(ip),
      '*.example.com': at(ip),
    },
    helo: 'out.example.com',
    finds: [
      {
        code: 'ptr/zone-appended',
        says: `The PTR record of ${ip} names out.example.com.example.com. The final dot is missing after out.example.com, so the zone editor appended example.com.`,
      },
    ],
    also: (shown) => expect(changes(shown)).toEqual([[...ptrTo('out.example.com'), '-out.example.com.example.com.']]),
  },
  {
    when: 'the zone appears twice in a name that leads back, while the short name is another host',
    zone: {
      [reverse4]: named('out.example.com.example.com'),
      'out.example.com': at('203.0.113.9'),
      'out.example.com.example.com': at(ip),
    },
    helo: 'out.example.com.example.com',
  },
];

/** What was meant by a name without address. */
const slips: Case[] = (
  [
    [
      'the reverse zone stands behind a name that has no address',
      { [reverse4]: named('out.example.com.113.0.203.in-addr.arpa') },
      'ptr/invalid-name',
      /The final dot is missing after out\.example\.com, so the zone editor appended 113\.0\.203\.in-addr\.arpa\.$/,
      [
        ['out.example.com A', ip],
        [...ptrTo('out.example.com'), '-out.example.com.113.0.203.in-addr.arpa.'],
      ],
    ],
    [
      'the ending appears twice',
      { [reverse4]: named('out.example.com.com'), 'out.example.com': at(ip) },
      'ptr/forward-missing',
      /Its ending appears twice: out\.example\.com was meant\.$/,
      [[...ptrTo('out.example.com'), '-out.example.com.com.']],
    ],
    [
      'an alias whose target got the zone appended',
      {
        [reverse4]: named('out.example.com'),
        'out.example.com': { CNAME: ['host.example.com.example.com'] },
        'host.example.com': at(ip),
      },
      'ptr/forward-missing',
      /The final dot is missing after host\.example\.com, so the zone editor appended example\.com\.$/,
      [[...ptrTo('host.example.com'), '-out.example.com.']],
    ],
  ] as const
).map(([when, zone, code, says, expected]) => ({
  when,
  zone,
  dns: { apexes: ['113.0.203.in-addr.arpa', 'example.com'] },
  finds: [{ code, says }],
  also: (shown) => expect(changes(shown)).toEqual(expected),
}));

const proxied: Case[] = [
  {
    when: 'a name that leads to a web proxy',
    zone: { [reverse4]: named(helo), [helo]: { A: ['104.21.10.20', '172.67.150.20'], AAAA: ['2606:4700::1'] } },
    helo,
    finds: [
      {
        code: 'ptr/forward-mismatch',
        evidence: { proxy: { proxy: 'Cloudflare', addresses: ['104.21.10.20', '172.67.150.20'] } },
        says: `The PTR record of ${ip} names ${helo}, but ${helo} resolves to 104.21.10.20, 172.67.150.20, addresses of Cloudflare’s web proxy.`,
        fix: `Point ${helo} to the mail server itself: its address record must hold ${ip}. In the Cloudflare dashboard, under DNS records, switch ${helo} from "Proxied" (orange cloud) to "DNS only" (grey cloud).`,
      },
    ],
    also: (shown) => expect(changes(shown)).toEqual([[`${helo} A`, ip, '-104.21.10.20', '-172.67.150.20']]),
  },
  {
    when: 'the name of the website, which leads to a web proxy',
    zone: { [reverse4]: named('example.com'), 'example.com': at('151.101.1.1') },
    helo: 'example.com',
    finds: [
      {
        code: 'ptr/forward-mismatch',
        fix: `Give the mail server its own name, such as mail.example.com, with an address record for ${ip}. At your DNS host, replace the records of mail.example.com that point to Fastly with an A record. Then use that name in the MX record, in the PTR record and as the HELO name.`,
      },
    ],
    also: (shown) => expect(changes(shown)).toEqual([]),
  },
  {
    when: 'an alias of an endpoint of a web proxy',
    zone: {
      [reverse4]: named(helo),
      [helo]: { CNAME: ['d111111abcdef8.cloudfront.net'] },
      'd111111abcdef8.cloudfront.net': at('198.51.100.7'),
    },
    helo,
    finds: [
      {
        code: 'ptr/forward-mismatch',
        fix: `Point ${helo} to the mail server itself: its address record must hold ${ip}. In Route 53 or at your DNS host, replace the alias of ${helo} to the CloudFront distribution with an A record.`,
      },
    ],
    also: (shown) => expect(changes(shown)).toEqual([]),
  },
];

ruleTest(ptr, [
  ...cases,
  ...wantedNames,
  ...malformedNames,
  ...impossibleNames,
  ...meant,
  ...goals,
  ...words,
  ...doubled,
  ...slips,
  ...proxied,
]);

const judge = (name: string, ip: string, isOwn = false) => judgeReverseName(name, ip as IpAddress, isOwn);

describe('a name that gives the address away', () => {
  const v4 = '203.0.113.5';
  const v6 = '2001:db8:1:2:3:4:5:6';
  test.each<[ip: string, name: string, evidence: string]>([
    [v4, 'ec2-203-0-113-5.compute-1.amazonaws.com', '203-0-113-5'],
    [v4, '203.0.113.5.example.net', '203.0.113.5'],
    [v4, 'a203_0_113_5.example.net', '203_0_113_5'],
    [v4, '203x0x113x5.example.net', '203x0x113x5'],
    [v4, '203-000-113-005.example.net', '203-000-113-005'],
    [v4, '5.113.0.203.example.net', '5.113.0.203'],
    [v4, 'static.5.113.0.203.clients.your-server.de', '5.113.0.203'],
    [v4, 'host203000113005.example.net', '203000113005'],
    [v4, 'host005113000203.example.net', '005113000203'],
    [v4, 'host20301135.example.net', '20301135'],
    [v4, 'host51130203.example.net', '51130203'],
    [v4, 'cb007105.example.net', 'cb007105'],
    [v4, 'x-057100cb.example.net', '057100cb'],
    [v4, 'vps-113-5.example.net', '113-5'],
    [v4, 'vps-5-113.example.net', '5-113'],
    [v4, '113.5.rev.example.co.uk', '113.5'],
    [v4, '5_113.node.example.net', '5_113'],
    [v6, '2001-db8-1-2-3-4-5-6.example.net', '2001-db8-1-2-3-4-5-6'],
    [v6, '20010db80001000200030004.example.net', '20010db800010002'],
    [v6, '2001-0db8-0001-0002.example.net', '20010db800010002'],
    [v6, 'x0003000400050006.example.net', '0003000400050006'],
    [v6, '0db8000100020003.example.net', '0db8000100020003'],
    [v6, '6.0.0.0.5.0.0.0.4.0.0.0.3.0.0.0.example.net', '6000500040003000'],
    ['2001:db8::5', '20010db800000000.example.net', '20010db800000000'],
    ['2001:db8:1::5', '2001-db8-1-5.example.net', '2001-db8-1-5'],
    ['2001:db8:1::5', 'x.2001-db8-1--5.example.net', '2001-db8-1-5'],
  ])('%s %s', (ip, name, evidence) => {
    expect(judge(name, ip).generic).toEqual({ pattern: 'ip-in-name', evidence });
  });

  test.each('ip ec2 host vps server static node srv client customer unassigned vm cloud rev reverse ptr'.split(' '))(
    'the last two octets beside "%s"',
    (word) => {
      expect(judge(`${word}-113-5.example.net`, v4).generic?.evidence).toBe('113-5');
      expect(judge(`x${word}-113-5.example.net`, v4).generic).toBeUndefined();
      expect(judge(`${word}x-113-5.example.net`, v4).generic).toBeUndefined();
    },
  );

  test.each<[ip: string, name: string]>([
    [v4, 'mail.example.com'],
    [v4, 'mx5.example.com'],
    [v4, 'mail-113.example.com'],
    [v4, 'mail-113-5.example.com'],
    [v4, 'out203.example.com'],
    [v4, 'dynamic-pricing.example'],
    [v4, '203-0-113.example.com'],
    [v4, '1203-0-113-5.example.com'],
    [v4, '203-0-113-55.example.com'],
    [v4, 'host120301135.example.com'],
    [v4, 'host203011355.example.com'],
    [v4, 'acb007105.example.com'],
    [v4, 'cb007105a.example.com'],
    [v4, 'vps-1113-5.example.com'],
    [v4, 'vps-113-55.example.com'],
    // The whole name is the registered one: nobody hands that out.
    [v4, 'cb007105.com'],
    // Seven digits or fewer are in too many names.
    ['192.0.2.1', 'host192021.example.com'],
    [v6, 'mail6.example.com'],
    [v6, '20010db80001000.example.com'],
    ['2001:db8::5', 'mx5.example.com'],
    ['2001:db8::5', '2001-db8-5.example.com'],
    ['2001:db8::5', 'x0000000000000000.example.com'],
    ['2001:db8:1::5', '2001-db8-1-6.example.com'],
  ])('%s %s is a name of its own', (ip, name) => {
    expect(judge(name, ip).generic).toBeUndefined();
  });
});

describe('a provider’s default name', () => {
  test.each<[name: string, evidence: string | undefined]>([
    ['vps-1a2b3c4d.vps.ovh.net', 'vps.ovh.net'],
    ['vps-deadbeef.vps.ovh.net', 'vps.ovh.net'],
    ['vps-deadbee.vps.ovh.net', undefined],
    ['ns3021345.ip-203-0-113.eu', 'ip-203-0-113.eu'],
    ['ip-192-10-113.net', 'ip-192-10-113.net'],
    ['zip-203-0-113.eu', undefined],
    ['ns3021345.ip-203-0-113.eu.example.com', undefined],
    ['ns3021345.ip-203-0-113.com', undefined],
    ['mail17.bluehost.com', 'bluehost.com'],
    ['mail1.bluehost.com', undefined],
    ['mail.bluehost.com', undefined],
    ['mail17.notbluehost.com', undefined],
    ['astra17.startdedicated.com', 'startdedicated.com'],
    ['ecs-17-20.hwclouds-dns.com', 'hwclouds-dns.com'],
    ['17.static.cnode.io', 'static.cnode.io'],
    ['p17.prod.secureserver.net', 'secureserver.net'],
    ['v17.hosted-by-vdsina.com', 'hosted-by-vdsina.com'],
    ['198-51-100-17-host.colocrossing.com', 'colocrossing.com'],
    ['client-198-51-100-17.hostwindsdns.com', 'hostwindsdns.com'],
  ])('%s', (name, evidence) => {
    const expected = evidence === undefined ? undefined : { pattern: 'provider-default', evidence };
    expect(judge(name, '203.0.113.5').generic).toEqual(expected);
  });
});

describe('an end-user line', () => {
  const ip = '203.0.113.5';

  test.each(
    'dyn dynamic dynip dhcp dial dialup ppp pppoe pptp pool adsl xdsl vdsl dsl cable catv cpe docsis modem broadband bredband gprs cdma mobile wifi nat res resnet client clients cust customer user'.split(
      ' ',
    ),
  )('"%s" beside the address', (word) => {
    for (const name of [`${word}-203-0-113-5.example.net`, `203-0-113-5.${word}12.example.net`]) {
      expect(judge(name, ip).dynamic).toBe(word);
      expect(judge(name, ip, true).dynamic).toBe(word);
    }
    expect(judge(`z${word}-203-0-113-5.example.net`, ip).dynamic).toBeUndefined();
    expect(judge(`a.${word}12-b.example.net`, ip).dynamic).toBeUndefined();
    expect(judge(`${word}.example.net`, ip)).toEqual({ generic: undefined, dynamic: undefined, scored: undefined });
  });

  test.each<[name: string, evidence: string | undefined]>([
    ['fia160-115.dsl.example.net', 'dsl'],
    ['dhcp024-210.columbus.example.net', 'dhcp'],
    ['dyn-pool-7.example.net', 'dyn'],
    ['dsl-customer-12.example.net', 'dsl'],
    ['pool-113-5.example.net', 'pool'],
    ['pool-113-6.example.net', undefined],
    ['mx1.dsl2.example.net', undefined],
    ['dyn-pool.example.net', undefined],
    ['dynamo.example.net', undefined],
    ['dyn.com', undefined],
    ['res.in', undefined],
    ['static-dsl-203-0-113-5.example.net', undefined],
    ['fix.dsl-5-6.example.net', undefined],
    ['dsl-203-0-113-5-fixip.example.net', undefined],
  ])('%s of another domain: %s', (name, evidence) => {
    expect(judge(name, ip).dynamic).toBe(evidence);
  });

  test.each(['fia160-115.dsl.example.com', 'dhcp024-210.columbus.example.com', 'dyn-pool-7.example.com'])(
    '%s of the sender’s own domain is none',
    (name) => {
      expect(judge(name, ip, true).dynamic).toBeUndefined();
    },
  );
});

describe('a word that spam filters score', () => {
  test.each<[name: string, word: string | undefined]>([
    ['mail.dyn.example.net', 'dyn'],
    ['x-dynamic-y.example.co.uk', 'dynamic'],
    ['a.client.example.net', 'client'],
    ['pool-3.example.net', 'pool'],
    ['3pool.example.net', 'pool'],
    ['a.unused-addr.example.net', 'unused-addr'],
    ['7.in-addr.example.net', 'in-addr'],
    ['main-addr.example.net', undefined],
    ['in-address.example.net', undefined],
    ['dyn.example.net', undefined],
    ['pool3.example.net', undefined],
    ['smtp-pool3.example.net', undefined],
    ['mail.customer.example.net', undefined],
    ['mail.mobile.example.net', undefined],
    ['static.dyn.example.net', undefined],
    ['vps-113-5.dyn.example.net', undefined],
  ])('%s: %s', (name, word) => {
    expect(judge(name, '203.0.113.5').scored?.word).toBe(word);
  });
});
