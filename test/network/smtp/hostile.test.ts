/** Whole runs against servers that misbehave: bounded in time and size, a finding instead of a pass, no crash. */
import { describe, expect, test } from 'vitest';
import { sample } from '../../sample.ts';
import { createAuthority } from '../../world/certificates.ts';
import { checkIn, resultOf } from '../../world/check.ts';
import { type SmtpScript, STEPS } from '../../world/smtp.ts';

const authority = createAuthority();
const identity = authority.issue({ names: ['mail.example.com'] });
const ip = '203.0.113.5';
const RULES = ['helo', 'open-relay', 'tls', 'mx'] as const;
const TIMEOUT_MS = 2000;
/** A run on a busy machine ends long before, and one that waits for its server does not. */
const HANGS_MS = 20_000;

async function run(script: SmtpScript) {
  const started = performance.now();
  const report = await checkIn(
    {
      dns: { zone: { 'example.com': { MX: ['10 mail.example.com'] }, 'mail.example.com': { A: [ip] } } },
      hosts: { [ip]: { name: 'mail.example.com', ...script } },
      rules: RULES,
      settings: { extraRoots: [authority.certificate] },
      timeoutMs: TIMEOUT_MS,
    },
    { transcript: true },
  );
  return { report, ms: performance.now() - started, size: JSON.stringify(report).length };
}

describe('whole run against a misbehaving SMTP server: ends in time without a pass', () => {
  test.each<[string, SmtpScript]>([
    ['a banner of 10 MB without a line end', { greeting: Buffer.alloc(10 * 1024 * 1024, 0x61) }],
    ['one byte per 100 ms', { tarpitMs: 100 }],
    ['silence', { greeting: null }],
    ['a greeting that does not end', { greeting: Buffer.from('220-x\r\n'.repeat(100_000)) }],
    ['replies without a command', { greeting: Buffer.from('220 x\r\n'.repeat(10_000)) }],
    ['a code that changes within a reply', { greeting: Buffer.from('220-a\r\n554 b\r\n') }],
    ['another protocol', { greeting: Buffer.from('SSH-2.0-OpenSSH_9.2\r\n') }],
    ['1000 lines in the EHLO reply', { extensions: Array.from({ length: 1000 }, (_, index) => `X-${index}`) }],
    ['an EHLO reply of one very long line', { hello: () => `250 ${'x'.repeat(1024 * 1024)}` }],
    ['a TLS handshake that never finishes', { tls: { identity, fault: 'silent' } }],
    ['garbage instead of TLS', { tls: { identity, fault: 'garbage' } }],
    ['the code 999 in reply to EHLO and HELO', { replies: { EHLO: '999 what', HELO: '999 what' } }],
  ])('%s', async (_, script) => {
    const { report, ms, size } = await run(script);
    expect(ms).toBeLessThan(HANGS_MS);
    expect(size).toBeLessThan(1_000_000);
    expect(['fail', 'inconclusive']).toContain(resultOf(report, 'tls').status);
    expect(['fail', 'inconclusive']).toContain(report.verdict);
  });

  test('control: escape and NUL bytes are kept as data and do not change the verdict', async () => {
    const { report } = await run({
      greeting: Buffer.from('220 mail.example.com \x1b]0;x\x07\0 ESMTP\r\n'),
      tls: { identity },
    });
    expect(resultOf(report, 'open-relay').status).toBe('pass');
    expect(resultOf(report, 'tls').status).toBe('pass');
    const said = report.transcript?.smtp.flatMap(({ lines }) => lines.map(({ text }) => text)) ?? [];
    expect(said.some((text) => text.includes('\x1b]0;x\x07\0'))).toBe(true);
  });

  test('control: a server that behaves passes', async () => {
    const { report } = await run({ tls: { identity } });
    expect(resultOf(report, 'open-relay').status).toBe('pass');
    expect(resultOf(report, 'tls').status).toBe('pass');
  });
});

describe('whole run: the server cuts the connection', () => {
  const cuts = STEPS.flatMap((at) => [
    { at, with: 'fin' as const, midReply: false },
    { at, with: 'rst' as const, midReply: false },
    { at, with: 'fin' as const, midReply: true },
    { at, with: 'rst' as const, midReply: true },
  ]);
  /** Steps that these checks never take, or whose loss costs nothing. */
  const harmless = ['quit', 'data', 'message'];
  /** Steps of the relay dialogue alone, which TLS does not need. */
  const ofRelay = ['mail', 'rcpt', 'rset'];

  test.each(sample(cuts, 14))(
    'at step $at with $with (in the middle of a reply: $midReply)',
    async ({ at, with: how, midReply }) => {
      const { report, ms } = await run({ tls: { identity }, drop: { at, with: how, midReply } });
      expect(ms).toBeLessThan(HANGS_MS);
      const relay = resultOf(report, 'open-relay').status;
      const tls = resultOf(report, 'tls').status;
      // Some relay probes go behind STARTTLS.
      expect(relay).toBe(harmless.includes(at) ? 'pass' : 'inconclusive');
      if (harmless.includes(at) || ofRelay.includes(at)) expect(tls).toBe('pass');
      else expect(tls).toBe(at === 'starttls' ? 'fail' : 'inconclusive');
    },
  );
});
