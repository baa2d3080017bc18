/** From what was observed to findings, without a connection: what each finding shows, and what is one finding. */
import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Greeting, TlsFact } from '../../../src/check/facts/greeting.ts';
import type { Endpoint, TlsObservation, VersionOutcome } from '../../../src/check/facts/tls-endpoints.ts';
import type { Version } from '../../../src/check/facts/tls-trials.ts';
import { emitter } from '../../../src/check/rules/finding.ts';
import { findings } from '../../../src/check/rules/tls/findings.ts';
import { judge } from '../../../src/check/rules/tls/rule.ts';
import { parseArguments } from '../../../src/check/target.ts';
import { type DnsAnswer, unasked } from '../../../src/network/dns/answer.ts';
import { parseIp } from '../../../src/network/ip.ts';
import type {
  SmtpFailure,
  SmtpFailureStatus,
  SmtpReply,
  TlsDetails,
  Transcript,
} from '../../../src/network/smtp/types.ts';
import { createAuthority, type Issued, selfSigned } from '../../world/certificates.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-03-01T00:00:00Z');
const lifetime = { notBefore: NOW - 10 * DAY_MS, notAfter: NOW + 80 * DAY_MS };
const root = createAuthority();
const parsed = ({ certificate }: Issued) => new X509Certificate(certificate);
const good = parsed(root.issue({ names: ['mail.example.com'], ...lifetime }));
const transcript: Transcript = { id: 'x', lines: [] };

function reply(code: number, ...lines: string[]): SmtpReply {
  return { code, enhanced: null, lines };
}

const ehlo = reply(250, 'mail.example.com', 'SIZE 1000', 'STARTTLS');
const failure = (status: SmtpFailureStatus, detail = `it ${status}`) => ({ status, detail });

type Greeted = Extract<Greeting, { kind: 'greeted' }>;

function greeted(extensions: Record<string, string> = {}, banner = 'mail.example.com ESMTP Postfix'): Greeted {
  return {
    kind: 'greeted',
    reply: reply(220, banner),
    hello: { status: 'reply', reply: ehlo },
    extensions: new Map(Object.entries(extensions)),
    greetingName: 'mail.example.com',
    helloName: 'mail.example.com',
    transcript,
  };
}

function secured(details: Partial<TlsDetails> = {}): TlsFact {
  return {
    kind: 'secured',
    tls: {
      protocol: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      keyExchange: {},
      chain: [good],
      trusted: true,
      trustError: null,
      ...details,
    },
    serverName: null,
    hello: { status: 'reply', reply: ehlo },
    extensions: new Map(),
    hasPlaintext: false,
    transcript,
  };
}

const address = (text: string) => {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`${text} is no address`);
  return ip;
};
const at = (changes: Partial<Omit<Endpoint, 'ip'>> & { ip?: string } = {}): Endpoint => ({
  port: 25,
  isSubmission: false,
  isTested: true,
  names: ['mail.example.com'],
  leads: [],
  ...changes,
  ip: address(changes.ip ?? '203.0.113.5'),
});

const seen = (changes: Partial<TlsObservation> = {}): TlsObservation => ({
  endpoint: at(),
  greeting: greeted(),
  tls: secured(),
  versions: [],
  injection: null,
  weakSuite: null,
  weakSuiteUnknown: null,
  unnamed: null,
  uncovered: [],
  untriedNames: [],
  obstacle: null,
  ...changes,
});

const target = { ...parseArguments('example.com', ['203.0.113.5']), ipSource: 'argument' as const, selectors: [] };
const judged = (...observations: TlsObservation[]) =>
  [...judge(observations, NOW, emitter(findings, target))].map(({ code, subject, severity, evidence }) => ({
    code,
    subject,
    severity,
    evidence,
  }));
const endpoints = [{ ip: '203.0.113.5', port: 25, names: ['mail.example.com'] }];
const about = { mta: 'postfix', endpoints };

const tried = (outcomes: Partial<Record<Version, VersionOutcome['outcome']>>): VersionOutcome[] =>
  (['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const).flatMap((version) => {
    const outcome = outcomes[version];
    return outcome === undefined ? [] : [{ version, outcome, detail: `${version} ${outcome}` }];
  });

test('tls, judged: a good server → nothing', () => {
  expect(judged(seen())).toEqual([]);
});

describe('tls, judged: STARTTLS', () => {
  test('is not offered → tls/no-starttls, with what is offered', () => {
    expect(judged(seen({ tls: { kind: 'not-offered', hello: ehlo, transcript } }))).toEqual([
      {
        code: 'tls/no-starttls',
        subject: 'mail.example.com',
        severity: 'error',
        evidence: {
          ...about,
          smtp: { command: 'EHLO', code: 250, enhanced: null, text: 'mail.example.com SIZE 1000 STARTTLS' },
          extensions: ['SIZE 1000', 'STARTTLS'],
        },
      },
    ]);
  });

  test.each<[string, SmtpReply, string]>([
    [
      'with several lines, of which the last is told',
      reply(454, 'no', 'no TLS', 'not available'),
      'the server answers STARTTLS with 454 no no TLS not available',
    ],
    ['with an empty line: the code alone is told', reply(502, ''), 'the server answers STARTTLS with 502'],
    ['without any line: the code alone is told', reply(502), 'the server answers STARTTLS with 502'],
  ])('is declined %s → tls/handshake-failed', (_, answer, detail) => {
    expect(judged(seen({ tls: { kind: 'declined', reply: answer, transcript } }))).toMatchObject([
      {
        code: 'tls/handshake-failed',
        evidence: { ...about, detail, errno: null, versions: { accepted: [], refused: [] } },
      },
    ]);
  });

  test.each([
    ['ERR_SSL_X', 'ERR_SSL_X'],
    [undefined, null],
  ])('fails with the error %s → tls/handshake-failed', (errno, expected) => {
    const versions = tried({ TLSv1: 'refused', 'TLSv1.1': 'unknown', 'TLSv1.2': 'accepted', 'TLSv1.3': 'refused' });
    const broken = { ...failure('tls-failed', 'no shared cipher'), ...(errno === undefined ? {} : { errno }) };
    expect(judged(seen({ tls: { kind: 'failed', failure: broken, serverName: null }, versions }))).toMatchObject([
      {
        code: 'tls/handshake-failed',
        subject: 'mail.example.com',
        evidence: {
          ...about,
          detail: 'no shared cipher',
          errno: expected,
          versions: { accepted: ['TLS 1.2'], refused: ['TLS 1.0', 'TLS 1.3'] },
        },
      },
    ]);
  });

  test('is cut off by the end of the run → tls/inconclusive', () => {
    const tls: TlsFact = { kind: 'failed', failure: failure('aborted', 'time is up'), serverName: null };
    expect(judged(seen({ tls }))).toEqual([
      {
        code: 'tls/inconclusive',
        subject: 'mail.example.com',
        severity: 'inconclusive',
        evidence: { reason: 'aborted', detail: 'time is up', endpoints },
      },
    ]);
  });
});

test.each<[string, RegExp]>([
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /Do not require client certificates/],
  ['ECONNRESET', /why it ends the session after the TLS handshake/],
])('tls, judged: a session that ends behind TLS with %s → what to do', (detail, fix) => {
  const up = secured();
  const tls: TlsFact = up.kind === 'secured' ? { ...up, hello: failure('reset', detail) } : up;
  const found = [...judge([seen({ tls })], NOW, emitter(findings, target))];
  expect(found.map(({ code, remediation }) => [code, remediation.summary])).toEqual([
    ['tls/handshake-failed', expect.stringMatching(fix)],
  ]);
});

describe('tls, judged: a firewall that overwrites SMTP', () => {
  const stars = '*'.repeat(40);
  const withHello = (banner: string, ...keywords: string[]): Greeted => ({
    ...greeted({}, banner),
    hello: { status: 'reply', reply: reply(250, 'mail.example.com', ...keywords) },
  });
  const notOffered: TlsFact = { kind: 'not-offered', hello: ehlo, transcript };
  const declined = (...lines: string[]): TlsFact => ({ kind: 'declined', reply: reply(500, ...lines), transcript });

  test.each<[string, Greeted, TlsFact, string[]]>([
    ['the greeting', withHello(stars, 'SIZE 1'), notOffered, ['greeting']],
    ['the greeting but for some digits', withHello(`${stars}2**0***0${stars}200*`, 'SIZE'), notOffered, ['greeting']],
    ['the greeting behind the name', withHello(`mail.example.com ${stars}`, 'SIZE'), notOffered, ['greeting']],
    ['a keyword', withHello('mail.example.com ESMTP', 'SIZE', 'XXXXXXXA'), notOffered, ['keyword']],
    ['a keyword without a count', withHello('mail.example.com ESMTP', 'xxxxxxxx', 'SIZE'), notOffered, ['keyword']],
    ['both', withHello(stars, 'XXXXXXXA', 'XXXB'), notOffered, ['greeting', 'keyword']],
    [
      'the command',
      withHello('mail.example.com ESMTP', 'STARTTLS'),
      declined('5.5.1 Command unrecognized: "XXXXXXXX"'),
      ['reply'],
    ],
    [
      'the command, in a reply of several lines',
      withHello('mail.example.com ESMTP', 'STARTTLS'),
      declined('5.5.1 Command unrecognized:', 'XXXXXXXX', 'see the manual'),
      ['reply'],
    ],
  ])('%s → tls/starttls-overwritten', (_, greeting, tls, parts) => {
    expect(judged(seen({ greeting, tls }))).toMatchObject([{ code: 'tls/starttls-overwritten', evidence: { parts } }]);
  });

  test.each<[string, Greeted, TlsFact, string]>([
    ['a banner in a frame of asterisks', withHello(`${stars} Authorised use only ${stars}`), notOffered, 'no-starttls'],
    [
      'a keyword of its own',
      withHello('mail.example.com ESMTP', 'XCLIENT', 'X-EXPS GSSAPI'),
      notOffered,
      'no-starttls',
    ],
    ['TLS that is not available', withHello('mail.example.com'), declined('TLS not available'), 'handshake-failed'],
  ])('%s is no mark → tls/%s', (_, greeting, tls, code) => {
    expect(judged(seen({ greeting, tls }))).toMatchObject([{ code: `tls/${code}` }]);
  });

  test('an overwritten greeting before TLS that works → nothing', () => {
    expect(judged(seen({ greeting: withHello(stars, 'STARTTLS') }))).toEqual([]);
  });

  test('every mail server looks so from here → tls/inconclusive, but for an address of this machine', () => {
    const remote = seen({ greeting: withHello(stars), tls: notOffered, endpoint: at({ names: ['mx.example.net'] }) });
    const local = { ...remote, endpoint: at({ ip: '203.0.113.6' }) };
    const found = [...judge([remote, local], NOW, emitter(findings, target), (ip) => ip === '203.0.113.5')];
    expect(found.map(({ code, evidence }) => ({ code, evidence }))).toMatchObject([
      { code: 'tls/starttls-overwritten', evidence: { endpoints: [{ ip: '203.0.113.6' }] } },
      { code: 'tls/inconclusive', evidence: { reason: 'overwritten-here', endpoints: [{ ip: '203.0.113.5' }] } },
    ]);
  });
});

describe('tls, judged: the versions accepted', () => {
  const modern = { 'TLSv1.2': 'refused', 'TLSv1.3': 'refused' } as const;
  const failed: TlsFact = { kind: 'failed', failure: failure('tls-failed'), serverName: null };
  const old = { code: 'tls/protocol-too-old' };
  const legacy = { code: 'tls/legacy-enabled' };

  test.each<[string, Partial<Record<Version, VersionOutcome['outcome']>>, TlsFact, object[]]>([
    [
      'are retired ones only',
      { TLSv1: 'accepted', 'TLSv1.1': 'accepted', ...modern },
      failed,
      [
        {
          ...old,
          evidence: { ...about, versions: { accepted: ['TLS 1.0', 'TLS 1.1'], refused: ['TLS 1.2', 'TLS 1.3'] } },
        },
      ],
    ],
    [
      'are one retired one only',
      { TLSv1: 'refused', 'TLSv1.1': 'accepted', ...modern },
      failed,
      [
        {
          ...old,
          evidence: { ...about, versions: { accepted: ['TLS 1.1'], refused: ['TLS 1.0', 'TLS 1.2', 'TLS 1.3'] } },
        },
      ],
    ],
    [
      'are retired ones beside another',
      { TLSv1: 'accepted', 'TLSv1.1': 'refused', 'TLSv1.2': 'accepted', 'TLSv1.3': 'refused' },
      secured(),
      [{ ...legacy, evidence: { ...about, versions: { accepted: ['TLS 1.0'], refused: ['TLS 1.1'] } } }],
    ],
    [
      'are 1.2 alone',
      { TLSv1: 'refused', 'TLSv1.1': 'refused', 'TLSv1.2': 'accepted', 'TLSv1.3': 'refused' },
      secured(),
      [],
    ],
    ['are none', { TLSv1: 'refused', 'TLSv1.1': 'refused', ...modern }, failed, [{ code: 'tls/handshake-failed' }]],
    ['are not known, since none was tried', {}, secured(), []],
    [
      'are retired ones, while one of today’s could not be tried',
      { TLSv1: 'accepted', 'TLSv1.1': 'refused', 'TLSv1.2': 'refused', 'TLSv1.3': 'unknown' },
      failed,
      [{ code: 'tls/handshake-failed' }, legacy],
    ],
  ])('%s', (_, outcomes, tls, expected) => {
    const found = judged(seen({ tls, versions: tried(outcomes) }));
    expect(found).toMatchObject(expected);
    expect(found).toHaveLength(expected.length);
    for (const { subject } of found) expect(subject).toBe('mail.example.com');
  });

  test.each([
    ['unknown', 'versions-unknown'],
    ['untestable', 'versions-untestable'],
  ] as const)('are %s → tls/inconclusive, %s', (outcome, reason) => {
    const versions = tried({ TLSv1: outcome, 'TLSv1.1': outcome, 'TLSv1.2': 'accepted', 'TLSv1.3': 'accepted' });
    expect(judged(seen({ versions }))).toEqual([
      {
        code: 'tls/inconclusive',
        subject: 'mail.example.com',
        severity: 'inconclusive',
        evidence: { reason, versions: ['TLS 1.0', 'TLS 1.1'], detail: `TLSv1 ${outcome}`, endpoints },
      },
    ]);
    expect(judged(seen({ tls: failed, versions })).map(({ code }) => code)).toEqual(['tls/handshake-failed']);
  });
});

describe('tls, judged: the suite', () => {
  test('is a weak one, agreed on when nothing else was offered → tls/weak-cipher', () => {
    expect(judged(seen({ weakSuite: 'NULL-SHA256' }))).toMatchObject([
      { code: 'tls/weak-cipher', subject: 'mail.example.com', evidence: { ...about, cipher: 'NULL-SHA256' } },
    ]);
  });

  const dh = (size?: number) => ({ keyExchange: { type: 'DH', ...(size === undefined ? {} : { size }) } });
  test.each<[string, Partial<TlsDetails>, string | null]>([
    ['a group of 1024 bits', dh(1024), 'DHE-X with DH of 1024 bits'],
    ['a group of 2047 bits', dh(2047), 'DHE-X with DH of 2047 bits'],
    ['a group of 2048 bits', dh(2048), null],
    ['a group of unknown size', dh(), 'DHE-X with DH of 0 bits'],
    ['a curve, which needs fewer', { keyExchange: { type: 'ECDH', size: 253 } }, null],
    ['no group', { keyExchange: {} }, null],
  ])('exchanges keys with %s (RFC 9325 §4.1)', (_, details, cipher) => {
    const found = judged(seen({ tls: secured({ ...details, cipher: 'DHE-X' }) }));
    expect(found).toMatchObject(cipher === null ? [] : [{ code: 'tls/weak-cipher', evidence: { cipher } }]);
    expect(found).toHaveLength(cipher === null ? 0 : 1);
  });
});

describe('tls, judged: the certificate', () => {
  const names = ['mail.example.com'];
  const until = (days: number) =>
    parsed(root.issue({ names, notBefore: NOW - 90 * DAY_MS, notAfter: NOW + days * DAY_MS }));
  const shown = (leaf: X509Certificate) => ({ fingerprint256: leaf.fingerprint256, subject: 'CN=mail.example.com' });

  test.each([
    ['has expired', until(-3), { state: 'expired', daysLeft: -3 }],
    [
      'is not valid yet',
      parsed(root.issue({ names, notBefore: NOW + DAY_MS, notAfter: NOW + 9 * DAY_MS })),
      { state: 'not-yet-valid', daysLeft: 9 },
    ],
  ])('%s → tls/cert-expired', (_, leaf, evidence) => {
    const tls = secured({ chain: [leaf], trusted: false, trustError: 'CERT_HAS_EXPIRED' });
    expect(judged(seen({ tls }))).toMatchObject([
      {
        code: 'tls/cert-expired',
        subject: 'mail.example.com',
        evidence: { ...about, ...evidence, certificate: shown(leaf) },
      },
    ]);
  });

  test('is about to expire → tls/cert-expiring', () => {
    const leaf = until(5);
    const found = judged(seen({ tls: secured({ chain: [leaf] }) }));
    expect(found).toMatchObject([
      {
        code: 'tls/cert-expiring',
        subject: 'mail.example.com',
        evidence: { ...about, daysLeft: 5, certificate: shown(leaf) },
      },
    ]);
    expect(found).toHaveLength(1);
  });

  test('is for other names → tls/cert-name-mismatch', () => {
    expect(judged(seen({ uncovered: ['a.example.com', 'b.example.com'] }))).toMatchObject([
      {
        code: 'tls/cert-name-mismatch',
        subject: 'mail.example.com',
        evidence: { ...about, wanted: ['a.example.com', 'b.example.com'], certificate: shown(good) },
      },
    ]);
  });

  const leaf = parsed(root.issue({ names, ...lifetime, issuerUrl: 'http://ca.example.net/root.der' }));
  const own = parsed(selfSigned({ names, ...lifetime }));
  test.each<[string, X509Certificate[], string | null, string, string]>([
    ['is self-signed', [own], 'DEPTH_ZERO_SELF_SIGNED_CERT', 'tls/cert-untrusted', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['is not trusted for no reason given', [good], null, 'tls/cert-untrusted', 'unknown'],
    [
      'lacks its issuer',
      [leaf],
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'tls/chain-incomplete',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ])('%s, which is worse where users submit', (_, chain, trustError, code, said) => {
    const tls = secured({ chain, trusted: false, trustError });
    const submission = at({ port: 587, isSubmission: true, names: [] });
    const evidence = { trustError: said, chain: chain.map(shown), mta: 'postfix' };
    const found = judged(seen({ tls }), seen({ tls, endpoint: submission }));
    expect(found).toMatchObject([
      { code, subject: 'mail.example.com', severity: 'warning', evidence: { ...evidence, endpoints } },
      {
        code,
        subject: '203.0.113.5 port 587',
        severity: 'error',
        evidence: { ...evidence, endpoints: [{ ip: '203.0.113.5', port: 587, names: [] }] },
      },
    ]);
    expect(found).toHaveLength(2);
  });

  test('has a weak signature → tls/weak-key', () => {
    const weak = parsed(root.issue({ names, ...lifetime, hash: 'sha1' }));
    expect(judged(seen({ tls: secured({ chain: [weak] }) }))).toMatchObject([
      {
        code: 'tls/weak-key',
        subject: 'mail.example.com',
        evidence: { ...about, weakness: 'a signature with SHA-1', certificate: shown(weak) },
      },
    ]);
  });

  test('is missing, which is no fault of a certificate, and does not pass', () => {
    const tls = secured({ chain: [], trusted: false, trustError: null });
    expect(judged(seen({ tls, uncovered: ['mail.example.com'] }))).toMatchObject([
      { code: 'tls/inconclusive', evidence: { reason: 'no-certificate' } },
    ]);
  });
});

describe('tls, judged: what must not pass in silence', () => {
  const dead = (hello: Extract<TlsFact, { kind: 'secured' }>['hello']): TlsFact => ({ ...secured(), hello }) as TlsFact;
  test.each<[string, Extract<TlsFact, { kind: 'secured' }>['hello'], string, string]>([
    ['nothing', failure('timeout'), 'tls/handshake-failed', 'it timeout'],
    ['a reset', failure('reset'), 'tls/handshake-failed', 'it reset'],
    ['421', { status: 'reply', reply: reply(421, 'later') }, 'tls/handshake-failed', '421 later'],
    ['550', { status: 'reply', reply: reply(550, 'no') }, 'tls/handshake-failed', '550 no'],
    ['the end of the run', failure('aborted'), 'tls/inconclusive', 'it aborted'],
  ])('EHLO behind TLS gets %s → %s', (_, hello, code, detail) => {
    expect(judged(seen({ tls: dead(hello) }))).toMatchObject([
      { code, evidence: { detail: expect.stringContaining(detail) } },
    ]);
  });

  test.each<[string, Partial<TlsObservation>, object]>([
    [
      'weak suites that could not be tried',
      { weakSuiteUnknown: { status: 'closed', detail: 'greeted with 421' } },
      { reason: 'versions-unknown' },
    ],
    [
      'names beyond the limit',
      { untriedNames: ['x.example.com'] },
      { reason: 'names-untried', untriedNames: ['x.example.com'] },
    ],
  ])('%s → tls/inconclusive', (_, changes, evidence) => {
    expect(judged(seen(changes))).toMatchObject([{ code: 'tls/inconclusive', evidence }]);
  });

  test('a missing route of this machine is said to be that', () => {
    const greeting: Greeting = { kind: 'failed', failure: failure('no-route', 'ENETUNREACH') };
    const observation = seen({ greeting, tls: { kind: 'unreached', greeting }, endpoint: at({ ip: '2001:db8::5' }) });
    expect(judged(observation)).toMatchObject([
      {
        code: 'tls/inconclusive',
        evidence: { reason: 'no-route', detail: 'this machine has no IPv6 route to it (ENETUNREACH)' },
      },
    ]);
  });
});

describe('tls, judged: passwords before TLS', () => {
  const notOffered: TlsFact = { kind: 'not-offered', hello: ehlo, transcript };
  test.each<[string, string, readonly string[]]>([
    ['are in clear', 'PLAIN', ['PLAIN']],
    ['are coded', 'LOGIN', ['LOGIN']],
    ['are tokens', 'XOAUTH2 OAUTHBEARER', ['XOAUTH2', 'OAUTHBEARER']],
    [
      'are in clear, whatever the case and the space, each told once',
      'plain  CRAM-MD5\tPlain login',
      ['PLAIN', 'LOGIN'],
    ],
    ['are not in clear', 'CRAM-MD5 SCRAM-SHA-256 X-PLAIN', []],
    ['are not asked for', '', []],
  ])('%s: AUTH %s', (_, AUTH, mechanisms) => {
    const found = judged(seen({ greeting: greeted({ AUTH }) }));
    const evidence = { ...about, mechanisms, offersTls: true };
    expect(found).toEqual(
      mechanisms.length === 0
        ? []
        : [{ code: 'tls/plaintext-auth', subject: 'mail.example.com', severity: 'error', evidence }],
    );
  });

  test('are in clear, and there is no TLS → tls/no-starttls, tls/plaintext-auth', () => {
    expect(judged(seen({ greeting: greeted({ AUTH: 'PLAIN' }), tls: notOffered }))).toMatchObject([
      { code: 'tls/no-starttls' },
      { code: 'tls/plaintext-auth', evidence: { offersTls: false } },
    ]);
  });

  test('are in clear on 587, but not on 465, which is TLS from the first byte', () => {
    const on = (port: number) =>
      judged(seen({ greeting: greeted({ AUTH: 'PLAIN' }), endpoint: at({ port, isSubmission: true, names: [] }) }));
    expect(on(587)).toMatchObject([{ code: 'tls/plaintext-auth', subject: '203.0.113.5 port 587' }]);
    expect(on(465)).toEqual([]);
  });
});

describe('tls, judged: a server that was not seen', () => {
  const unreached = (greeting: Greeting, endpoint = at()) =>
    seen({ greeting, tls: { kind: 'unreached', greeting }, endpoint });
  const failed = (status: SmtpFailureStatus): Greeting => ({ kind: 'failed', failure: failure(status) });
  const rejected = (...lines: string[]): Greeting => ({ kind: 'rejected', reply: reply(554, ...lines), transcript });
  const hello = (said: Greeted['hello']): Greeting => ({
    kind: 'greeted',
    reply: reply(220, 'mail.example.com'),
    hello: said,
    extensions: new Map(),
    greetingName: null,
    helloName: null,
    transcript,
  });

  test.each<[string, Greeting, string, string]>([
    ['nothing listens', failed('refused'), 'unreached', 'it refused'],
    ['it does not answer', failed('timeout'), 'unreached', 'it timeout'],
    ['it is not public', failed('forbidden'), 'forbidden', 'it forbidden'],
    ['the time for the run was up', failed('aborted'), 'aborted', 'it aborted'],
    ['it greets with 554 and lines', rejected('no', 'go away'), 'rejected', '554 no go away'],
    ['it greets with 554 alone', rejected(), 'rejected', '554'],
    [
      'it answers EHLO with 550 and lines',
      hello({ status: 'reply', reply: reply(550, 'no', 'no, no', 'not you') }),
      'rejected',
      'EHLO: 550 no no, no not you',
    ],
    ['it answers EHLO with 550 alone', hello({ status: 'reply', reply: reply(550) }), 'rejected', 'EHLO: 550'],
    ['it hangs up at EHLO', hello(failure('closed')), 'dialogue-lost', 'it closed'],
    ['the time for the run was up at EHLO', hello(failure('aborted')), 'aborted', 'it aborted'],
  ])('%s → tls/inconclusive', (_, greeting, reason, detail) => {
    expect(judged(unreached(greeting))).toEqual([
      {
        code: 'tls/inconclusive',
        subject: 'mail.example.com',
        severity: 'inconclusive',
        evidence: {
          reason,
          detail,
          endpoints,
          ...(reason === 'rejected' ? { tells: 'unknown' } : {}),
          obstacle: null,
        },
      },
    ]);
  });

  test.each<[string, Partial<SmtpFailure>, string]>([
    ['it waits for TLS', { waitsFor: 'tls' }, 'tls-first'],
    ['it waits for the header of a proxy', { waitsFor: 'proxy-header', heard: '421 no' }, 'proxy-first'],
    ['it is a news server', { status: 'malformed', heard: '200 news.example.com ready' }, 'service'],
    ['it sends no SMTP', { status: 'malformed', heard: 'hello' }, 'no-smtp'],
    ['it sends too much', { status: 'too-long', heard: '220-x' }, 'no-smtp'],
    ['it says nothing', {}, 'silent'],
    ['it does not come to an end', { heard: '220-mail' }, 'slow'],
    ['it hangs up', { status: 'closed' }, 'hung-up'],
    ['it resets the connection', { status: 'reset' }, 'hung-up'],
  ])('it takes the connection, and %s → tls/inconclusive', (_, changes, does) => {
    const greeting: Greeting = { kind: 'failed', failure: { ...failure('timeout'), connected: true, ...changes } };
    expect(judged(unreached(greeting))).toMatchObject([
      { code: 'tls/inconclusive', evidence: { reason: 'no-greeting', seen: { does } } },
    ]);
  });

  const other = (names: string[], isTested = false) =>
    unreached(failed('refused'), at({ ip: '203.0.113.6', isTested, names }));
  const planned = (names: string[]) => unreached(failed('unasked'), at({ ip: '203.0.113.6', isTested: false, names }));
  test.each<[string, TlsObservation, number]>([
    ['another address of a host that was seen is told', other(['mail.example.com']), 1],
    ['a planned address of a host that was seen is not told', planned(['mail.example.com']), 0],
    ['a planned address that has a name of such a host is not told', planned(['x.example.com', 'mail.example.com']), 0],
    ['a planned address of another host is told', planned(['x.example.com']), 1],
    ['a tested address of a host that was seen is told', other(['mail.example.com'], true), 1],
    ['an address of another host is told', other(['x.example.com']), 1],
    ['an address without a name is told', other([]), 1],
  ])('%s', (_, observation, count) => {
    expect(judged(seen(), observation)).toHaveLength(count);
  });

  test('a host of which no address was seen is told once', () => {
    const second = unreached(failed('refused'), at({ ip: '203.0.113.6', isTested: false }));
    expect(judged(unreached(failed('refused'), at({ isTested: false })), second)).toMatchObject([
      { evidence: { endpoints: [{ ip: '203.0.113.5' }, { ip: '203.0.113.6' }] } },
    ]);
  });
});

describe('tls, judged: one finding', () => {
  const bare: TlsFact = { kind: 'not-offered', hello: ehlo, transcript };
  const on = (endpoint: Endpoint, banner?: string) => seen({ tls: bare, endpoint, greeting: greeted({}, banner) });
  const grouping = (...observations: TlsObservation[]) =>
    judged(...observations).map(({ subject, evidence }) => [
      subject,
      ...('endpoints' in evidence && Array.isArray(evidence.endpoints)
        ? evidence.endpoints.map(({ ip, port }) => `${ip}:${port}`)
        : []),
    ]);

  test('for the same fault on several addresses, about the same name in whatever order they come', () => {
    const nameless = at({ ip: '203.0.113.6', names: [] });
    expect(grouping(on(at()), on(nameless))).toEqual([['mail.example.com', '203.0.113.5:25', '203.0.113.6:25']]);
    expect(grouping(on(nameless), on(at()))).toEqual([['mail.example.com', '203.0.113.6:25', '203.0.113.5:25']]);
    const other = at({ ip: '198.51.100.9', names: ['a.example.net'], isTested: false });
    expect(grouping(on(other), on(at()))).toEqual([['mail.example.com', '198.51.100.9:25', '203.0.113.5:25']]);
  });

  test.each([[['203.0.113.5', '203.0.113.6']], [['203.0.113.6', '203.0.113.5']]])(
    'for each fault that differs at the addresses of one name, told apart by address: %s',
    (ips) => {
      const different = ips
        .map((ip) => on(at({ ip }), `mail.example.com ESMTP ${ip}`))
        .map((one, index) => ({
          ...one,
          tls: { ...bare, hello: reply(250, 'mail.example.com', `X-${ips[index]}`) },
        }));
      const abouts = [...judge(different, NOW, emitter(findings, target))].map(({ about, subject }) => ({
        about,
        subject,
      }));
      expect(
        abouts.toSorted((a, b) => Number(a.about.item !== undefined) - Number(b.about.item !== undefined)),
      ).toEqual([
        { about: { name: 'mail.example.com' }, subject: 'mail.example.com' },
        { about: { name: 'mail.example.com', item: '203.0.113.6' }, subject: 'mail.example.com' },
      ]);
    },
  );

  test('for versions that could not be tried, and another for those that cannot be tried here', () => {
    const both = seen({ versions: tried({ TLSv1: 'untestable', 'TLSv1.1': 'unknown' }) });
    expect([...judge([both], NOW, emitter(findings, target))].map(({ about }) => about)).toEqual([
      { name: 'mail.example.com', item: 'versions-unknown' },
      { name: 'mail.example.com', item: 'versions-untestable' },
    ]);
  });

  test('rests on the DNS answers that lead to its addresses', () => {
    const lead: DnsAnswer = {
      ...unasked('example.com', 'MX'),
      chain: ['alias.example.com'],
      status: 'nodata',
      ttl: 60,
      zone: null,
    };
    const [found] = judge([on({ ...at(), leads: [lead] })], NOW, emitter(findings, target));
    expect(found?.rests).toEqual([
      { name: 'example.com', type: 'MX' },
      { name: 'alias.example.com', type: 'MX' },
    ]);
  });

  test('for each fault that differs', () => {
    const exim = on(at({ ip: '203.0.113.6', names: ['b.example.com'] }), 'b.example.com ESMTP Exim 4.96');
    expect(grouping(on(at()), exim)).toEqual([
      ['mail.example.com', '203.0.113.5:25'],
      ['b.example.com', '203.0.113.6:25'],
    ]);
  });

  test('for mail and another for submission', () => {
    const submission = (port: number, names: string[]) => on(at({ port, isSubmission: true, names }));
    expect(grouping(on(at()), submission(587, []), submission(2525, ['b.example.com']))).toEqual([
      ['mail.example.com', '203.0.113.5:25'],
      ['203.0.113.5 port 587', '203.0.113.5:587', '203.0.113.5:2525'],
    ]);
  });
});

describe('tls, judged: which server it is', () => {
  const mta = (greeting: Greeting) => {
    const [found] = judged(seen({ greeting, weakSuite: 'X' }));
    return found !== undefined && 'mta' in found.evidence ? found.evidence.mta : undefined;
  };
  const silent: Greeting = { ...greeted({}, 'mail.example.com'), hello: failure('closed') };
  test.each<[string, Greeting, string | null]>([
    ['is told by its greeting', greeted({}, 'x ESMTP Exim 4.96'), 'exim'],
    [
      'is told by its answer to EHLO',
      { ...greeted({}, 'x'), hello: { status: 'reply', reply: reply(250, 'x', 'I am Haraka') } },
      'haraka',
    ],
    ['is not told, where the greeting does not say', greeted({}, 'x ESMTP'), null],
    ['is not told, where EHLO was not answered', silent, null],
    ['is not told, where it did not greet', { kind: 'failed', failure: failure('refused') }, null],
  ])('%s', (_, greeting, expected) => {
    expect(mta(greeting)).toBe(expected);
  });
});
