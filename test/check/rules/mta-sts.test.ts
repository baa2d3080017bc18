import { expect } from 'vitest';
import rule from '../../../src/check/rules/mta-sts/rule.ts';
import { parseZone } from '../../../src/standards/zone-file/parse.ts';
import { selfSigned } from '../../world/certificates.ts';
import { NOW } from '../../world/clock.ts';
import type { HttpsScript } from '../../world/https.ts';
import { type RuleCase, ruleTest } from '../../world/rule-test.ts';
import { type HostScript, worldAuthority } from '../../world/world.ts';
import type { ZoneScript } from '../../world/zone.ts';

type Code = keyof typeof rule.findings;
type Case = RuleCase<Code>;

const ip = '203.0.113.5';
const web = '203.0.113.80';
const name = '_mta-sts.example.com';
const host = 'mta-sts.example.com';
const url = 'https://mta-sts.example.com/.well-known/mta-sts.txt';
const TXT = `TXT ${name}`;
const ADDRESS = [`A ${host}`, `AAAA ${host}`];
/** The record with a new id, at the time of the tests. */
const FRESH = `v=STSv1; id=${new Date(NOW).toISOString().replace(/\D/g, '').slice(0, 14)}Z;`;

const mail: ZoneScript = {
  'example.com': { MX: ['10 mail.example.com'] },
  'mail.example.com': { A: [ip] },
  [host]: { A: [web] },
};
const record = (...texts: string[]): ZoneScript => ({ [name]: { TXT: texts } });
const zone: ZoneScript = { ...mail, ...record('v=STSv1; id=1;') };

const policy = (...lines: string[]): string => lines.map((line) => `${line}\r\n`).join('');
const enforce = policy('version: STSv1', 'mode: enforce', 'mx: mail.example.com', 'max_age: 1209600');
const testing = enforce.replace('enforce', 'testing');

const identity = worldAuthority.issue({ names: ['mail.example.com'] });
const good: HostScript = { name: 'mail.example.com', tls: { identity } };

/** A case with a policy and a good mail server, where it does not say otherwise. */
function served(given: Case & { readonly site?: HttpsScript | 'refused' | 'no-route' }): Case {
  const { site = {}, ...others } = given;
  const whole = typeof site === 'string' ? site : { body: enforce, path: '/.well-known/mta-sts.txt', ...site };
  return { zone, hosts: { [ip]: good }, web: { [web]: whole }, now: Date.now(), ...others };
}

/** Two MX hosts at one address, which the policy names. */
const twoNames = {
  zone: {
    ...zone,
    'example.com': { MX: ['10 mail.example.com', '20 mx2.example.com'] },
    'mx2.example.com': { A: [ip] },
  },
  site: { body: `${enforce}mx: mx2.example.com\r\n` },
};

const plain: Case[] = [
  {
    when: 'a domain without any of it: two questions and no request',
    zone: { 'example.com': { MX: ['10 mail.example.com'] } },
    status: 'pass',
    note: 'no record',
    finds: [
      {
        code: 'mta-sts/absent',
        about: { name },
        rests: [TXT],
        says: `No MTA-STS record was found (${name} does not exist).`,
        fix: /"v=STSv1; id=\d{14}Z;" at _mta-sts\.example\.com/,
      },
    ],
    also: ({ asked, report, result }) => {
      expect(asked.filter((one) => one.includes('mta-sts')).sort()).toEqual([`A ${host}`, TXT]);
      expect(report.timing).not.toHaveProperty('httpsRequests');
      expect(result.unused).toBe(true);
    },
  },
  {
    when: 'an address of the web server without a record, and nothing listens',
    zone: mail,
    web: { [web]: 'refused' },
    note: 'no record',
    finds: ['mta-sts/absent'],
  },
  {
    when: 'a policy without a record',
    zone: mail,
    web: { [web]: { body: enforce } },
    now: Date.now(),
    finds: [
      {
        code: 'mta-sts/orphan-policy',
        about: { name },
        rests: [TXT, ...ADDRESS],
        evidence: { mode: 'enforce', host },
        fix: /publish the TXT record "v=STSv1; id=\d{14}Z;"/,
      },
    ],
    status: 'pass',
    also: ({ report, result }) => {
      expect(report).not.toHaveProperty('mtaSts');
      expect(result).not.toHaveProperty('unused');
    },
  },
  {
    when: 'a broken file without a record, which nobody reads',
    zone: mail,
    web: { [web]: { body: 'hello' } },
    now: Date.now(),
    finds: ['mta-sts/absent'],
  },
  { when: 'the lookup of the record fails', zone: { ...mail, [name]: 'servfail' }, finds: ['mta-sts/inconclusive'] },
  {
    when: 'the lookup of the web server’s address fails',
    zone: { ...zone, [host]: 'servfail' },
    finds: [{ code: 'mta-sts/inconclusive', evidence: { reason: 'host-lookup-failed' } }],
  },
];

const nearMisses: Case[] = (
  [
    ['white space before it', ' v=STSv1; id=1;', 'blank-before', 'id=1'],
    ['lower case', 'v=stsv1; id=20260102T', 'case', 'id=20260102T'],
    ['quotation marks of its own', '"v=STSv1; id=7"', 'quotes', 'id=7'],
    ['white space inside', 'v = STSv1; id=1', 'blank-inside', 'id=1'],
    ['no semicolon', 'v=STSv1 id=3', 'no-semicolon', 'id=3'],
    ['another version', 'v=STSv2; id=4', 'version', 'id=4'],
    ['the id before the version', 'id=5; v=STSv1', 'order', 'id=5'],
  ] as const
).map(([when, text, slip, id]) =>
  served({
    when: `a record with ${when} is ignored`,
    zone: { ...mail, ...record(text) },
    status: 'warn',
    finds: [
      {
        code: 'mta-sts/absent',
        severity: 'warning',
        about: { name },
        evidence: { nearMiss: { slip } },
        says: /^Senders ignore ".*" at _mta-sts\.example\.com, so the domain has no MTA-STS: /,
        remediation: { records: [{ value: `v=STSv1; ${id};` }] },
      },
    ],
  }),
);

const invalid: Case[] = (
  [
    ['no id', 'v=STSv1;', 'no-id', FRESH],
    ['an id with a hyphen', 'v=STSv1; id=2026-01-02', 'bad-id', 'v=STSv1; id=20260102;'],
    ['an id of 33 characters', `v=STSv1; id=${'a'.repeat(33)}`, 'bad-id', `v=STSv1; id=${'a'.repeat(32)};`],
    ['two ids', 'v=STSv1; id=1; id=2', 'several-ids', 'v=STSv1; id=1;'],
    ['an empty field', 'v=STSv1; id=1;;', 'empty-field', 'v=STSv1; id=1;'],
    ['a field without a value', 'v=STSv1; id=1; x=', 'bad-field', 'v=STSv1; id=1;'],
    ['a blank in a value', 'v=STSv1; id=1; note=a b;', 'bad-field', 'v=STSv1; id=1;'],
  ] as const
).map(([when, text, kind, correct]) => ({
  when: `a record with ${when}`,
  zone: { 'example.com': { MX: ['0 .'] }, ...record(text) },
  finds: [
    {
      code: 'mta-sts/txt-invalid',
      about: { name },
      rests: [TXT],
      evidence: { records: [text] },
      remediation: { records: [{ value: correct }] },
    },
    { code: 'mta-sts/policy-unreachable', evidence: { stage: 'name' } },
  ],
  also: ({ findings }) => expect(findings[0]?.evidence).toMatchObject({ defects: [{ kind }] }),
}));

const records: Case[] = [
  served({
    when: 'two records',
    zone: { ...mail, ...record('v=STSv1; id=1;', 'v=STSv1; id=2;') },
    finds: [
      {
        code: 'mta-sts/txt-invalid',
        says: `${name} has 2 MTA-STS records, so senders use none of them.`,
        remediation: { records: [{ value: expect.stringMatching(/^v=STSv1; id=\d{14}Z;$/) }] },
      },
    ],
  }),
  served({
    when: 'a record with extensions beside a foreign text',
    zone: { ...mail, ...record('v=STSv1; id=1; x_y.z-1=!<>', 'other') },
  }),
  served({
    when: 'a record that ends with a blank',
    zone: { ...mail, ...record('v=STSv1; id=1 ') },
    finds: [{ code: 'mta-sts/txt-invalid', severity: 'warning' }],
    status: 'warn',
  }),
];

const fetches: Case[] = [
  {
    when: 'the web server has no address',
    zone: { ...mail, [host]: { TXT: ['x'] }, ...record('v=STSv1; id=1;') },
    finds: [
      {
        code: 'mta-sts/policy-unreachable',
        about: { name: host },
        rests: [TXT, ...ADDRESS],
        evidence: { stage: 'name' },
        says: `Senders cannot fetch the MTA-STS policy: ${host} has no address.`,
      },
    ],
  },
  served({
    when: 'the web server refuses the connection',
    site: 'refused',
    finds: [{ code: 'mta-sts/policy-unreachable', evidence: { stage: 'connection' } }],
  }),
  served({
    when: 'this machine has no route to the web server',
    site: 'no-route',
    finds: [{ code: 'mta-sts/inconclusive', evidence: { reason: 'policy-unfetched', status: 'no-route' } }],
  }),
  ...(
    [
      ['a handshake that fails', { handshake: 'alert' }, 'handshake', /TLS with .* fails/],
      ['a certificate for another name', { certificate: 'wrong-name' }, 'certificate', /is for www\.example\.com/],
      ['a certificate that has expired', { certificate: 'expired' }, 'certificate', /out of date/],
      ['a self-signed certificate', { certificate: 'self-signed' }, 'certificate', /not trusted \(DEPTH_ZERO/],
      ['a certificate of an unknown CA', { certificate: 'untrusted' }, 'certificate', /not trusted \(UNABLE/],
      ['a missing file', { path: '/elsewhere' }, 'status', /answers with the code 404/],
      ['no content', { status: 204 }, 'status', /the code 204/],
      ['a redirect', { status: 301, headers: { Location: '/x' } }, 'redirect', /redirects to "\/x" \(301\)/],
      ['a compressed response', { headers: { 'Content-Encoding': 'gzip' } }, 'response', /is encoded \(gzip\)/],
      ['a response that breaks off', { cutAfter: 120 }, 'response', /closed the connection/],
    ] as const
  ).map(([when, site, stage, says]) =>
    served({
      when: `the web server has ${when}`,
      site,
      finds: [{ code: 'mta-sts/policy-unreachable', evidence: { stage }, says }],
    }),
  ),
  {
    when: 'the web server has a private address',
    zone: { ...zone, [host]: { A: ['10.1.2.3'] } },
    settings: { allowPrivate: false },
    isDirect: true,
    ips: ['8.8.8.8'],
    finds: [{ code: 'mta-sts/policy-unreachable', evidence: { stage: 'private' } }],
  },
  served({
    when: 'the web server does not answer, and the time for the run is up',
    site: { isSilent: true },
    timeoutMs: 300,
    finds: [{ code: 'mta-sts/inconclusive', evidence: { reason: 'policy-unfetched', status: 'aborted' } }],
    also: ({ findings }) => expect(findings[0]?.obstacle?.kind).toBe('time-limit'),
  }),
  {
    when: 'no web request is made with --dns-only',
    zone,
    settings: { dnsOnly: true },
    skips: 'no web request with --dns-only',
  },
];

const files: Case[] = [
  served({
    when: 'a good policy',
    note: 'enforce, id 1, kept for 14 days; covers mail.example.com',
    also: ({ report, web: sites }) => {
      expect(report.mtaSts).toEqual({ id: '1', mode: 'enforce', mx: ['mail.example.com'], maxAge: 1_209_600 });
      expect(report.timing.httpsRequests).toBe(1);
      expect(sites.get(web)?.connections).toBe(1);
    },
  }),
  served({
    when: 'a policy with a wildcard',
    site: { body: enforce.replace('mx: mail', 'mx: *') },
    note: 'enforce, id 1, kept for 14 days; covers mail.example.com (*.example.com)',
  }),
  served({
    when: 'a policy without a mode',
    site: { body: enforce.replace('mode: enforce\r\n', '') },
    finds: [
      {
        code: 'mta-sts/policy-invalid',
        about: { name: host },
        rests: [TXT, ...ADDRESS],
        says: `The MTA-STS policy at ${url} has errors: there is no mode.`,
        fix: 'Correct the lines of the policy file, then change the id in the TXT record.',
      },
    ],
  }),
  served({
    when: 'a policy with a repeated field',
    site: { body: `${enforce}mode: testing\r\n` },
    finds: [
      { code: 'mta-sts/policy-invalid', severity: 'warning', says: /"mode: testing" repeats a field.*\(line 5\)/ },
    ],
    status: 'warn',
  }),
  served({
    when: 'a policy with a key that is probably a slip',
    site: { body: `${enforce}nmx: mx2.example.com\r\n` },
    finds: [{ code: 'mta-sts/policy-invalid', severity: 'warning', says: /type "mx: mx2\.example\.com"/ }],
  }),
  served({
    when: 'a policy as HTML',
    site: { headers: { 'Content-Type': 'text/html' } },
    finds: [{ code: 'mta-sts/policy-invalid', says: /Content-Type is "text\/html"/ }],
  }),
  served({ when: 'a media type with parameters', site: { headers: { 'Content-Type': 'Text/Plain; charset=utf-8' } } }),
  served({
    when: 'a file without a media type',
    site: { raw: `HTTP/1.1 200 OK\r\n\r\n${enforce}` },
    finds: [{ code: 'mta-sts/policy-invalid', severity: 'warning', says: /it has no Content-Type/ }],
  }),
  served({
    when: 'a file of more than 64 KiB',
    site: { body: `${enforce}x: ${'a'.repeat(65_536)}\r\n` },
    finds: [{ code: 'mta-sts/policy-invalid', says: /longer than 64 KiB/ }],
  }),
  served({
    when: 'the mode testing',
    site: { body: testing },
    finds: [{ code: 'mta-sts/not-enforcing', evidence: { mode: 'testing' } }],
    status: 'pass',
  }),
  served({
    when: 'the mode none, under which no MX host is judged',
    site: { body: policy('version: STSv1', 'mode: none', 'max_age: 86400') },
    hosts: {},
    finds: [{ code: 'mta-sts/not-enforcing', evidence: { mode: 'none' } }],
    note: 'none, id 1, kept for 1 day',
  }),
  served({
    when: 'a short max_age',
    site: { body: enforce.replace('1209600', '86399') },
    finds: [{ code: 'mta-sts/max-age-short', says: /for only 86399 seconds \(max_age: 86399\)/ }],
  }),
  served({ when: 'a max_age of one day', site: { body: enforce.replace('1209600', '86400') } }),
];

const two: ZoneScript = {
  ...zone,
  'example.com': { MX: ['10 mail.example.com', '20 mx2.example.net'] },
  'mx2.example.net': { A: ['203.0.113.6'] },
};

const hosts: Case[] = [
  served({
    when: 'a policy that names no MX host',
    site: { body: enforce.replace('mail.', '*.mail.') },
    finds: [
      {
        code: 'mta-sts/mx-not-covered',
        about: { name: 'example.com' },
        rests: ['MX example.com', TXT],
        evidence: { hosts: ['mail.example.com'], covered: [] },
        says: /do not deliver at all\.$/,
        remediation: { commands: ['mx: mail.example.com'] },
      },
    ],
  }),
  served({
    when: 'a policy that names one of two MX hosts',
    zone: two,
    finds: [
      {
        code: 'mta-sts/mx-not-covered',
        severity: 'warning',
        evidence: { hosts: ['mx2.example.net'], covered: [{ host: 'mail.example.com', pattern: 'mail.example.com' }] },
      },
    ],
  }),
  served({
    when: 'a policy in testing that names no MX host',
    site: { body: testing.replace('mail.', 'other.') },
    finds: ['mta-sts/not-enforcing', { code: 'mta-sts/mx-not-covered', severity: 'warning' }],
  }),
  served({
    when: 'a domain that takes no mail',
    zone: { ...zone, 'example.com': { MX: ['0 .'] } },
    hosts: {},
  }),
  served({
    when: 'an MX host without STARTTLS',
    hosts: { [ip]: { name: 'mail.example.com' } },
    finds: [
      {
        code: 'mta-sts/mx-cert-invalid',
        about: { name: 'mail.example.com' },
        rests: ['MX example.com', 'A mail.example.com', 'AAAA mail.example.com', TXT],
        says: `Senders that follow MTA-STS do not deliver to it: mail.example.com does not offer STARTTLS at ${ip}.`,
        evidence: { hasTlsa: false },
        fix: /Until then, set "mode: testing"/,
      },
    ],
  }),
  ...(
    [
      ['a certificate for another name', { identity: worldAuthority.issue({ names: ['x.example.com'] }) }, 'name'],
      ['a self-signed certificate', { identity: selfSigned({ names: ['mail.example.com'] }) }, 'untrusted'],
      [
        'an expired certificate',
        { identity: worldAuthority.issue({ names: ['mail.example.com'], notAfter: Date.now() - 60_000 }) },
        'out-of-date',
      ],
      ['a handshake that fails', { identity, fault: 'garbage' }, 'handshake'],
      ['STARTTLS that is declined', { identity, fault: 'declined' }, 'no-starttls'],
    ] as const
  ).map(([when, tls, fault]) =>
    served({
      when: `an MX host with ${when}`,
      hosts: { [ip]: { name: 'mail.example.com', tls } },
      finds: [{ code: 'mta-sts/mx-cert-invalid', evidence: { faults: [{ ip, fault }] } }],
    }),
  ),
  served({
    when: 'a faulty MX host with TLSA records, which senders with DANE go by',
    zone: { ...zone, '_25._tcp.mail.example.com': { TLSA: [`3 1 1 ${'ab'.repeat(32)}`] } },
    hosts: { [ip]: { name: 'mail.example.com', tls: { identity: selfSigned({ names: ['mail.example.com'] }) } } },
    finds: [
      { code: 'mta-sts/mx-cert-invalid', evidence: { hasTlsa: true }, says: /senders with DANE judge it instead\.$/ },
    ],
  }),
  served({
    when: 'a faulty MX host in testing',
    site: { body: testing },
    hosts: { [ip]: { name: 'mail.example.com' } },
    finds: ['mta-sts/not-enforcing', { code: 'mta-sts/mx-cert-invalid', severity: 'warning' }],
    status: 'warn',
  }),
  served({
    when: 'an MX host whose port is closed',
    hosts: { [ip]: 'refused' },
    finds: [
      {
        code: 'mta-sts/inconclusive',
        about: { name: 'mail.example.com', item: 'mx-untested' },
        evidence: { reason: 'mx-untested', addresses: [{ ip, detail: 'ECONNREFUSED' }] },
      },
    ],
    also: ({ findings }) => expect(findings[0]?.obstacle?.kind).toBe('silent-host'),
  }),
  served({
    when: 'an MX host that turns this machine away',
    hosts: { [ip]: { greeting: '554 go away' } },
    finds: [{ code: 'mta-sts/inconclusive', evidence: { reason: 'mx-untested' } }],
    also: ({ findings }) => expect(findings[0]?.obstacle?.kind).toBe('turned-away'),
  }),
  served({
    when: 'two MX hosts at one address, with a certificate for each',
    ...twoNames,
    hosts: {
      [ip]: {
        name: 'mail.example.com',
        tls: {
          identity,
          identities: { 'mx2.example.com': worldAuthority.issue({ names: ['mx2.example.com'] }) },
        },
      },
    },
  }),
  served({
    when: 'two MX hosts at one address, of which the second has a certificate of its own making',
    ...twoNames,
    hosts: {
      [ip]: {
        name: 'mail.example.com',
        tls: { identity: identity, identities: { 'mx2.example.com': selfSigned({ names: ['mx2.example.com'] }) } },
      },
    },
    finds: [
      {
        code: 'mta-sts/mx-cert-invalid',
        evidence: { host: 'mx2.example.com', faults: [{ ip, fault: 'untrusted' }] },
      },
    ],
  }),
  served({
    when: 'two MX hosts at one address, of which the first has a certificate of its own making',
    ...twoNames,
    hosts: {
      [ip]: {
        name: 'mail.example.com',
        tls: {
          identity: selfSigned({ names: ['mail.example.com'] }),
          identities: { 'mx2.example.com': worldAuthority.issue({ names: ['mx2.example.com'] }) },
        },
      },
    },
    finds: [
      {
        code: 'mta-sts/mx-cert-invalid',
        evidence: { host: 'mail.example.com', faults: [{ ip, fault: 'untrusted' }] },
      },
    ],
  }),
  served({
    when: 'two MX hosts at one address, with a certificate for the first only',
    ...twoNames,
    finds: [{ code: 'mta-sts/mx-cert-invalid', evidence: { host: 'mx2.example.com', faults: [{ fault: 'name' }] } }],
  }),
  served({
    when: 'a host that only sends, whose MX hosts are not connected to',
    settings: { sendOnly: true },
    note: 'enforce, id 1, kept for 14 days; covers mail.example.com; MX hosts not connected to (--send-only)',
    also: ({ hosts: servers }) => expect(servers.get(ip)?.sessions).toEqual([]),
  }),
];

const earlier = { id: '1', mode: 'enforce', mx: ['mail.example.com'], maxAge: 1_209_600 } as const;
const changes: Case[] = [
  served({
    when: 'a policy that differs from the baseline under the same id',
    settings: { earlierPolicy: { ...earlier, maxAge: 86_400 } },
    finds: [
      {
        code: 'mta-sts/id-unchanged',
        about: { name },
        rests: [TXT],
        evidence: { id: '1', earlier: { maxAge: 86_400 }, now: { maxAge: 1_209_600 } },
      },
    ],
  }),
  served({
    when: 'a proposed MX host that the policy does not name',
    proposed: [
      parseZone('@ MX 10 mail.example.com.\n@ MX 20 new.example.com.\nnew A 203.0.113.7', 'new.zone', 'example.com'),
    ],
    finds: [
      {
        code: 'mta-sts/change-not-covered',
        about: { name: 'example.com' },
        rests: ['MX example.com', TXT],
        evidence: { hosts: ['new.example.com'], patterns: ['mail.example.com'], maxAge: 1_209_600 },
        says: /now names mail\.example\.com, and not the proposed new\.example\.com\. Senders keep it for up to 14 days\.$/,
        fix: /Wait 14 days, or at least one day\. Then change the MX records\.$/,
        remediation: { commands: ['mx: new.example.com'] },
      },
    ],
  }),
  served({
    when: 'a proposed MX host that a policy in testing does not name',
    site: { body: testing },
    proposed: [parseZone('@ MX 10 new.example.com.\nnew A 203.0.113.7', 'new.zone', 'example.com')],
    finds: ['mta-sts/not-enforcing', { code: 'mta-sts/change-not-covered', severity: 'warning' }],
  }),
  served({
    when: 'a proposed MX host that the policy names',
    proposed: [parseZone('@ MX 10 mail.example.com.', 'new.zone', 'example.com')],
    zone: { ...zone, 'example.com': { MX: ['10 old.example.com'] } },
  }),
  served({
    when: 'a published MX host that the policy does not name, in a file that keeps it',
    site: { body: enforce.replace('mail.', 'other.') },
    proposed: [parseZone('@ MX 5 mail.example.com.', 'new.zone', 'example.com')],
    finds: ['mta-sts/mx-not-covered'],
  }),
  served({ when: 'the policy of the baseline', settings: { earlierPolicy: earlier } }),
  served({
    when: 'a policy that differs from the baseline under another id',
    settings: { earlierPolicy: { ...earlier, id: '0', maxAge: 86_400 } },
  }),
];

ruleTest(rule, [...plain, ...nearMisses, ...invalid, ...records, ...fetches, ...files, ...hosts, ...changes]);
