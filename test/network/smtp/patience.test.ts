/** The pace of connections: what waits holds nothing up, and nothing is dialled that the host or the user does not want. */
import { afterEach, describe, expect, test } from 'vitest';
import { parseIp } from '../../../src/network/ip.ts';
import { SmtpBudgets } from '../../../src/network/smtp/budgets.ts';
import { createSmtpClient, type SmtpClientOptions } from '../../../src/network/smtp/client.ts';
import { createAuthority } from '../../world/certificates.ts';
import { type ScriptOf, type SmtpScript, type SmtpWorld, startSmtp } from '../../world/smtp.ts';

const loopback = parseIp('127.0.0.1') ?? expect.unreachable();
const elsewhere = parseIp('203.0.113.5') ?? expect.unreachable();
const AN_HOUR = 3_600_000;
const BUSY = { code: 421, enhanced: null, lines: ['too many connections'] };

let server: SmtpWorld | undefined;
const end = new AbortController();
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(script: SmtpScript | ScriptOf): Promise<SmtpWorld> {
  server = await startSmtp(script);
  return server;
}

function clientOf(timeouts: SmtpClientOptions['timeouts'], options: Partial<SmtpClientOptions> = {}) {
  return createSmtpClient({
    signal: end.signal,
    allowPrivate: true,
    probeName: 'probe.test',
    timeouts: { connectMs: 5000, greetingMs: 5000, trialMs: 100, limitMs: 20, quitMs: 200, ...timeouts },
    ...options,
  });
}

test('a host that is to be dialled later takes no slot from others', async () => {
  const { port } = await serve({});
  const budgets = new SmtpBudgets({ maxConnections: 1 });
  const run = new AbortController();
  const smtp = clientOf({}, { budgets, signal: run.signal });
  budgets.pace.hold(elsewhere, AN_HOUR, performance.now());
  const waiting = smtp.connect(elsewhere, 25, { purpose: 'slow' });
  const other = await smtp.connect(loopback, port, { purpose: 'quick' });
  expect(other.status).toBe('connected');
  run.abort();
  expect(await waiting).toMatchObject({ status: 'aborted' });
});

test('a slot that becomes free for a host that has refused another connection meanwhile is given back', async () => {
  const { port } = await serve({});
  const budgets = new SmtpBudgets({ maxConnections: 1 });
  const run = new AbortController();
  const smtp = clientOf({}, { budgets, signal: run.signal });
  const first = await smtp.connect(loopback, port, { purpose: 'first' });
  const waiting = smtp.connect(elsewhere, 25, { purpose: 'refused' });
  const last = smtp.connect(loopback, port, { purpose: 'last' });
  budgets.pace.refuse(elsewhere, BUSY, true, AN_HOUR, performance.now());
  if (first.status === 'connected') await first.session.quit();
  expect((await last).status).toBe('connected');
  run.abort();
  expect(await waiting).toMatchObject({ status: 'limited' });
});

describe('the trials of what a silent port waits for', () => {
  const asked = { purpose: 'greeting', asksSilent: true };

  test('are made where nothing is against it', async () => {
    const { port, sessions } = await serve({ greeting: null });
    const result = await clientOf({ patienceMs: 50, silenceMs: 400 }).connect(loopback, port, asked);
    expect(result.status).toBe('timeout');
    expect(sessions).toHaveLength(3);
  });

  test('are not made once the host limits connections', async () => {
    const { port, sessions } = await serve({ greeting: null });
    const budgets = new SmtpBudgets();
    const coming = clientOf({ patienceMs: 50, silenceMs: 400 }, { budgets }).connect(loopback, port, asked);
    await expect.poll(() => sessions.length).toBe(1);
    budgets.pace.refuse(loopback, BUSY, true, AN_HOUR, performance.now());
    expect((await coming).status).toBe('timeout');
    expect(sessions).toHaveLength(1);
  });

  test('are not made once the host has stopped answering', async () => {
    const { port, sessions } = await serve((connection) => (connection === 0 ? {} : { greeting: null }));
    const smtp = clientOf({ quietMs: 100, patienceMs: 2000, silenceMs: 4000 });
    const first = await smtp.connect(loopback, port, { purpose: 'first' });
    if (first.status === 'connected') await first.session.quit();
    expect((await smtp.connect(loopback, port, asked)).status).toBe('shut-out');
    // The first one, the silent one, and the one that finds out.
    expect(sessions).toHaveLength(3);
  });

  test('keep the pause between two connections, and a greeting that comes meanwhile is read', async () => {
    const { port, sessions } = await serve({ greetingDelayMs: 300 });
    const smtp = clientOf({ patienceMs: 50, silenceMs: 4000 }, { spacingMs: AN_HOUR });
    const result = await smtp.connect(loopback, port, asked);
    expect(result.status).toBe('connected');
    expect(sessions).toHaveLength(1);
    expect(smtp.transcripts).toHaveLength(1);
    if (result.status === 'connected') await result.session.quit();
  });
});

describe('a host that takes one connection at a time', () => {
  test.each<[string, SmtpScript]>([
    ['resets', { drop: { at: 'connect', with: 'rst' } }],
    ['hangs up on', { drop: { at: 'connect' } }],
    ['says nothing to', { greeting: null }],
  ])('and %s a second one: it is made again once the first is over', async (_, script) => {
    const { port, sessions } = await serve((_connection, open) => (open > 1 ? script : {}));
    const smtp = clientOf({ quietMs: 100 });
    const first = await smtp.connect(loopback, port, { purpose: 'first' });
    const coming = smtp.connect(loopback, port, { purpose: 'second' });
    await expect.poll(() => sessions[1]?.ended).toBe(true);
    if (first.status !== 'connected') throw new Error(first.status);
    await first.session.quit();
    const second = await coming;
    expect(second.status).toBe('connected');
    expect(smtp.transcripts.map(({ dials }) => dials)).toEqual([1, 2]);
    if (second.status === 'connected') await second.session.quit();
  });

  test('and is slow in the first: a second one that is reset is no ban', async () => {
    const slow = { replies: { NOOP: Buffer.alloc(0) } };
    const { port } = await serve((_connection, open) => (open > 1 ? { drop: { at: 'connect', with: 'rst' } } : slow));
    const smtp = clientOf({ quietMs: 50, replyMs: 400 });
    const first = await smtp.connect(loopback, port, { purpose: 'first' });
    if (first.status !== 'connected') throw new Error(first.status);
    expect(await first.session.command('NOOP')).toMatchObject({ status: 'timeout' });
    expect(smtp.transcripts.map(({ id, cause }) => [id, cause])).toEqual([
      [`127.0.0.1:${port} first`, undefined],
      [`127.0.0.1:${port} still there`, `127.0.0.1:${port} first`],
      // Alone, once the first one is over.
      [`127.0.0.1:${port} still there #2`, `127.0.0.1:${port} first`],
    ]);
    const second = await smtp.connect(loopback, port, { purpose: 'second' });
    expect(second.status).toBe('connected');
    if (second.status === 'connected') await second.session.quit();
  });
});

test('a host with TLS from the first byte is asked over TLS whether it still answers', async () => {
  const identity = createAuthority('Test Root').issue({ names: ['mail.example.com'] });
  const { port, sessions } = await serve({ implicitTls: true, tls: { identity }, replies: { NOOP: Buffer.alloc(0) } });
  const smtp = clientOf({ quietMs: 200, replyMs: 2000 });
  const result = await smtp.connect(loopback, port, { purpose: 'test', implicitTls: {} });
  if (result.status !== 'connected') throw new Error(result.status);
  expect(await result.session.command('NOOP')).toMatchObject({ status: 'timeout' });
  expect(sessions.map(({ secured }) => secured)).toEqual([true, true]);
});

describe('a host that bans the client while two connections are open, and resets every new one', () => {
  test('is recognised as that in both once they are over', async () => {
    const { port } = await serve((connection) =>
      connection < 2 ? { replies: { NOOP: Buffer.alloc(0) } } : { drop: { at: 'connect', with: 'rst' } },
    );
    const smtp = clientOf({ quietMs: 50, replyMs: 300 });
    const both = await Promise.all(['one', 'two'].map((purpose) => smtp.connect(loopback, port, { purpose })));
    const ends = both.map(async (result) => {
      if (result.status !== 'connected') throw new Error(result.status);
      return (await result.session.command('NOOP')).status;
    });
    expect(await Promise.all(ends)).toEqual(['shut-out', 'shut-out']);
  });
});
