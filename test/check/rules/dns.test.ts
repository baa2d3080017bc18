import { expect } from 'vitest';
import dns from '../../../src/check/rules/dns/rule.ts';
import { type ExpectedFinding, type RuleCase, ruleTest } from '../../world/rule-test.ts';
import type { DnsScript } from '../../world/zone.ts';

type Code = keyof typeof dns.findings;
type Case = RuleCase<Code>;
type Script = NonNullable<DnsScript['nameServers']>[string];

const zone = { 'example.com': { SOA: [], MX: ['10 mail.example.com'] } } as const;
/** The address is only read: the rule connects to nothing but the DNS of the test. */
const inPublic = { ips: ['8.8.4.4'], settings: { allowPrivate: false } };

const aboutDomain = {
  subject: 'example.com',
  about: { name: 'example.com' },
  rests: ['SOA example.com', 'MX example.com', 'TXT example.com'],
} as const;
const probe = /^mailcheck-[a-z0-9]+\.invalid$/;

const unreachable = (rcode: string, sentence: string): ExpectedFinding<Code> => ({
  code: 'dns/unreachable',
  subject: 'example.com',
  about: { name: 'example.com' },
  evidence: {
    reason: 'no-answer',
    query: { name: 'example.com', type: 'SOA', rcode },
    queries: ['SOA', 'MX', 'TXT'].map((type) => ({ type, rcode })),
    servers: ['127.0.0.1#53'],
  },
  says: `No usable answer for example.com SOA: ${sentence}.`,
  fix: 'The DNS servers asked (127.0.0.1#53) answer for other names. Contact whoever runs the name servers of example.com, or ask another resolver with --dns. Then run again.',
});

const resolver = (state: string, rcode: string, sentence: string): ExpectedFinding<Code> => ({
  code: 'dns/unreachable',
  about: {},
  rests: ['SOA example.com'],
  evidence: { reason: 'resolver', state, query: { rcode }, servers: ['127.0.0.1#53'] },
  says: `Not checked: ${sentence}`,
});

/** The lookups of types of the domain that failed, or the one of a name that does not exist. */
const unseen = (name: unknown, types: readonly string[]): ExpectedFinding<Code> => ({
  code: 'dns/unreachable',
  about: { name: 'example.com', item: 'unseen' },
  evidence: { reason: 'unseen', queries: types.map((type) => ({ name, type })), failed: types.length, leftOut: [] },
});

const contradictory = (denied: string, confirmed: string): ExpectedFinding<Code> => ({
  code: 'dns/unreachable',
  about: { name: 'example.com', item: 'contradictory' },
  rests: [...aboutDomain.rests],
  says: `The name servers of example.com contradict themselves: the name does not exist for ${denied} (NXDOMAIN), but it exists for ${confirmed}.`,
  fix: /NXDOMAIN covers all types/,
});

const cases: Case[] = [
  { when: 'a sound zone and a public address', zone },
  {
    when: 'NXDOMAIN for the domain (RFC 8020 §2)',
    finds: [
      {
        code: 'dns/domain-nonexistent',
        ...aboutDomain,
        evidence: { domain: 'example.com', query: { name: 'example.com', type: 'SOA', rcode: 'nxdomain' } },
      },
    ],
  },
  { when: 'a domain that has other types only', zone: { 'example.com': { A: ['192.0.2.1'] } } },
  { when: 'a domain with nothing but names below it', zone: { 'www.example.com': { A: ['192.0.2.1'] } } },
  {
    when: 'NXDOMAIN for SOA only, which is not believed',
    zone: { 'example.com': { SOA: 'nxdomain', MX: [], TXT: [] } },
    finds: [contradictory('SOA', 'MX')],
    status: 'inconclusive',
  },
  {
    when: 'NXDOMAIN for SOA and MX, but not for TXT',
    zone: { 'example.com': { SOA: 'nxdomain', MX: 'nxdomain', TXT: [] } },
    finds: [contradictory('SOA', 'TXT')],
  },
  {
    when: 'NXDOMAIN for MX and TXT, but not for SOA',
    zone: { 'example.com': { SOA: [], MX: 'nxdomain', TXT: 'nxdomain' } },
    finds: [contradictory('MX', 'SOA')],
  },
  {
    when: 'a resolver that rewrites (RFC 6761 §6.4)',
    zone: { ...zone, 'ipv4only.arpa': { A: ['192.0.0.170'] } },
    dns: { rewriteTo: '198.51.100.1' },
    finds: [
      {
        code: 'dns/resolver-rewrites',
        about: {},
        evidence: {
          query: { name: expect.stringMatching(probe), type: 'A' },
          records: ['198.51.100.1'],
        },
        says: /^The resolver invents answers: 127\.0\.0\.1#53 gives 198\.51\.100\.1 for mailcheck-[a-z0-9]+\.invalid, which cannot exist\.$/,
        fix: 'Use a resolver that does not rewrite answers: use another DNS server, such as --dns 127.0.0.1 if a resolver runs on this machine.',
      },
    ],
    also: ({ findings }) => {
      expect(findings[0]?.rests).toEqual([{ name: expect.stringMatching(probe), type: 'A' }]);
    },
  },
  {
    when: 'a proxy that gives placeholders',
    zone,
    dns: { rewriteTo: '198.18.0.7' },
    finds: [
      {
        code: 'dns/resolver-rewrites',
        evidence: { state: 'inventing', invention: 'placeholder', records: ['198.18.0.7'] },
        says: /^A proxy or VPN answers DNS queries .* \("fake IP"\): .* gives 198\.18\.0\.7 for /,
        fix: /^Turn off the proxy or its fake-IP mode/,
      },
    ],
  },
  {
    when: 'a network that gives one address for every name',
    zone: { ...zone, 'ipv4only.arpa': { A: ['198.51.100.1'] } },
    dns: { rewriteTo: '198.51.100.1' },
    finds: [
      {
        code: 'dns/resolver-rewrites',
        evidence: { state: 'inventing', invention: 'portal' },
        says: /It probably needs a login first \(captive portal\)\.$/,
        fix: /^Log in to the network in a browser/,
      },
    ],
  },
  {
    when: 'every question is refused',
    zone,
    dns: { fault: 'refused' },
    finds: [resolver('refusing', 'refused', 'The DNS server 127.0.0.1#53 refuses to answer this machine (REFUSED).')],
  },
  {
    when: 'every question fails',
    zone,
    dns: { fault: 'servfail' },
    finds: [
      resolver(
        'failing',
        'servfail',
        'The DNS server 127.0.0.1#53 resolves neither arpa nor example.com: the server failed (SERVFAIL).',
      ),
    ],
    status: 'inconclusive',
  },
  {
    when: 'no question is answered',
    zone,
    dns: { fault: 'timeout' },
    finds: [resolver('silent', 'timeout', 'No DNS server answers (127.0.0.1#53).')],
  },
  {
    when: 'no question can be sent',
    zone,
    dns: { fault: 'unreachable' },
    finds: [resolver('unreachable', 'unreachable', 'No DNS server can be reached: the server cannot be reached.')],
  },
  {
    when: 'the name servers of the domain are dead, and those of other names are not',
    zone: { 'example.com': 'servfail' },
    finds: [unreachable('servfail', 'the server failed (SERVFAIL)')],
    status: 'inconclusive',
  },
  {
    when: 'a name server that knows its own zone only',
    zone: { ...zone, arpa: 'refused', '*.invalid': 'refused' },
    finds: [unseen(expect.stringMatching(probe), ['A'])],
  },
  {
    when: 'one type that fails, while others are answered',
    zone: { 'example.com': { SOA: 'servfail', MX: [], TXT: [] } },
    finds: [unseen('example.com', ['SOA'])],
    status: 'inconclusive',
  },
  {
    when: 'a type that fails, while others are denied',
    zone: { 'example.com': { SOA: 'nxdomain', MX: 'nxdomain', TXT: 'servfail' } },
    finds: [unseen('example.com', ['TXT'])],
    status: 'inconclusive',
  },
  {
    when: 'no answer for the name that cannot exist, so that the resolver may rewrite',
    zone: { ...zone, '*.invalid': 'timeout' },
    finds: [unseen(expect.stringMatching(probe), ['A'])],
    status: 'inconclusive',
  },
  {
    when: 'two types that fail, while one is answered',
    zone: { 'example.com': { SOA: 'servfail', MX: 'servfail', TXT: [] } },
    finds: [unseen('example.com', ['MX', 'SOA'])],
  },
];

const SERVERS = { first: '192.0.2.53', second: '198.51.100.53', parent: '192.0.2.1' } as const;
const DELEGATED = ['ns1.example.com', 'ns2.example.com'];
const start = { SOA: ['ns1.example.com hostmaster.example.com 7 3600'], NS: DELEGATED } as const;
const signposts = {
  com: { NS: ['ns.parent.example'] },
  'ns.parent.example': { A: [SERVERS.parent] },
  'ns1.example.com': { A: [SERVERS.first] },
  'ns2.example.com': { A: [SERVERS.second] },
} as const;

/** The name servers are asked, because the user wants it. The records of the domain are MX records alone. */
const asked = (first: Script, second: Script, ...mx: readonly string[]): Pick<Case, 'zone' | 'dns' | 'settings'> => ({
  zone: { ...signposts, 'example.com': { NS: DELEGATED, MX: mx } },
  dns: {
    nameServers: {
      [SERVERS.parent]: { zone: {}, delegations: { 'example.com': DELEGATED } },
      [SERVERS.first]: first,
      [SERVERS.second]: second,
    },
  },
  settings: { authoritative: true, allowPrivate: false },
});
const having = (...mx: readonly string[]): Script => ({ zone: { 'example.com': { ...start, MX: mx } } });

const atNameServers: Case[] = [
  {
    when: 'two name servers that say what the resolver says',
    ...asked(having('10 mail.example.com'), having('10 mail.example.com'), '10 mail.example.com'),
  },
  {
    when: 'two name servers of which one refuses (RFC 1912 §2.8)',
    ...asked({ zone: {}, fault: 'refused' }, having('10 mail.example.com'), '10 mail.example.com'),
    finds: [
      {
        code: 'dns/lame-delegation',
        about: { name: 'ns1.example.com', item: 'example.com at 192.0.2.53' },
        rests: ['NS example.com'],
        says: 'example.com is delegated to ns1.example.com (192.0.2.53), which refuses to answer for it (REFUSED).',
        fix: /^Load example\.com on ns1\.example\.com, or take ns1\.example\.com out of the delegation/,
      },
    ],
    status: 'warn',
  },
  {
    when: 'two name servers of which one refuses only some questions',
    ...asked(
      { zone: { 'example.com': { SOA: 'refused', NS: DELEGATED } } },
      having('10 mail.example.com'),
      '10 mail.example.com',
    ),
    finds: [{ code: 'dns/unreachable', evidence: { reason: 'name-servers', names: ['example.com'] } }],
  },
  {
    when: 'two name servers with different MX records',
    ...asked(having('10 mail.example.com'), having('10 mx.example.com'), '10 mail.example.com'),
    finds: [
      {
        code: 'dns/authoritative-disagreement',
        about: { name: 'example.com', item: 'MX' },
        rests: ['MX example.com'],
        says: /^The name servers of example\.com give 2 different answers for MX of example\.com: 10 mail/,
        details: [
          { label: '10 mail.example.com.', text: 'ns1.example.com (192.0.2.53, serial 7)' },
          { label: '10 mx.example.com.', text: 'ns2.example.com (198.51.100.53, serial 7)' },
        ],
      },
    ],
  },
  {
    when: 'two name servers with the same MX records in another order and spelling',
    ...asked(
      having('10 mail.example.com', '20 mx.example.com'),
      having('20 MX.example.com', '10 mail.example.com'),
      '10 mail.example.com',
      '20 mx.example.com',
    ),
  },
  {
    when: 'a resolver with an old MX record',
    ...asked(having('10 mail.example.com'), having('10 mail.example.com'), '10 old.example.com'),
    finds: [
      {
        code: 'dns/stale-cache',
        about: { name: 'example.com', item: 'MX' },
        rests: ['MX example.com'],
        says: /still has an old answer for MX of example\.com: 10 old\.example\.com\.; its name servers say 10 mail\.example\.com\.\. Receivers see the new answer by [\d: -]+UTC \(TTL 300 s\)\.$/,
        fix: /^Wait until [\d: -]+UTC\.$/,
      },
    ],
    status: 'pass',
  },
];

/** RFC 6890 */
/** What to do about an address that somebody copied from an example, and about another that is not public. */
const TYPE_YOUR_OWN = /^\S+ is an address for examples\. Type the public address of your own mail server instead\./;
const TEST_THE_PUBLIC_ONE =
  /^Test the public address that mail leaves from \(the NAT, elastic or floating IP\) instead of /;

const specialAddresses: Case[] = (
  [
    ['10.0.0.1', 'private use (RFC 1918)'],
    ['100.64.0.1', 'shared address space for carrier-grade NAT (RFC 6598)'],
    ['127.0.0.1', 'loopback (RFC 1122)'],
    ['169.254.169.254', 'link local (RFC 3927)'],
    ['172.31.0.1', 'private use (RFC 1918)'],
    ['192.168.1.1', 'private use (RFC 1918)'],
    ['203.0.113.5', 'documentation (TEST-NET-3, RFC 5737)'],
    ['224.0.0.1', 'multicast (RFC 5771)'],
    ['::1', 'loopback (RFC 4291)'],
    ['fe80::1', 'link local (RFC 4291)'],
    ['fd00::1', 'unique local (RFC 4193)'],
    ['2001:db8::5', 'documentation (RFC 3849)'],
    ['2002::1', '6to4 (RFC 3056)'],
  ] as const
).flatMap(([ip, block]) =>
  ([false, true] as const).map(
    (allowPrivate): Case => ({
      when: `${ip}, ${block}, ${allowPrivate ? 'in a lab' : 'in public'}`,
      zone,
      ips: [ip],
      settings: { allowPrivate },
      finds: [
        {
          code: 'dns/ip-not-public',
          severity: allowPrivate ? 'info' : 'error',
          subject: ip,
          about: { ip },
          rests: [],
          evidence: { ip, block, connectionsAllowed: allowPrivate },
          says: `${ip} cannot be reached from the internet: ${block}.`,
          ...(allowPrivate ? {} : { fix: block.startsWith('documentation') ? TYPE_YOUR_OWN : TEST_THE_PUBLIC_ONE }),
        },
      ],
      status: allowPrivate ? 'pass' : 'fail',
    }),
  ),
);

ruleTest(dns, [...[...cases, ...atNameServers].map((given) => ({ ...inPublic, ...given })), ...specialAddresses]);
