import { describe, expect, test } from 'vitest';
import { canOffer } from '../../../src/network/smtp/capability.ts';
import { createAuthority, selfSigned } from '../../world/certificates.ts';
import { type CheckCase, checkIn, resultOf } from '../../world/check.ts';
import type { DnsScript } from '../../world/dns.ts';
import type { SmtpScript, TlsScript } from '../../world/smtp.ts';

const DAY_MS = 86_400_000;
const ip = '203.0.113.5';
const root = createAuthority();
const identity = root.issue({ names: ['mail.example.com'] });
const legacy = { ciphers: 'DEFAULT@SECLEVEL=0' } as const;

const dns: DnsScript = {
  zone: { 'example.com': { MX: ['10 mail.example.com'] }, 'mail.example.com': { A: [ip] } },
};
const withTls = (tls: Partial<TlsScript>, rest: Partial<SmtpScript> = {}): NonNullable<CheckCase['hosts']> => ({
  [ip]: { tls: { identity, ...tls }, ...rest },
});

async function check(world: Partial<CheckCase>, now = Date.now()) {
  const report = await checkIn(
    {
      dns,
      rules: ['tls'],
      ...world,
      settings: { extraRoots: [root.certificate], ...world.settings },
    },
    { clock: { now: () => now } },
  );
  const result = resultOf(report, 'tls');
  return { ...result, report, codes: result.findings.map(({ code }) => code) };
}

const cases: readonly [string, Partial<CheckCase>, readonly string[]][] = [
  ['TLS 1.2 and 1.3 and a good certificate', { hosts: withTls({}) }, []],
  ['TLS 1.2 only', { hosts: withTls({ maxVersion: 'TLSv1.2' }) }, []],
  ['TLS 1.3 only', { hosts: withTls({ minVersion: 'TLSv1.3' }) }, []],

  ['no STARTTLS', { hosts: { [ip]: {} } }, ['tls/no-starttls']],
  ['STARTTLS answered with 454', { hosts: withTls({ fault: 'declined' }) }, ['tls/handshake-failed']],
  ['garbage behind STARTTLS', { hosts: withTls({ fault: 'garbage' }) }, ['tls/handshake-failed']],
  ['a connection closed behind STARTTLS', { hosts: withTls({ fault: 'closes' }) }, ['tls/handshake-failed']],
  ['a reset at STARTTLS', { hosts: withTls({}, { drop: { at: 'starttls', with: 'rst' } }) }, ['tls/handshake-failed']],

  ['TLS 1.0 beside 1.2 and 1.3', { hosts: withTls({ minVersion: 'TLSv1', ...legacy }) }, ['tls/legacy-enabled']],
  [
    'TLS 1.1 beside 1.2',
    { hosts: withTls({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.2', ...legacy }) },
    ['tls/legacy-enabled'],
  ],
  [
    'TLS 1.0 and 1.1 only',
    { hosts: withTls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ...legacy }) },
    ['tls/protocol-too-old'],
  ],
  [
    'suites without encryption',
    { hosts: withTls({ maxVersion: 'TLSv1.2', ciphers: 'ALL:eNULL:@SECLEVEL=0' }) },
    ['tls/weak-cipher'],
  ],
  [
    'suites without authentication, on port 25',
    { hosts: withTls({ maxVersion: 'TLSv1.2', ciphers: 'ALL:@SECLEVEL=0' }) },
    [],
  ],

  [
    'expired',
    {
      hosts: withTls({
        identity: root.issue({
          names: ['mail.example.com'],
          notBefore: Date.now() - 90 * DAY_MS,
          notAfter: Date.now() - 1000,
        }),
      }),
    },
    ['tls/cert-expired'],
  ],
  [
    'not valid yet',
    { hosts: withTls({ identity: root.issue({ names: ['mail.example.com'], notBefore: Date.now() + DAY_MS }) }) },
    ['tls/cert-expired'],
  ],
  [
    'expired, and of nobody: both are said',
    {
      hosts: withTls({
        identity: selfSigned({
          names: ['mail.example.com'],
          notBefore: Date.now() - 90 * DAY_MS,
          notAfter: Date.now() - 1000,
        }),
      }),
    },
    ['tls/cert-expired', 'tls/cert-untrusted'],
  ],
  [
    '13 days left of 90',
    {
      hosts: withTls({
        identity: root.issue({
          names: ['mail.example.com'],
          notBefore: Date.now() - 77 * DAY_MS,
          notAfter: Date.now() + 13.5 * DAY_MS,
        }),
      }),
    },
    ['tls/cert-expiring'],
  ],
  [
    '15 days left of 90',
    {
      hosts: withTls({
        identity: root.issue({
          names: ['mail.example.com'],
          notBefore: Date.now() - 75 * DAY_MS,
          notAfter: Date.now() + 15 * DAY_MS,
        }),
      }),
    },
    [],
  ],
  [
    'three days left of six',
    {
      hosts: withTls({
        identity: root.issue({
          names: ['mail.example.com'],
          notBefore: Date.now() - 3 * DAY_MS,
          notAfter: Date.now() + 3 * DAY_MS,
        }),
      }),
    },
    [],
  ],
  [
    'one day left of six',
    {
      hosts: withTls({
        identity: root.issue({
          names: ['mail.example.com'],
          notBefore: Date.now() - 5 * DAY_MS,
          notAfter: Date.now() + DAY_MS,
        }),
      }),
    },
    ['tls/cert-expiring'],
  ],

  [
    'for another name',
    { hosts: withTls({ identity: root.issue({ names: ['www.example.com'] }) }) },
    ['tls/cert-name-mismatch'],
  ],
  [
    'RFC 9525 §2: the common name is no identity',
    { hosts: withTls({ identity: root.issue({ commonName: 'mail.example.com' }) }) },
    ['tls/cert-name-mismatch'],
  ],
  ['a wildcard', { hosts: withTls({ identity: root.issue({ names: ['*.example.com'] }) }) }, []],
  [
    'RFC 9525 §6.3: a wildcard covers one label',
    { hosts: withTls({ identity: root.issue({ names: ['*.com'] }) }) },
    ['tls/cert-name-mismatch'],
  ],
  [
    'RFC 9525 §6.3: a wildcard is a whole label',
    { hosts: withTls({ identity: root.issue({ names: ['m*.example.com'] }) }) },
    ['tls/cert-name-mismatch'],
  ],
  [
    'for one of two MX names',
    {
      dns: {
        zone: {
          'example.com': { MX: ['10 mail.example.com', '20 mx2.example.com'] },
          'mail.example.com': { A: [ip] },
          'mx2.example.com': { A: [ip] },
        },
      },
      hosts: withTls({}),
    },
    ['tls/cert-name-mismatch'],
  ],
  [
    'for both of two MX names',
    {
      dns: {
        zone: {
          'example.com': { MX: ['10 mail.example.com', '20 mx2.example.com'] },
          'mail.example.com': { A: [ip] },
          'mx2.example.com': { A: [ip] },
        },
      },
      hosts: withTls({ identity: root.issue({ names: ['mail.example.com', 'mx2.example.com'] }) }),
    },
    [],
  ],
  [
    'a tested address that is no MX: the HELO name counts',
    { dns: { zone: { 'example.com': { MX: ['0 .'] } } }, hosts: withTls({}), helo: 'out.example.com' },
    ['tls/cert-name-mismatch'],
  ],
  [
    'a tested address that is no MX, certified for its HELO name',
    { dns: { zone: { 'example.com': { MX: ['0 .'] } } }, hosts: withTls({}), helo: 'mail.example.com' },
    [],
  ],

  [
    'self-signed',
    { hosts: withTls({ identity: selfSigned({ names: ['mail.example.com'] }) }) },
    ['tls/cert-untrusted'],
  ],
  [
    'of an unknown CA',
    { hosts: withTls({ identity: createAuthority('Other Root').issue({ names: ['mail.example.com'] }) }) },
    ['tls/cert-untrusted'],
  ],
  [
    'without its intermediate',
    {
      hosts: withTls({
        identity: root
          .intermediate('Sub')
          .issue({ names: ['mail.example.com'], issuerUrl: 'http://ca.example.net/sub.der' }),
      }),
    },
    ['tls/chain-incomplete'],
  ],
  ['with its intermediate', { hosts: withTls({ identity: withIntermediate() }) }, []],
  [
    'an RSA key of 1024 bits',
    { hosts: withTls({ identity: root.issue({ names: ['mail.example.com'], key: 'rsa1024' }), ...legacy }) },
    ['tls/weak-key'],
  ],
  [
    'an RSA key of 2048 bits',
    { hosts: withTls({ identity: root.issue({ names: ['mail.example.com'], key: 'rsa2048' }) }) },
    [],
  ],

  [
    'AUTH PLAIN before TLS',
    { hosts: withTls({}, { extensions: ['AUTH PLAIN CRAM-MD5'], extensionsSecured: [] }) },
    ['tls/plaintext-auth'],
  ],
  [
    'AUTH LOGIN and no TLS',
    { hosts: { [ip]: { extensions: ['AUTH=LOGIN'] } } },
    ['tls/no-starttls', 'tls/plaintext-auth'],
  ],
  ['AUTH behind TLS only', { hosts: withTls({}, { extensions: [], extensionsSecured: ['AUTH PLAIN LOGIN'] }) }, []],
  [
    'only mechanisms that do not show the password',
    { hosts: withTls({}, { extensions: ['AUTH CRAM-MD5 SCRAM-SHA-256'] }) },
    [],
  ],

  ['nothing listens', { hosts: { [ip]: 'refused' } }, ['tls/inconclusive']],
  ['a 554 greeting', { hosts: withTls({}, { greeting: '554 5.7.1 go away' }) }, ['tls/inconclusive']],
  ['EHLO and HELO refused', { hosts: { [ip]: { replies: { EHLO: '550 no', HELO: '550 no' } } } }, ['tls/inconclusive']],
  ['a connection cut at EHLO', { hosts: withTls({}, { drop: { at: 'ehlo' } }) }, ['tls/inconclusive']],
  ['no address', { ips: [], dns: { zone: { 'example.com': { TXT: [] } } } }, ['tls/inconclusive']],
  [
    'a private address, not connected to',
    { ips: ['10.0.0.1'], dns: { zone: { 'example.com': { MX: ['0 .'] } } }, settings: { allowPrivate: false } },
    ['tls/inconclusive'],
  ],
];

function withIntermediate() {
  const sub = root.intermediate('Sub');
  const leaf = sub.issue({ names: ['mail.example.com'] });
  return { certificate: leaf.certificate + sub.certificate, key: leaf.key };
}

test.each(cases)('%s', async (_, world, codes) => {
  expect((await check(world)).codes).toEqual(codes);
});

describe('time', () => {
  test.each([
    [75, []],
    [77, ['tls/cert-expiring']],
    [91, ['tls/cert-expired']],
    [-1, ['tls/cert-expired']],
  ])('by the clock of the run: after %i of 90 days', async (days, codes) => {
    expect((await check({ hosts: withTls({}) }, Date.now() + days * DAY_MS)).codes).toEqual(codes);
  });
});

describe('several hosts and ports', () => {
  const twoHosts: DnsScript = {
    zone: {
      'example.com': { MX: ['10 mail.example.com', '20 mx.example.net'] },
      'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] },
      'mx.example.net': { A: ['198.51.100.9'] },
    },
  };

  test('MX hosts that are not tested are looked at too, each against its own name', async () => {
    const other = root.issue({ names: ['other.example.net'] });
    const { findings } = await check({
      dns: twoHosts,
      hosts: { ...withTls({}), '2001:db8::5': { tls: { identity } }, '198.51.100.9': { tls: { identity: other } } },
    });
    expect(findings).toMatchObject([
      {
        code: 'tls/cert-name-mismatch',
        subject: 'mx.example.net',
        evidence: { wanted: ['mx.example.net'], endpoints: [{ ip: '198.51.100.9', port: 25 }] },
      },
    ]);
  });

  test('the same fault on two addresses is one finding', async () => {
    const { findings } = await check({
      dns: twoHosts,
      ips: [ip, '2001:db8::5'],
      hosts: {
        [ip]: {},
        '2001:db8::5': {},
        '198.51.100.9': { tls: { identity: root.issue({ names: ['mx.example.net'] }) } },
      },
    });
    expect(findings).toMatchObject([
      { code: 'tls/no-starttls', evidence: { endpoints: [{ ip }, { ip: '2001:db8::5' }] } },
    ]);
    expect(findings[0]?.message).toContain(`${ip} port 25, 2001:db8::5 port 25`);
  });

  test('an untested address of an MX host is not asked of where another was seen', async () => {
    const { codes } = await check({
      dns: { zone: { ...dns.zone, 'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] } } },
      hosts: { ...withTls({}), '2001:db8::5': 'refused' },
    });
    expect(codes).toEqual([]);
  });

  const five = ['a', 'b', 'c', 'd', 'e'].map((label) => `${label}.example.com`);
  const mxAt = (address: (index: number) => string): DnsScript => ({
    zone: {
      'example.com': { MX: five.map((name, index) => `${index} ${name}`) },
      ...Object.fromEntries(five.map((name, index) => [name, { A: [address(index)] }])),
    },
  });

  /** The first of five MX hosts is the one under test, and one of them does TLS of its own. */
  const fiveHosts = (odd: number, tls: Partial<TlsScript>): Partial<CheckCase> => ({
    ips: ['198.51.100.0'],
    dns: mxAt((index) => `198.51.100.${index}`),
    hosts: Object.fromEntries(
      five.map((name, index) => {
        const own = root.issue({ names: [name] });
        return [`198.51.100.${index}`, { tls: { identity: own, ...(index === odd ? tls : {}) } }];
      }),
    ),
  });

  test.each([
    [3, ['tls/legacy-enabled']],
    // Of the hosts beyond, one handshake is made.
    [4, []],
  ])('versions are tried on three MX hosts besides the tested one: host %i', async (odd, codes) => {
    expect((await check(fiveHosts(odd, { minVersion: 'TLSv1', ...legacy }))).codes).toEqual(codes);
  });

  test('they tell why a handshake fails, on the hosts beyond too', async () => {
    const { findings } = await check(fiveHosts(4, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ...legacy }));
    expect(findings).toMatchObject([{ code: 'tls/protocol-too-old', subject: 'e.example.com' }]);
  });

  test.each<[string, readonly string[], Record<string, readonly string[]>, readonly string[]]>([
    ['none but the first: three more are asked for', ['a.example.com'], {}, five.slice(1, 4)],
    ['none at all', ['x.example.com'], {}, five.slice(0, 4)],
    ['the first and the last', ['a.example.com', 'e.example.com'], {}, five.slice(1, 4)],
    ['all', five, {}, []],
    [
      'each by a certificate of its own, but one',
      ['a.example.com'],
      { 'b.example.com': ['b.example.com'], 'c.example.com': ['c.example.com'], 'd.example.com': ['x.example.com'] },
      ['d.example.com'],
    ],
    [
      'two by a certificate of their own',
      five.slice(0, 3),
      { 'd.example.com': ['d.example.com'], 'e.example.com': ['e.example.com'] },
      [],
    ],
  ])('one address of five MX names, covering %s', async (_, names, own, wanted) => {
    const identities = Object.fromEntries(Object.entries(own).map(([name, of]) => [name, root.issue({ names: of })]));
    const tls = { identity: root.issue({ names }), identities };
    const { findings } = await check({ dns: mxAt(() => ip), hosts: { [ip]: { tls } } });
    expect(findings).toMatchObject(wanted.length > 0 ? [{ code: 'tls/cert-name-mismatch', evidence: { wanted } }] : []);
    expect(findings).toHaveLength(wanted.length > 0 ? 1 : 0);
  });

  test('an address literal in EHLO is no name to look for', async () => {
    const world = { dns: { zone: { 'example.com': { MX: ['0 .'] } } }, helo: '[203.0.113.5]' };
    const { findings } = await check({
      ...world,
      hosts: withTls({ identity: selfSigned({ names: ['x.example.com'] }) }),
    });
    expect(findings).toMatchObject([
      { code: 'tls/cert-untrusted', subject: ip, evidence: { endpoints: [{ names: [] }] } },
    ]);
  });

  test.each<[string, SmtpScript, string]>([
    ['greets with 421', { greeting: '421 4.7.0 Too many connections' }, 'greeted with 421'],
    ['no longer takes STARTTLS', { tls: { identity, fault: 'declined' } }, 'STARTTLS: 454'],
    ['hangs up at EHLO', { tls: { identity }, drop: { at: 'ehlo' } }, 'the server closed the connection'],
  ])('a host that, asked again, %s: which versions it takes is not known', async (_, later, detail) => {
    const { findings } = await check({
      hosts: { [ip]: (connection) => (connection === 0 ? { tls: { identity } } : later) },
    });
    expect(findings).toMatchObject([
      {
        code: 'tls/inconclusive',
        evidence: { reason: 'versions-unknown', versions: ['TLS 1.0', 'TLS 1.1', 'TLS 1.2'] },
      },
    ]);
    expect(`${findings[0]?.message}`).toContain(detail);
  });

  const submission = (port: number, script: SmtpScript, more: Partial<CheckCase> = {}) =>
    check({
      hosts: { ...withTls({}), [`${ip}:${port}`]: script },
      ...more,
      settings: { submissionPorts: [port], ...more.settings },
    });

  test.each<[string, number, SmtpScript, readonly string[]]>([
    ['465', 465, { implicitTls: true, tls: { identity } }, []],
    ['587', 587, { tls: { identity } }, []],
    ['587 without STARTTLS', 587, {}, ['tls/no-starttls']],
    ['587 with AUTH before TLS', 587, { tls: { identity }, extensions: ['AUTH PLAIN'] }, ['tls/plaintext-auth']],
    ['465 with AUTH', 465, { implicitTls: true, tls: { identity }, extensions: ['AUTH PLAIN'] }, []],
    ['465 that does not speak TLS', 465, {}, ['tls/handshake-failed']],
    [
      '465 with TLS 1.1',
      465,
      { implicitTls: true, tls: { identity, minVersion: 'TLSv1.1', ...legacy } },
      ['tls/legacy-enabled'],
    ],
    [
      '587 with suites without authentication',
      587,
      { tls: { identity, maxVersion: 'TLSv1.2', ciphers: 'ALL:@SECLEVEL=0' } },
      ['tls/weak-cipher'],
    ],
    ['587 whose name nobody knows', 587, { tls: { identity: root.issue({ names: ['smtp.example.com'] }) } }, []],
  ])('%s', async (_, port, script, codes) => {
    const { findings } = await submission(port, script);
    expect(findings.map(({ code }) => code)).toEqual(codes);
    for (const { subject } of findings) expect(subject).toContain(`port ${port}`);
  });

  test('a certificate nobody trusts is worse where users submit', async () => {
    const { findings } = await submission(587, { tls: { identity: selfSigned({ names: ['mail.example.com'] }) } });
    expect(findings).toMatchObject([{ code: 'tls/cert-untrusted', severity: 'error' }]);
  });

  test('a closed submission port is no finding', async () => {
    const { codes } = await check({
      hosts: { ...withTls({}), [`${ip}:587`]: 'refused' },
      settings: { submissionPorts: [587] },
    });
    expect(codes).toEqual([]);
  });
});

describe('a host that only sends', () => {
  const noMx = { zone: { 'example.com': { MX: ['0 .'] } } };
  test.each<[string, Partial<CheckCase>, string]>([
    [
      'and does not listen',
      { hosts: { [ip]: 'refused' } },
      'nothing listens on the tested addresses, and you said that they only send',
    ],
    ['and has no address', { ips: [], dns: noMx }, '--send-only, and there is no address to test'],
  ])('%s is not looked at', async (_, world, reason) => {
    const result = await check({ ...world, settings: { sendOnly: true } });
    expect(result).toMatchObject({ status: 'skipped', skipReason: reason, findings: [] });
  });

  test.each<[string, Partial<CheckCase>]>([
    ['and does not answer', { hosts: { [ip]: { greeting: '554 5.7.1 go away' } } }],
    ['and listens on one of its addresses', { ips: [ip, '203.0.113.6'], hosts: { [ip]: {} } }],
  ])('%s is', async (_, world) => {
    expect((await check({ ...world, dns: noMx, settings: { sendOnly: true } })).codes).not.toEqual([]);
  });

  test('unless told so, an address where nothing listens is inconclusive, and none at all too', async () => {
    expect((await check({ hosts: { [ip]: 'refused' } })).findings).toMatchObject([
      { code: 'tls/inconclusive', subject: 'mail.example.com', evidence: { reason: 'unreached', endpoints: [{ ip }] } },
    ]);
    expect((await check({ ips: [], dns: noMx })).findings).toMatchObject([
      { code: 'tls/inconclusive', subject: 'example.com', evidence: { reason: 'no-address' } },
    ]);
  });

  test('but listens is, and its MX is not', async () => {
    const world: Partial<CheckCase> = {
      dns: { zone: { 'example.com': { MX: ['10 mx.example.net'] }, 'mx.example.net': { A: ['198.51.100.9'] } } },
      hosts: { [ip]: {}, '198.51.100.9': {} },
      settings: { sendOnly: true },
    };
    const { findings } = await check(world);
    expect(findings).toMatchObject([{ code: 'tls/no-starttls', evidence: { endpoints: [{ ip }] } }]);
    expect(findings).toHaveLength(1);
  });
});

describe('what is said', () => {
  test('of several hosts, the versions in order and the certificate that ends first', async () => {
    const other = root.issue({ names: ['mx.example.net'], notAfter: Date.now() + 30.5 * DAY_MS });
    const { note } = await check({
      dns: {
        zone: {
          'example.com': { MX: ['10 mail.example.com', '20 mx.example.net'] },
          'mail.example.com': { A: [ip] },
          'mx.example.net': { A: ['198.51.100.9'] },
        },
      },
      hosts: { ...withTls({}), '198.51.100.9': { tls: { identity: other, maxVersion: 'TLSv1.2' } } },
    });
    expect(note).toBe('TLS 1.2, TLS 1.3; certificate valid for 30 more days');
  });

  test('nothing of how it is where there is a finding', async () => {
    expect((await check({ hosts: withTls({ minVersion: 'TLSv1', ...legacy }) })).note).toBeUndefined();
  });

  test('a pass names the version and the days left', async () => {
    expect((await check({ hosts: withTls({}) })).note).toMatch(/^TLS 1\.3; certificate valid for 89 more days$/);
  });

  test('the chain is kept although it is not trusted', async () => {
    const { findings } = await check({
      hosts: withTls({ identity: createAuthority('Other').issue({ names: ['mail.example.com'] }) }),
    });
    expect(findings[0]?.evidence).toMatchObject({
      trustError: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      certificate: { names: ['mail.example.com'], issuer: 'CN=Other', key: 'ec prime256v1' },
      chain: [{ subject: 'CN=mail.example.com' }],
    });
  });

  test('the lines of the server that names itself', async () => {
    const { findings } = await check({ hosts: { [ip]: { greeting: '220 mail.example.com ESMTP Exim 4.96' } } });
    expect(findings[0]?.remediation.commands?.join('\n')).toContain('tls_certificate');
  });

  test('a signature with SHA-1', async () => {
    const weak = root.issue({ names: ['mail.example.com'], hash: 'sha1' });
    const { findings } = await check({ hosts: withTls({ identity: weak, ...legacy }) });
    expect(findings.find(({ code }) => code === 'tls/weak-key')?.message).toContain('SHA-1');
  });
});

describe('manners', () => {
  test('greeting, EHLO and STARTTLS of all rules share a connection; each version has one more', async () => {
    const { report } = await check({ hosts: withTls({}), rules: ['helo', 'mx', 'tls'] });
    // 1.0, 1.1 and 1.2 by themselves, and weak suites.
    expect(report.timing.smtpConnections).toBe(5);
  });

  test('without the tls rule nobody starts TLS', async () => {
    const report = await checkIn({ dns, hosts: withTls({}), rules: ['mx'] }, { transcript: true });
    expect(report.transcript?.smtp.flatMap(({ lines }) => lines.map(({ text }) => text))).not.toContain('STARTTLS');
  });

  test('each connection says what it is for', async () => {
    const report = await checkIn(
      {
        dns: {
          zone: {
            ...dns.zone,
            'example.com': { MX: ['10 mail.example.com', '20 b.example.com'] },
            'b.example.com': { A: [ip] },
          },
        },
        hosts: {
          ...withTls({}),
          [`${ip}:587`]: { tls: { identity } },
          [`${ip}:465`]: { implicitTls: true, tls: { identity } },
        },
        rules: ['tls'],
        settings: { extraRoots: [root.certificate], submissionPorts: [587, 465] },
      },
      { transcript: true },
    );
    const trials = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'weak suites'];
    const submission = (port: number) => [
      `${ip}:${port} submission`,
      ...trials.map((trial) => `${ip}:${port} submission, ${trial}`),
    ];
    expect((report.transcript?.smtp ?? []).map(({ id }) => id).sort()).toEqual(
      [
        `${ip}:25 greeting`,
        ...trials.map((trial) => `${ip}:25 ${trial}`),
        `${ip}:25 certificate for b.example.com`,
        ...submission(587),
        ...submission(465),
      ].sort(),
    );
  });

  test('each connection says EHLO with the probe’s name and ends with QUIT', async () => {
    const report = await checkIn(
      {
        dns,
        hosts: withTls({}),
        rules: ['tls'],
        settings: { probeName: 'probe.example.net', extraRoots: [root.certificate] },
      },
      { transcript: true },
    );
    const said = (report.transcript?.smtp ?? []).map(({ lines }) =>
      lines.filter(({ from }) => from === 'client').map(({ text }) => text),
    );
    for (const commands of said) {
      expect(commands.slice(0, 2)).toEqual(['EHLO probe.example.net', 'STARTTLS']);
      expect(commands.join('\n')).not.toMatch(/^(AUTH|MAIL|RCPT|DATA)/m);
    }
    expect(said.filter((commands) => commands.at(-1) === 'QUIT').length).toBe(2);
  });
});

describe('bounds', () => {
  test('TLS that never finishes is a failure, in bounded time', async () => {
    const { codes } = await check({ hosts: withTls({ fault: 'silent' }), timeoutMs: 1500 });
    expect(codes[0]).toBe('tls/inconclusive');
  });

  test.each(['greeting', 'ehlo', 'starttls', 'quit'] as const)('cut at %s in every way', async (at) => {
    for (const how of ['fin', 'rst'] as const) {
      for (const midReply of [false, true]) {
        const { codes } = await check({ hosts: withTls({}, { drop: { at, with: how, midReply } }) });
        const expected = {
          greeting: 'tls/inconclusive',
          ehlo: 'tls/inconclusive',
          starttls: 'tls/handshake-failed',
          quit: undefined,
        };
        expect(codes[0], `${how} ${midReply}`).toBe(expected[at]);
      }
    }
  });
});

test('the versions tried can be offered here, else the tables above would show nothing', async () => {
  for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const) {
    expect(await canOffer({ minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' })).toBe(true);
  }
  expect(await canOffer({ ciphers: 'EXPORT' })).toBe(false);
});
