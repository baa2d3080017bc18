import { expect, test } from 'vitest';
import mx from '../../../src/check/rules/mx/rule.ts';
import rule from '../../../src/check/rules/tls/rule.ts';
import { canOffer } from '../../../src/network/smtp/capability.ts';
import { isWhole } from '../../sample.ts';
import { createAuthority, selfSigned } from '../../world/certificates.ts';
import { NOW as STANDING } from '../../world/clock.ts';
import { holdsCase, type RuleCase, ruleTest, runCase, type Shown } from '../../world/rule-test.ts';
import { closed, type SmtpScript, type TlsScript } from '../../world/smtp.ts';
import { type HostScript, UNREACHABLE_FROM_HERE } from '../../world/world.ts';
import type { ZoneScript } from '../../world/zone.ts';

type Code = keyof typeof rule.findings;
type Case = RuleCase<Code>;

const DAY_MS = 86_400_000;
/** The handshakes are made by the clock of the machine. */
const NOW = Date.now();
const ip = '203.0.113.5';
const root = createAuthority();
const identity = root.issue({ names: ['mail.example.com'] });
const legacy = { ciphers: 'DEFAULT@SECLEVEL=0' } as const;

const zone: ZoneScript = { 'example.com': { MX: ['10 mail.example.com'] }, 'mail.example.com': { A: [ip] } };
const noMx: ZoneScript = { 'example.com': { MX: ['0 .'] } };
const withTls = (tls: Partial<TlsScript>, rest: Partial<SmtpScript> = {}): Record<string, HostScript> => ({
  [ip]: { tls: { identity, ...tls }, ...rest },
});

function withIntermediate() {
  const sub = root.intermediate('Sub');
  const leaf = sub.issue({ names: ['mail.example.com'] });
  return { certificate: leaf.certificate + sub.certificate, key: leaf.key };
}

/** @returns a case of one MX host whose authority is trusted, where it does not say otherwise. */
function trusting(given: Case): Case {
  return { zone, now: NOW, ...given, settings: { extraRoots: [root.certificate], ...given.settings } };
}

const cases: Case[] = [
  {
    when: 'TLS 1.2 and 1.3 and a good certificate',
    note: 'TLS 1.3; certificate valid for 89 more days',
    hosts: withTls({}),
  },
  { when: 'TLS 1.2 only', hosts: withTls({ maxVersion: 'TLSv1.2' }) },
  { when: 'TLS 1.3 only', hosts: withTls({ minVersion: 'TLSv1.3' }) },
  { when: 'a host without STARTTLS', hosts: { [ip]: {} }, finds: ['tls/no-starttls'] },
  { when: 'STARTTLS answered with 454', hosts: withTls({ fault: 'declined' }), finds: ['tls/handshake-failed'] },
  { when: 'garbage behind STARTTLS', hosts: withTls({ fault: 'garbage' }), finds: ['tls/handshake-failed'] },
  { when: 'a connection closed behind STARTTLS', hosts: withTls({ fault: 'closes' }), finds: ['tls/handshake-failed'] },
  {
    when: 'a connection reset at STARTTLS',
    hosts: withTls({}, { drop: { at: 'starttls', with: 'rst' } }),
    finds: ['tls/handshake-failed'],
  },
  {
    when: 'TLS 1.0 beside 1.2 and 1.3',
    note: 'TLS 1.3; certificate valid for 89 more days',
    hosts: withTls({ minVersion: 'TLSv1', ...legacy }),
    finds: ['tls/legacy-enabled'],
  },
  {
    when: 'TLS 1.1 beside 1.2',
    hosts: withTls({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.2', ...legacy }),
    finds: ['tls/legacy-enabled'],
  },
  {
    when: 'TLS 1.0 and 1.1 only',
    hosts: withTls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ...legacy }),
    finds: ['tls/protocol-too-old'],
  },
  {
    when: 'suites without encryption',
    hosts: withTls({ maxVersion: 'TLSv1.2', ciphers: 'ALL:eNULL:@SECLEVEL=0' }),
    finds: ['tls/weak-cipher'],
  },
  {
    when: 'suites without authentication, on port 25',
    hosts: withTls({ maxVersion: 'TLSv1.2', ciphers: 'ALL:@SECLEVEL=0' }),
  },
  {
    when: 'a certificate that has expired',
    hosts: withTls({
      identity: root.issue({
        names: ['mail.example.com'],
        notBefore: NOW - 90 * DAY_MS,
        notAfter: NOW - 1000,
      }),
    }),
    finds: ['tls/cert-expired'],
  },
  {
    when: 'a certificate that is not valid yet',
    hosts: withTls({ identity: root.issue({ names: ['mail.example.com'], notBefore: NOW + DAY_MS }) }),
    finds: ['tls/cert-expired'],
  },
  {
    when: 'a self-signed certificate that has expired',
    hosts: withTls({
      identity: selfSigned({
        names: ['mail.example.com'],
        notBefore: NOW - 90 * DAY_MS,
        notAfter: NOW - 1000,
      }),
    }),
    finds: ['tls/cert-expired', 'tls/cert-untrusted'],
  },
  {
    when: 'a certificate with 13 of 90 days left',
    hosts: withTls({
      identity: root.issue({
        names: ['mail.example.com'],
        notBefore: NOW - 77 * DAY_MS,
        notAfter: NOW + 13.5 * DAY_MS,
      }),
    }),
    finds: ['tls/cert-expiring'],
    also: ({ report }) => {
      const until = new Date(Math.floor((NOW + 13.5 * DAY_MS) / 1000) * 1000).toISOString();
      expect(report.expiries).toEqual([{ kind: 'certificate', name: 'mail.example.com', ip, until }]);
    },
  },
  {
    when: 'a certificate with 15 of 90 days left',
    hosts: withTls({
      identity: root.issue({
        names: ['mail.example.com'],
        notBefore: NOW - 75 * DAY_MS,
        notAfter: NOW + 15 * DAY_MS,
      }),
    }),
  },
  {
    when: 'a certificate with three of six days left',
    hosts: withTls({
      identity: root.issue({
        names: ['mail.example.com'],
        notBefore: NOW - 3 * DAY_MS,
        notAfter: NOW + 3 * DAY_MS,
      }),
    }),
  },
  {
    when: 'a certificate with one of six days left',
    hosts: withTls({
      identity: root.issue({
        names: ['mail.example.com'],
        notBefore: NOW - 5 * DAY_MS,
        notAfter: NOW + DAY_MS,
      }),
    }),
    finds: ['tls/cert-expiring'],
  },
  {
    when: 'a certificate for another name',
    hosts: withTls({ identity: root.issue({ names: ['www.example.com'] }) }),
    finds: ['tls/cert-name-mismatch'],
  },
  {
    when: 'a certificate with the name as common name only, which is no identity (RFC 9525 §2)',
    hosts: withTls({ identity: root.issue({ commonName: 'mail.example.com' }) }),
    finds: ['tls/cert-name-mismatch'],
  },
  { when: 'a certificate with a wildcard', hosts: withTls({ identity: root.issue({ names: ['*.example.com'] }) }) },
  {
    when: 'a certificate with a wildcard that is a label short (RFC 9525 §6.3)',
    hosts: withTls({ identity: root.issue({ names: ['*.com'] }) }),
    finds: ['tls/cert-name-mismatch'],
  },
  {
    when: 'a certificate with a wildcard that is not a whole label (RFC 9525 §6.3)',
    hosts: withTls({ identity: root.issue({ names: ['m*.example.com'] }) }),
    finds: ['tls/cert-name-mismatch'],
  },
  {
    when: 'a certificate for one of two MX names',
    zone: {
      'example.com': { MX: ['10 mail.example.com', '20 mx2.example.com'] },
      'mail.example.com': { A: [ip] },
      'mx2.example.com': { A: [ip] },
    },
    hosts: withTls({}),
    finds: ['tls/cert-name-mismatch'],
  },
  {
    when: 'a certificate for both of two MX names',
    zone: {
      'example.com': { MX: ['10 mail.example.com', '20 mx2.example.com'] },
      'mail.example.com': { A: [ip] },
      'mx2.example.com': { A: [ip] },
    },
    hosts: withTls({ identity: root.issue({ names: ['mail.example.com', 'mx2.example.com'] }) }),
  },
  {
    when: 'a certificate that lacks the HELO name of an address that is no MX',
    zone: { 'example.com': { MX: ['0 .'] } },
    hosts: withTls({}),
    helo: 'out.example.com',
    finds: ['tls/cert-name-mismatch'],
  },
  {
    when: 'a certificate for the HELO name of an address that is no MX',
    zone: { 'example.com': { MX: ['0 .'] } },
    hosts: withTls({}),
    helo: 'mail.example.com',
  },
  {
    when: 'a self-signed certificate',
    hosts: withTls({ identity: selfSigned({ names: ['mail.example.com'] }) }),
    finds: ['tls/cert-untrusted'],
  },
  {
    when: 'a certificate of an unknown CA',
    hosts: withTls({ identity: createAuthority('Other Root').issue({ names: ['mail.example.com'] }) }),
    finds: [
      {
        code: 'tls/cert-untrusted',
        // The chain is kept although it is not trusted.
        evidence: {
          trustError: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
          certificate: { names: ['mail.example.com'], issuer: 'CN=Other Root', key: 'ec prime256v1' },
          chain: [{ subject: 'CN=mail.example.com' }],
        },
      },
    ],
  },
  {
    when: 'a certificate without its intermediate',
    hosts: withTls({
      identity: root
        .intermediate('Sub')
        .issue({ names: ['mail.example.com'], issuerUrl: 'http://ca.example.net/sub.der' }),
    }),
    finds: ['tls/chain-incomplete'],
  },
  { when: 'a certificate with its intermediate', hosts: withTls({ identity: withIntermediate() }) },
  {
    when: 'an RSA key of 1024 bits',
    hosts: withTls({ identity: root.issue({ names: ['mail.example.com'], key: 'rsa1024' }), ...legacy }),
    finds: ['tls/weak-key'],
  },
  {
    when: 'an RSA key of 2048 bits',
    hosts: withTls({ identity: root.issue({ names: ['mail.example.com'], key: 'rsa2048' }) }),
  },
  {
    when: 'AUTH PLAIN before TLS',
    hosts: withTls({}, { extensions: ['AUTH PLAIN CRAM-MD5'], extensionsSecured: [] }),
    finds: ['tls/plaintext-auth'],
  },
  {
    when: 'AUTH LOGIN and no TLS',
    hosts: { [ip]: { extensions: ['AUTH=LOGIN'] } },
    finds: ['tls/no-starttls', 'tls/plaintext-auth'],
  },
  {
    when: 'AUTH PLAIN behind TLS only',
    hosts: withTls({}, { extensions: [], extensionsSecured: ['AUTH PLAIN LOGIN'] }),
  },
  {
    when: 'AUTH before TLS, with mechanisms that do not show the password',
    hosts: withTls({}, { extensions: ['AUTH CRAM-MD5 SCRAM-SHA-256'] }),
  },
  {
    when: 'nothing listens',
    hosts: { [ip]: 'refused' },
    finds: [
      { code: 'tls/inconclusive', subject: 'mail.example.com', evidence: { reason: 'unreached', endpoints: [{ ip }] } },
    ],
  },
  { when: 'a 554 greeting', hosts: withTls({}, { greeting: '554 5.7.1 go away' }), finds: ['tls/inconclusive'] },
  {
    when: 'a host that refuses EHLO and HELO',
    hosts: { [ip]: { replies: { EHLO: '550 no', HELO: '550 no' } } },
    finds: ['tls/inconclusive'],
  },
  { when: 'a connection cut at EHLO', hosts: withTls({}, { drop: { at: 'ehlo' } }), finds: ['tls/inconclusive'] },
  {
    when: 'no address to test',
    ips: [],
    zone: { 'example.com': { TXT: [] } },
    finds: [{ code: 'tls/inconclusive', subject: 'example.com', evidence: { reason: 'no-address' } }],
  },
  {
    when: 'a private address, not connected to',
    ips: ['10.0.0.1'],
    zone: { 'example.com': { MX: ['0 .'] } },
    settings: { allowPrivate: false },
    finds: ['tls/inconclusive'],
  },
];

/** A certificate for 90 days from the start of the tests, by the clock of the run. */
const later: Case[] = (
  [
    [75, []],
    [77, ['tls/cert-expiring']],
    [91, ['tls/cert-expired']],
    [-1, ['tls/cert-expired']],
  ] satisfies [number, Code[]][]
).map(([days, finds]) => ({
  when: `a certificate for 90 days, after ${days} days by the clock of the run`,
  // A certificate of the test world is valid by the clock that stands still too.
  now: (days < 0 ? Math.min(NOW, STANDING) : NOW) + days * DAY_MS,
  hosts: withTls({}),
  finds,
}));

const twoMxHosts: ZoneScript = {
  'example.com': { MX: ['10 mail.example.com', '20 mx.example.net'] },
  'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] },
  'mx.example.net': { A: ['198.51.100.9'] },
};

const severalHosts: Case[] = [
  {
    when: 'an MX host that is not tested is looked at too, against its own name',
    zone: twoMxHosts,
    hosts: {
      ...withTls({}),
      '2001:db8::5': { tls: { identity } },
      '198.51.100.9': { tls: { identity: root.issue({ names: ['other.example.net'] }) } },
    },
    finds: [
      {
        code: 'tls/cert-name-mismatch',
        subject: 'mx.example.net',
        evidence: { wanted: ['mx.example.net'], endpoints: [{ ip: '198.51.100.9', port: 25 }] },
      },
    ],
  },
  {
    when: 'the same fault on two addresses is one finding',
    zone: twoMxHosts,
    ips: [ip, '2001:db8::5'],
    hosts: {
      [ip]: {},
      '2001:db8::5': {},
      '198.51.100.9': { tls: { identity: root.issue({ names: ['mx.example.net'] }) } },
    },
    finds: [
      {
        code: 'tls/no-starttls',
        evidence: { endpoints: [{ ip }, { ip: '2001:db8::5' }] },
        says: /203\.0\.113\.5 port 25, 2001:db8::5 port 25/,
      },
    ],
  },
  {
    when: 'an address of an MX host that is not tested and refuses, where another was seen',
    zone: { ...zone, 'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] } },
    hosts: { ...withTls({}), '2001:db8::5': 'refused' },
    finds: [{ code: 'tls/inconclusive', evidence: { reason: 'unreached', endpoints: [{ ip: '2001:db8::5' }] } }],
  },
  {
    when: 'an address of an MX host that this machine has no route to, where another was seen',
    zone: { ...zone, 'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] } },
    hosts: { ...withTls({}), '2001:db8::5': 'no-route' },
    finds: [{ code: 'tls/inconclusive', evidence: { reason: 'no-route' }, says: /this machine has no IPv6 route/ }],
  },
  {
    when: 'two hosts: the versions in order and the certificate that ends first are told',
    zone: {
      'example.com': { MX: ['10 mail.example.com', '20 mx.example.net'] },
      'mail.example.com': { A: [ip] },
      'mx.example.net': { A: ['198.51.100.9'] },
    },
    hosts: {
      ...withTls({}),
      '198.51.100.9': {
        tls: {
          identity: root.issue({ names: ['mx.example.net'], notAfter: NOW + 30.5 * DAY_MS }),
          maxVersion: 'TLSv1.2',
        },
      },
    },
    note: 'TLS 1.2, TLS 1.3; certificate valid for 30 more days',
  },
];

const five = ['a', 'b', 'c', 'd', 'e'].map((label) => `${label}.example.com`);
const mxAt = (address: (index: number) => string): ZoneScript => ({
  'example.com': { MX: five.map((name, index) => `${index} ${name}`) },
  ...Object.fromEntries(five.map((name, index) => [name, { A: [address(index)] }])),
});

/** The first of five MX hosts is the one under test, and one of them does TLS of its own. */
const fiveHosts = (odd: number, tls: Partial<TlsScript>) => ({
  ips: ['198.51.100.0'],
  zone: mxAt((index) => `198.51.100.${index}`),
  hosts: Object.fromEntries(
    five.map((name, index) => {
      const own = root.issue({ names: [name] });
      return [`198.51.100.${index}`, { tls: { identity: own, ...(index === odd ? tls : {}) } }];
    }),
  ),
});

const fiveMxHosts: Case[] = [
  {
    when: 'the third of the MX hosts besides the tested one, whose versions are tried',
    ...fiveHosts(3, { minVersion: 'TLSv1', ...legacy }),
    finds: ['tls/legacy-enabled'],
  },
  {
    when: 'the fourth of the MX hosts besides the tested one, with which one handshake is made',
    ...fiveHosts(4, { minVersion: 'TLSv1', ...legacy }),
  },
  {
    when: 'the fourth of the MX hosts besides the tested one, whose versions tell why its handshake fails',
    ...fiveHosts(4, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ...legacy }),
    finds: [{ code: 'tls/protocol-too-old', subject: 'e.example.com' }],
  },
];

/** Five MX names lead to one address, which has one certificate and perhaps others for single names (SNI). */
const fiveNames: Case[] = (
  [
    // Three more are asked for.
    ['the first', ['a.example.com'], {}, five.slice(1, 4), five.slice(4)],
    ['none', ['x.example.com'], {}, five.slice(0, 4), five.slice(4)],
    ['the first and the last', ['a.example.com', 'e.example.com'], {}, five.slice(1, 4), []],
    ['all', five, {}, [], []],
    [
      'each by a certificate of its own, but one',
      ['a.example.com'],
      { 'b.example.com': ['b.example.com'], 'c.example.com': ['c.example.com'], 'd.example.com': ['x.example.com'] },
      ['d.example.com'],
      ['e.example.com'],
    ],
    [
      'all, two by a certificate of their own',
      five.slice(0, 3),
      { 'd.example.com': ['d.example.com'], 'e.example.com': ['e.example.com'] },
      [],
      [],
    ],
  ] satisfies [string, string[], Record<string, string[]>, string[], string[]][]
).map(([covered, names, own, wanted, untried]): Case => {
  const identities = Object.fromEntries(Object.entries(own).map(([name, of]) => [name, root.issue({ names: of })]));
  return {
    when: `one address of five MX names, of which certificates cover ${covered}`,
    zone: mxAt(() => ip),
    hosts: { [ip]: { tls: { identity: root.issue({ names }), identities } } },
    finds: [
      ...(wanted.length > 0 ? [{ code: 'tls/cert-name-mismatch', evidence: { wanted } } as const] : []),
      ...(untried.length > 0 ? [{ code: 'tls/inconclusive', evidence: { untriedNames: untried } } as const] : []),
    ],
  };
});

const literalHello: Case = {
  when: 'an address literal in EHLO, which is no name to look for in the certificate',
  zone: noMx,
  helo: '[203.0.113.5]',
  hosts: withTls({ identity: selfSigned({ names: ['x.example.com'] }) }),
  finds: [{ code: 'tls/cert-untrusted', subject: ip, evidence: { endpoints: [{ names: [] }] } }],
};

/** A chain of two intermediates of which one has these dates. */
function withDates(which: 'lower' | 'upper', dates: { notBefore?: number; notAfter?: number }) {
  const upper = root.intermediate('Upper CA', which === 'upper' ? dates : {});
  const lower = upper.intermediate('Lower CA', which === 'lower' ? dates : {});
  const leaf = lower.issue({ names: ['mail.example.com'] });
  return { certificate: leaf.certificate + lower.certificate + upper.certificate, key: leaf.key };
}

const past = { notBefore: NOW - 400 * DAY_MS, notAfter: NOW - 40 * DAY_MS };
const chainDates: Case[] = [
  {
    when: 'an intermediate that has expired',
    hosts: withTls({ identity: withDates('lower', past) }),
    finds: [
      {
        code: 'tls/chain-out-of-date',
        evidence: { outOfDate: [{ state: 'expired', certificate: { subject: 'CN=Lower CA' } }] },
        says: /"CN=Lower CA" expired on \d{4}-\d\d-\d\d\.$/,
        fix: /Replace the chain file.*reload the mail server/,
      },
    ],
  },
  {
    when: 'an intermediate below the root that has expired',
    hosts: withTls({ identity: withDates('upper', past) }),
    finds: [{ code: 'tls/chain-out-of-date', says: /"CN=Upper CA" expired/ }],
  },
  {
    when: 'an intermediate that is not valid yet',
    hosts: withTls({ identity: withDates('lower', { notBefore: NOW + 2 * DAY_MS }) }),
    finds: [{ code: 'tls/chain-out-of-date', says: /"CN=Lower CA" is not valid before \d{4}-\d\d-\d\d/ }],
  },
  {
    when: 'an expired certificate beside a valid chain that does not need it',
    hosts: withTls({
      identity: (() => {
        const { certificate, key } = withIntermediate();
        return { certificate: certificate + root.intermediate('Old CA', past).certificate, key };
      })(),
    }),
  },
  {
    when: 'a certificate and its intermediate that have both expired',
    hosts: withTls({
      identity: (() => {
        const sub = root.intermediate('Sub', past);
        const leaf = sub.issue({ names: ['mail.example.com'], ...past });
        return { certificate: leaf.certificate + sub.certificate, key: leaf.key };
      })(),
    }),
    finds: ['tls/cert-expired'],
  },
];

const other = selfSigned({ names: ['localhost'] });
const onlyNamed = (tls: Partial<TlsScript>, rest: Partial<SmtpScript> = {}) =>
  withTls({ identity: other, identities: { 'mail.example.com': identity }, ...tls }, rest);

/** Servers that depend on the name that the client sends. */
const withoutSni: Case[] = [
  {
    when: 'another certificate for senders that do not name the host',
    hosts: onlyNamed({}),
    finds: [
      {
        code: 'tls/cert-without-sni',
        subject: 'mail.example.com',
        evidence: {
          name: 'mail.example.com',
          certificate: { names: ['localhost'] },
          faults: ['not for the host', 'not trusted'],
        },
        says: /do not use SNI, for localhost/,
        remediation: { commands: expect.arrayContaining([expect.stringContaining('tls_server_sni_maps')]) },
      },
    ],
  },
  {
    when: 'another certificate for senders that do not name the host, with TLS 1.2 only',
    hosts: onlyNamed({ maxVersion: 'TLSv1.2' }),
    finds: ['tls/cert-without-sni'],
  },
  {
    when: 'a certificate that has expired for senders that do not name the host',
    hosts: onlyNamed({
      identity: root.issue({ names: ['mail.example.com'], notBefore: NOW - 90 * DAY_MS, notAfter: NOW - 1000 }),
    }),
    finds: [{ code: 'tls/cert-without-sni', evidence: { faults: ['out of date', 'not trusted'] } }],
  },
  {
    when: 'another good certificate for senders that do not name the host',
    hosts: onlyNamed({ identity: root.issue({ names: ['mail.example.com'] }) }),
  },
  {
    when: 'a certificate that is as bad with SNI as without',
    hosts: onlyNamed({ identities: {} }),
    finds: ['tls/cert-name-mismatch', 'tls/cert-untrusted'],
  },
  {
    when: 'no certificate for senders that do not name the host',
    hosts: onlyNamed({ fault: 'unnamed' }),
    finds: [{ code: 'tls/sni-required', subject: 'mail.example.com', says: /Without SNI the handshake fails: / }],
  },
  {
    when: 'a submission port with no certificate for clients that do not name the host, which they all do',
    hosts: {
      ...withTls({}),
      [`${ip}:587`]: { tls: { identity: other, identities: { 'mail.example.com': identity }, fault: 'unnamed' } },
    },
  },
];

/** The server ends the session once the client's handshake is complete. */
const deadSessions: Case[] = (
  [
    ['hangs up', () => ({ tls: { identity }, drop: { at: 'ehlo', nth: 2 } })],
    ['resets the connection', () => ({ tls: { identity }, drop: { at: 'ehlo', nth: 2, with: 'rst' } })],
    ['hangs up in the reply', () => ({ tls: { identity }, drop: { at: 'ehlo', nth: 2, midReply: true } })],
    ...(['454 4.7.0 not now', '550 5.7.1 no', '530 5.7.0 no'] as const).map((reply): [string, () => SmtpScript] => [
      `answers ${reply}`,
      () => {
        let asked = 0;
        return { tls: { identity }, hello: () => (asked++ === 0 ? '250 mail.example.com' : reply) };
      },
    ]),
  ] satisfies [string, () => SmtpScript][]
).map(([what, script]) => ({
  when: `a host that ${what} at EHLO behind TLS, in every connection`,
  hosts: { [ip]: script },
  finds: [{ code: 'tls/handshake-failed', says: /the handshake succeeds, but then EHLO fails/ }],
}));

const diesLater: Case = {
  when: 'a host whose old TLS versions lead to sessions that end at once',
  hosts: {
    [ip]: (connection) => ({
      tls: { identity, minVersion: 'TLSv1', ...legacy },
      ...(connection === 0 ? {} : { drop: { at: 'ehlo', nth: 2 } }),
    }),
  },
  finds: [
    { code: 'tls/inconclusive', evidence: { reason: 'sni-unknown' } },
    {
      code: 'tls/inconclusive',
      evidence: { reason: 'versions-unknown', versions: ['TLS 1.0', 'TLS 1.1', 'TLS 1.2'] },
      says: /behind the handshake/,
    },
  ],
};

const overwritten: Case = {
  when: 'a firewall that overwrites the greeting and the keywords',
  hosts: { [ip]: { greeting: `220 ${'*'.repeat(60)}`, extensions: ['SIZE 1', 'XXXXXXXA', 'XXXB'] } },
  finds: [
    {
      code: 'tls/starttls-overwritten',
      subject: 'mail.example.com',
      evidence: { parts: ['greeting', 'keyword'] },
      fix: /SMTP inspection/,
      remediation: { commands: expect.arrayContaining(['  no inspect esmtp', 'no fixup protocol smtp 25']) },
    },
  ],
};

/** A host that behaves in another way once it was asked for the first handshake. */
const otherwiseLater: Case[] = (
  [
    ['no longer takes STARTTLS', { tls: { identity, fault: 'declined' } }, /STARTTLS: 454/],
    ['hangs up at EHLO', { tls: { identity }, drop: { at: 'ehlo' } }, /the server closed the connection/],
  ] satisfies [string, SmtpScript, RegExp][]
).map(([what, then, says]) => ({
  when: `a host that, asked again, ${what}: which versions it takes is not known`,
  hosts: { [ip]: (connection) => (connection === 0 ? { tls: { identity } } : then) },
  finds: [
    { code: 'tls/inconclusive', evidence: { reason: 'sni-unknown' }, says },
    {
      code: 'tls/inconclusive',
      evidence: { reason: 'versions-unknown', versions: ['weak cipher suites'] },
      says,
    },
    {
      code: 'tls/inconclusive',
      evidence: { reason: 'versions-unknown', versions: ['TLS 1.0', 'TLS 1.1', 'TLS 1.2'] },
      says,
    },
  ],
}));

/** A host that holds the client back once it was asked for the first handshake: one finding, with the one cause. */
const heldBack: Case[] = [
  {
    when: 'a host that refuses further connections for its limit',
    smtpTimeouts: { limitMs: 2 },
    hosts: {
      [ip]: (connection) => (connection === 0 ? { tls: { identity } } : { greeting: '421 Too many connections' }),
    },
    finds: [
      { code: 'tls/inconclusive', evidence: { reason: 'limited' }, says: /limits how often one client may connect/ },
    ],
  },
  {
    when: 'a host that does not answer further connections',
    smtpTimeouts: { quietMs: 50 },
    hosts: { [ip]: (connection) => (connection === 0 ? { tls: { identity } } : { greeting: null }) },
    finds: [
      { code: 'tls/inconclusive', evidence: { reason: 'shut-out' }, says: /probably banned this machine’s address/ },
    ],
  },
  {
    when: 'a host that refuses every connection for its limit',
    smtpTimeouts: { limitMs: 2 },
    hosts: { [ip]: { greeting: '421 Too many connections' } },
    finds: [{ code: 'tls/inconclusive', evidence: { reason: 'limited' } }],
  },
  {
    when: 'a decoy, whose missing STARTTLS is not the host’s',
    hosts: { [ip]: { greeting: '220 mail.example.com ESMTP spamd IP-based SPAM blocker' } },
    finds: [{ code: 'tls/inconclusive', evidence: { reason: 'decoy' }, says: /OpenBSD spamd/ }],
  },
];

const submission: Case[] = (
  [
    ['465', 465, { implicitTls: true, tls: { identity } }, null],
    ['587', 587, { tls: { identity } }, null],
    ['587 without STARTTLS', 587, {}, 'tls/no-starttls'],
    ['587 with AUTH before TLS', 587, { tls: { identity }, extensions: ['AUTH PLAIN'] }, 'tls/plaintext-auth'],
    ['465 with AUTH', 465, { implicitTls: true, tls: { identity }, extensions: ['AUTH PLAIN'] }, null],
    ['465 that does not speak TLS', 465, {}, 'tls/handshake-failed'],
    [
      '465 with TLS 1.1',
      465,
      { implicitTls: true, tls: { identity, minVersion: 'TLSv1.1', ...legacy } },
      'tls/legacy-enabled',
    ],
    [
      '587 with suites without authentication',
      587,
      { tls: { identity, maxVersion: 'TLSv1.2', ciphers: 'ALL:@SECLEVEL=0' } },
      'tls/weak-cipher',
    ],
    ['587 whose name nobody knows', 587, { tls: { identity: root.issue({ names: ['smtp.example.com'] }) } }, null],
    ['587 that is closed', 587, 'refused', null],
    ['587 that the user named and that does not answer', 587, 'no-route', 'tls/inconclusive'],
    [
      '587 with clear text behind STARTTLS',
      587,
      { tls: { identity, fault: 'chatty' } },
      'tls/plaintext-after-starttls',
    ],
  ] satisfies [string, number, HostScript, Code | null][]
).map(([when, port, script, code]) => ({
  when: `a submission port: ${when}`,
  hosts: { ...withTls({}), [`${ip}:${port}`]: script },
  finds: code === null ? [] : [{ code, subject: expect.stringContaining(`port ${port}`) }],
}));

const silentSubmission: Case = {
  when: 'submission ports that do not answer and that nobody named',
  zone: noMx,
  ips: [UNREACHABLE_FROM_HERE],
  hosts: {},
  isDirect: true,
  finds: [
    { code: 'tls/inconclusive', evidence: { reason: 'no-route' } },
    { code: 'tls/submission-silent', subject: `${UNREACHABLE_FROM_HERE} port 587` },
    { code: 'tls/submission-silent', subject: `${UNREACHABLE_FROM_HERE} port 465` },
  ],
};

/** What came between STARTTLS and the handshake is no part of the session. */
const injected: Case = {
  when: 'a host that sends clear text behind its reply to STARTTLS',
  hosts: withTls({ fault: 'chatty' }),
  finds: ['tls/plaintext-after-starttls'],
};

const injections: Case[] = [
  {
    when: 'a host that executes behind the handshake what came with STARTTLS (CVE-2011-0411)',
    hosts: withTls({ fault: 'keeps-plaintext' }),
    settings: { activeInjection: true },
    finds: [
      {
        code: 'tls/command-injection',
        about: { name: 'mail.example.com' },
        says: /executes a command behind the TLS handshake that came in clear text, together with STARTTLS\.$/,
      },
    ],
  },
  {
    when: 'a host that drops what came with STARTTLS',
    hosts: withTls({}),
    settings: { activeInjection: true },
    also: ({ hosts }) => {
      const injecting = hosts.get(ip)?.sessions.filter(({ commands }) => commands.includes('XMAILCHECK')) ?? [];
      expect(injecting.map(({ commands }) => commands.filter((command) => command === 'NOOP'))).toEqual([[]]);
    },
  },
  {
    when: 'a host that executes what came with STARTTLS, and is not to be tried',
    hosts: withTls({ fault: 'keeps-plaintext' }),
    also: ({ hosts }) =>
      expect(
        hosts
          .get(ip)
          ?.commands()
          .filter((command) => /NOOP|XMAILCHECK/.test(command)),
      ).toEqual([]),
  },
  {
    when: 'a submission port that executes what came with STARTTLS',
    hosts: { ...withTls({}), [`${ip}:587`]: { tls: { identity, fault: 'keeps-plaintext' } } },
    settings: { activeInjection: true },
    finds: [{ code: 'tls/command-injection', subject: expect.stringContaining('port 587') }],
  },
];

const untrustedSubmission: Case = {
  when: 'a submission port with a certificate that nobody trusts, which is worse than on port 25',
  hosts: { ...withTls({}), [`${ip}:587`]: { tls: { identity: selfSigned({ names: ['mail.example.com'] }) } } },
  finds: [{ code: 'tls/cert-untrusted', severity: 'error', subject: expect.stringContaining('port 587') }],
};

const sendOnly: Case[] = [
  {
    when: 'a host that only sends and does not listen',
    hosts: { [ip]: 'refused' },
    settings: { sendOnly: true },
    skips: 'nothing listens on port 25, as expected with --send-only',
  },
  {
    when: 'a host that only sends, in a network that blocks port 25',
    hosts: { [ip]: 'refused', '198.51.100.9': 'refused' },
    settings: { sendOnly: true, egressTargets: [{ host: '198.51.100.9', port: 25 }] },
    skips: `it is not known whether anything listens on port 25 of ${ip}: this network blocks the port`,
  },
  {
    when: 'a host that is not said to send only and does not listen',
    hosts: { [ip]: 'refused' },
    finds: [
      {
        code: 'tls/inconclusive',
        fix: `Start the mail server at ${ip}, and open inbound TCP port 25 in its firewall or security group. If other mail servers do not answer either, this network blocks port 25: run the check from a network that allows it, such as the mail server itself.`,
      },
    ],
  },
  {
    when: 'a host that only sends and takes mail of its users on a submission port',
    zone: noMx,
    hosts: { [ip]: 'refused', [`${ip}:587`]: {} },
    settings: { sendOnly: true },
    finds: [{ code: 'tls/no-starttls', evidence: { endpoints: [{ ip, port: 587 }] } }],
  },
  {
    when: 'a host that only sends and has no address',
    zone: noMx,
    ips: [],
    settings: { sendOnly: true },
    skips: '--send-only: there is no address to test',
  },
  { when: 'a null MX and no address to test', zone: noMx, ips: [], finds: ['tls/inconclusive'] },
  {
    when: 'a host that only sends and greets with 554',
    zone: noMx,
    hosts: { [ip]: { greeting: '554 5.7.1 go away' } },
    settings: { sendOnly: true },
    finds: ['tls/inconclusive'],
  },
  {
    when: 'a host that only sends and listens on one of its addresses',
    zone: noMx,
    ips: [ip, '203.0.113.6'],
    hosts: { [ip]: {} },
    settings: { sendOnly: true },
    finds: [{ code: 'tls/no-starttls', evidence: { endpoints: [{ ip }] } }],
  },
  {
    when: 'a host that only sends and listens, while its MX is not looked at',
    zone: { 'example.com': { MX: ['10 mx.example.net'] }, 'mx.example.net': { A: ['198.51.100.9'] } },
    hosts: { [ip]: {}, '198.51.100.9': {} },
    settings: { sendOnly: true },
    finds: [{ code: 'tls/no-starttls', evidence: { endpoints: [{ ip }] } }],
    also: ({ hosts }) => expect(hosts.get('198.51.100.9')?.sessions).toEqual([]),
  },
];

const words: Case[] = [
  {
    when: 'a host without STARTTLS that greets as Exim, whose lines are told',
    hosts: { [ip]: { greeting: '220 mail.example.com ESMTP Exim 4.96' } },
    finds: [
      {
        code: 'tls/no-starttls',
        remediation: { commands: expect.arrayContaining([expect.stringContaining('tls_certificate')]) },
      },
    ],
  },
  {
    when: 'a certificate signed with SHA-1',
    hosts: withTls({ identity: root.issue({ names: ['mail.example.com'], hash: 'sha1' }), ...legacy }),
    finds: [{ code: 'tls/weak-key', says: /SHA-1/ }],
    // OpenSSL may not trust it either.
    never: [],
  },
];

const trials = ['TLSv1 and TLSv1.1', 'TLSv1.2', 'weak suites'];
const trialsAt = (port: number) => [
  `${ip}:${port} submission`,
  ...trials.map((trial) => `${ip}:${port} submission, ${trial}`),
];
const dialogues = ({ report }: Pick<Shown, 'report'>) => report.transcript?.smtp ?? [];

const manners: Case[] = [
  {
    when: 'three rules share a connection for greeting, EHLO and STARTTLS, and the versions have two more',
    beside: ['helo', 'mx'],
    hosts: withTls({}),
    // 1.0 and 1.1 together, 1.2 by itself, weak suites, and one handshake without SNI.
    // Two more where a refusal came as a reset, which happens on a busy machine.
    also: ({ report }) => expect([5, 7]).toContain(report.timing.smtpConnections),
  },
  {
    when: 'each connection says what it is for',
    zone: {
      ...zone,
      'example.com': { MX: ['10 mail.example.com', '20 b.example.com'] },
      'b.example.com': { A: [ip] },
    },
    hosts: {
      ...withTls({}),
      [`${ip}:587`]: { tls: { identity } },
      [`${ip}:465`]: { implicitTls: true, tls: { identity } },
    },
    finds: ['tls/cert-name-mismatch'],
    also: (shown) => {
      // A refusal that comes as a reset is tried again, version by version. That happens on a busy machine.
      const ids = dialogues(shown)
        .map(({ id }) => id)
        .filter((id) => !/ TLSv1(\.1)?$/.test(id) || id.includes(' and '));
      expect(ids.sort()).toEqual(
        [
          `${ip}:25 greeting`,
          ...[...trials, 'without SNI'].map((trial) => `${ip}:25 ${trial}`),
          `${ip}:25 certificate for b.example.com`,
          ...trialsAt(587),
          ...trialsAt(465),
        ].sort(),
      );
    },
  },
  {
    when: 'each connection says EHLO with the probe’s name and ends with QUIT',
    hosts: withTls({}),
    settings: { probeName: 'probe.example.net' },
    also: (shown) => {
      const said = dialogues(shown).map(({ lines }) =>
        lines.filter(({ from }) => from === 'client').map(({ text }) => text),
      );
      for (const commands of said) {
        expect(commands.slice(0, 2)).toEqual(['EHLO probe.example.net', 'STARTTLS']);
        expect(commands.join('\n')).not.toMatch(/^(AUTH|MAIL|RCPT|DATA)/m);
      }
      expect(said.filter((commands) => commands.at(-1) === 'QUIT').length).toBe(3);
    },
  },
];

const CUT_AT = {
  greeting: ['tls/inconclusive'],
  ehlo: ['tls/inconclusive'],
  starttls: ['tls/handshake-failed'],
  quit: [],
} as const satisfies Partial<Record<string, readonly Code[]>>;

const bounds: Case[] = [
  {
    when: 'TLS that never finishes',
    hosts: withTls({ fault: 'silent' }),
    smtpTimeouts: { handshakeMs: 200 },
    finds: ['tls/handshake-failed'],
  },
  {
    when: 'TLS that has not finished when the time for the run is up',
    hosts: withTls({ fault: 'silent' }),
    timeoutMs: 400,
    finds: ['tls/inconclusive'],
  },
  ...(['greeting', 'ehlo', 'starttls', 'quit'] as const).flatMap((at) =>
    (['fin', 'rst'] as const).flatMap((how) =>
      [false, true].map(
        (midReply): Case => ({
          when: `a host that cuts every connection at ${at}, with ${how}, ${midReply ? 'in' : 'before'} the reply`,
          hosts: withTls({}, { drop: { at, with: how, midReply } }),
          finds: CUT_AT[at],
        }),
      ),
    ),
  ),
];

ruleTest(
  rule,
  [
    ...cases,
    ...later,
    ...severalHosts,
    ...fiveMxHosts,
    ...otherwiseLater,
    ...heldBack,
    ...fiveNames,
    literalHello,
    ...chainDates,
    ...withoutSni,
    ...deadSessions,
    diesLater,
    overwritten,
    ...submission,
    untrustedSubmission,
    silentSubmission,
    injected,
    ...injections,
    ...sendOnly,
    ...words,
    ...manners,
    ...bounds,
  ].map(trusting),
);

test.each([3, 4])('tls: old versions are found when connection %i is cut in the handshake', async (cut) => {
  const old: TlsScript = { identity, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };
  const { findings } = await runCase(rule, {
    when: 'a host with old versions that cuts one connection',
    zone,
    hosts: { [ip]: (connection) => ({ tls: connection === cut ? { ...old, fault: 'closes' } : old }) },
  });
  expect(findings.map(({ code }) => code)).toContain('tls/legacy-enabled');
});

test('tls: a host that delays refusals gets its handshakes before its relay test ends', async () => {
  const { report, findings } = await runCase(rule, {
    when: 'a host with TLS that delays refusals',
    zone,
    hosts: { [ip]: { tls: { identity }, rcpt: closed(), refusalDelayMs: 900 } },
    timeoutMs: 14_000,
    beside: ['open-relay'],
  });
  expect(findings.map(({ code }) => code)).not.toContain('tls/inconclusive');
  expect(dialogues({ report }).map(({ id }) => id)).toEqual(expect.arrayContaining([`${ip}:25 TLSv1.2`]));
});

test('tls: the relay test makes the handshakes at the end of its connections', async () => {
  const { report } = await runCase(rule, {
    when: 'a host with TLS, beside the relay test',
    zone,
    hosts: { [ip]: { tls: { identity }, rcpt: closed() } },
    beside: ['open-relay'],
  });
  const ids = dialogues({ report }).map(({ id }) => id);
  // What the server takes is never tried again.
  expect(ids).not.toContain(`${ip}:25 TLSv1.2`);
  expect(ids).not.toContain(`${ip}:25 without SNI`);
  const behindVectors = dialogues({ report }).filter(({ id, lines }) => {
    const said = lines.map(({ text }) => text);
    return / relay( #\d)?$/.test(id) && said.indexOf('STARTTLS') > said.findIndex((text) => text.startsWith('RCPT'));
  });
  expect(behindVectors.length).toBeGreaterThanOrEqual(3);
});

// The relay test makes some of the handshakes, which changes no finding.
test.runIf(isWhole).each(
  [...cases, ...withoutSni, ...deadSessions]
    .map(trusting)
    .filter(({ also }) => also === undefined)
    .map((given) => [given.when, { ...given, beside: [...(given.beside ?? []), 'open-relay'] }] as const),
)('tls: beside the relay test, %s', async (_, given) => {
  holdsCase(rule, given, await runCase(rule, given));
});

test('tls: without the rule, nobody starts TLS', async () => {
  const { hosts } = await runCase(mx, { when: 'a host with TLS', zone, hosts: withTls({}) });
  expect(hosts.get(ip)?.commands()).not.toContain('STARTTLS');
});

test('tls: the versions tried can be offered here, else the cases above would show nothing', async () => {
  for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const) {
    expect(await canOffer({ minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' })).toBe(true);
  }
  expect(await canOffer({ ciphers: 'EXPORT' })).toBe(false);
});
