import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type IpAddress, parseIp } from '../../../src/network/ip.ts';
import { SmtpBudgets } from '../../../src/network/smtp/budgets.ts';
import { createSmtpClient, type SmtpClientOptions } from '../../../src/network/smtp/client.ts';
import type { SmtpConnectResult, SmtpResult, SmtpSession } from '../../../src/network/smtp/types.ts';
import { heldResources } from '../../world/held.ts';
import { openRelay, type SmtpScript, type SmtpWorld, STEPS, startSmtp } from '../../world/smtp.ts';

const SHORT = { connectMs: 1000, greetingMs: 200, replyMs: 200, messageMs: 200, handshakeMs: 300, quitMs: 200 };
/** Fifty times the longest of these limits that are waited for: a busy machine needs less, and a client that hangs more. */
const HANGS_MS = 10_000;
const LOOPBACK = ip('127.0.0.1');

function ip(text: string): IpAddress {
  const parsed = parseIp(text);
  if (!parsed) throw new Error(text);
  return parsed;
}

const servers: SmtpWorld[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(script: SmtpScript = {}): Promise<SmtpWorld> {
  const server = await startSmtp(script);
  servers.push(server);
  return server;
}

function client(options: Partial<SmtpClientOptions> = {}) {
  return createSmtpClient({
    signal: new AbortController().signal,
    allowPrivate: true,
    probeName: 'probe.test',
    timeouts: SHORT,
    ...options,
  });
}

async function connect(script: SmtpScript = {}, options: Partial<SmtpClientOptions> = {}): Promise<SmtpConnectResult> {
  const { port } = await serve(script);
  return client(options).connect(LOOPBACK, port, { purpose: 'test' });
}

async function session(script: SmtpScript = {}, options: Partial<SmtpClientOptions> = {}): Promise<SmtpSession> {
  const result = await connect(script, options);
  if (result.status !== 'connected') throw new Error(`${result.status}: ${result.detail}`);
  return result.session;
}

const codeOf = (result: SmtpResult) => (result.status === 'reply' ? result.reply.code : result.status);

async function expectNothingLingers(): Promise<void> {
  for (const server of servers.splice(0)) await server.close();
  // Handles are closed in the turn after they were destroyed.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(heldResources()).toEqual([]);
}

test('control: an open SMTP session shows up as sockets and a timer', async () => {
  const open = await session();
  expect(heldResources()).toEqual(expect.arrayContaining(['TCPSocketWrap', 'TCPSocketWrap', 'Timeout']));
  await open.quit();
  await expectNothingLingers();
});

describe('SMTP session: a dialogue', () => {
  test('has a greeting, EHLO, commands and QUIT', async () => {
    const server = await serve({ extensions: ['PIPELINING', 'AUTH PLAIN', 'AUTH=LOGIN', 'size 10'] });
    const smtp = client();
    const result = await smtp.connect(LOOPBACK, server.port, { purpose: 'test' });
    if (result.status !== 'connected') throw new Error(result.detail);
    const { session } = result;
    expect(session.greeting).toMatchObject({ code: 220, lines: ['mail.example.com ESMTP Postfix'] });
    expect(codeOf(await session.hello('probe.test'))).toBe(250);
    expect([...session.extensions]).toEqual([
      ['PIPELINING', ''],
      ['AUTH', 'PLAIN LOGIN'],
      ['SIZE', '10'],
    ]);
    expect(codeOf(await session.command('NOOP'))).toBe(250);
    await session.quit();
    await session.quit();
    expect(server.commands()).toEqual(['EHLO probe.test', 'NOOP', 'QUIT']);
    expect(session.transcript.lines.map(({ text }) => text)).toContain('220 mail.example.com ESMTP Postfix');
    expect(smtp.transcripts.map(({ id }) => id)).toEqual([`127.0.0.1:${server.port} test`]);
  });

  test('falls back to HELO when the server rejects EHLO (RFC 5321 §3.2)', async () => {
    const server = await serve({ replies: { EHLO: '502 5.5.2 Error: command not recognized' } });
    const result = await client().connect(LOOPBACK, server.port, { purpose: 'test' });
    if (result.status !== 'connected') throw new Error(result.detail);
    expect(codeOf(await result.session.hello('probe.test'))).toBe(250);
    expect(result.session.extensions.size).toBe(0);
    expect(server.commands()).toEqual(['EHLO probe.test', 'HELO probe.test']);
  });

  test.each([
    ['pipelined where offered', ['PIPELINING']],
    ['one after the other where not', []],
  ])('sends a group of commands %s', async (_name, extensions) => {
    const open = await session({
      extensions,
      rcpt: ({ recipient }) => (recipient === '<a@b>' ? '550 5.7.1 no' : '250 ok'),
    });
    await open.hello('probe.test');
    const results = await open.pipeline(['MAIL FROM:<>', 'RCPT TO:<a@b>', 'RCPT TO:<c@d>', 'RSET']);
    expect(results.map(codeOf)).toEqual([250, 550, 250, 250]);
    expect(
      open.transcript.lines
        .slice(-5)
        .map(({ from }) => from)
        .join(' '),
    ).toBe(extensions.length > 0 ? 'client server server server server' : 'server client server client server');
    await open.quit();
  });

  test.each([[['PIPELINING']], [[]]])(
    'takes EHLO and QUIT at the end of a group, with extensions %j',
    async (extensions) => {
      const server = await serve({
        hello: (name) => (name === 'other.test' ? '250 other\nSIZE 10' : '250 mx'),
        extensions,
      });
      const result = await client().connect(LOOPBACK, server.port, { purpose: 'test' });
      if (result.status !== 'connected') throw new Error(result.detail);
      const open = result.session;
      await open.hello('probe.test');
      const group = await open.pipeline(['MAIL FROM:<>', 'RSET', 'EHLO other.test']);
      expect(group.map(codeOf)).toEqual([250, 250, 250]);
      expect([...open.extensions.keys()]).toEqual(['SIZE', ...extensions]);
      expect((await open.pipeline(['RSET', 'EHLO probe.test'])).map(codeOf)).toEqual([250, 250]);
      expect([...open.extensions.keys()]).toEqual(extensions);
      expect((await open.pipeline(['RSET', 'QUIT'])).map(codeOf)).toEqual([250, 221]);
      await open.quit();
      expect(server.commands().filter((line) => line === 'QUIT')).toHaveLength(1);
    },
  );

  test('stuffs the dots of a message (RFC 5321 §4.5.2)', async () => {
    const server = await serve({ rcpt: openRelay });
    const result = await client().connect(LOOPBACK, server.port, { purpose: 'test' });
    if (result.status !== 'connected') throw new Error(result.detail);
    await result.session.hello('probe.test');
    const envelope = await result.session.pipeline(['MAIL FROM:<>', 'RCPT TO:<a@b.test>', 'DATA']);
    expect(envelope.map(codeOf)).toEqual([250, 250, 354]);
    expect(codeOf(await result.session.message(['Subject: x', '', '.', '..y']))).toBe(250);
    await result.session.quit();
    expect(server.sessions[0]?.messages).toEqual(['Subject: x\r\n\r\n.\r\n..y']);
  });

  test('rejects a command with a line break', async () => {
    const open = await session();
    expect(() => open.command('MAIL FROM:<a@b>\r\nRCPT TO:<c@d>')).toThrow(RangeError);
    expect(() => open.hello('a\nb')).toThrow(RangeError);
    expect(() => open.pipeline(['RSET\0'])).toThrow(RangeError);
    await open.quit();
  });

  test('rejects a group in which DATA and the like are not last (RFC 2920 §3.1)', async () => {
    const open = await session();
    expect(() => open.pipeline(['DATA', 'RSET'])).toThrow(RangeError);
    await open.quit();
  });

  test('runs concurrent operations one after the other', async () => {
    const open = await session({ replies: { NOOP: '250 noop', VRFY: '252 vrfy' } });
    expect(
      (await Promise.all([open.command('NOOP'), open.command('VRFY x'), open.command('NOOP')])).map(codeOf),
    ).toEqual([250, 252, 250]);
    await open.quit();
  });

  test('returns an early 421 as the next reply and ends the session', async () => {
    const open = await session({ replies: { NOOP: Buffer.from('250 ok\r\n421 4.4.2 timeout\r\n') } });
    expect(codeOf(await open.command('NOOP'))).toBe(250);
    expect(codeOf(await open.command('NOOP'))).toBe(421);
    await open.quit();
  });

  test('ends the session on a reply without a command, instead of assigning it to the next command', async () => {
    const open = await session({ replies: { NOOP: Buffer.from('250 ok\r\n250 more\r\n') } });
    expect(codeOf(await open.command('NOOP'))).toBe(250);
    expect(codeOf(await open.command('RSET'))).toBe('malformed');
    await open.quit();
  });
});

describe('SMTP session: a hostile server', () => {
  test.each<[string, SmtpScript, string]>([
    ['10 MB without a line end', { greeting: Buffer.alloc(10 * 1024 * 1024, 0x61) }, 'too-long'],
    ['one byte at a time', { tarpitMs: 20 }, 'timeout'],
    ['silence', { greeting: null }, 'timeout'],
    ['another protocol', { greeting: Buffer.from('SSH-2.0-OpenSSH_9.2\r\n') }, 'malformed'],
    ['a code changing within the greeting', { greeting: Buffer.from('220-a\r\n554 b\r\n') }, 'malformed'],
    ['endless greeting lines', { greeting: Buffer.from('220-x\r\n'.repeat(100_000)) }, 'too-long'],
    ['thousands of replies', { greeting: Buffer.from('220 x\r\n'.repeat(10_000)) }, 'malformed'],
  ])('%s ends the session with a failure', async (_name, script, status) => {
    const result = await connect(script);
    if (result.status === 'connected') {
      // The greeting alone is a reply; the babble behind it fails the first command.
      expect(codeOf(await result.session.command('NOOP'))).toBe(status);
      await result.session.quit();
    } else {
      expect(result.status).toBe(status);
      expect(result.elapsedMs).toBeLessThan(HANGS_MS);
    }
    await expectNothingLingers();
  });

  test('1000 lines in the EHLO reply', async () => {
    const open = await session({ extensions: Array.from({ length: 1000 }, (_, index) => `X-${index}`) });
    expect(await open.hello('probe.test')).toMatchObject({ status: 'too-long' });
    expect(open.extensions.size).toBe(0);
    await open.quit();
  });

  test('escape and NUL bytes are ordinary data', async () => {
    const open = await session({ greeting: Buffer.from('220 \x1b]0;x\x07\0 hi\r\n') });
    expect(open.greeting.lines).toEqual(['\x1b]0;x\x07\0 hi']);
    await open.quit();
  });

  test('a slow EHLO reply, byte by byte, ends at the deadline for the whole reply', async () => {
    const open = await session({ tarpitMs: 10 }, { timeouts: { ...SHORT, greetingMs: 5000 } });
    const started = performance.now();
    expect(codeOf(await open.hello('probe.test'))).toBe('timeout');
    expect(performance.now() - started).toBeLessThan(HANGS_MS);
  });

  test('the session ends at its deadline even when every reply is in time', async () => {
    const open = await session({}, { timeouts: { ...SHORT, sessionMs: 100 } });
    await expect.poll(async () => codeOf(await open.command('NOOP')), { interval: 10 }).toBe('timeout');
  });

  test('the transcript has a limited size', async () => {
    const open = await session(
      { replies: { NOOP: `250 ${'x'.repeat(1500)}` } },
      { timeouts: { ...SHORT, sessionMs: 5000 } },
    );
    for (let count = 0; count < 100; count += 1) await open.command('NOOP');
    const text = open.transcript.lines.map((line) => line.text).join('');
    expect(text.length).toBeLessThan(66_000);
    expect(open.transcript.lines.at(-1)?.text).toBe('the rest of this dialogue was not kept');
    await open.quit();
  });
});

describe('SMTP session: the server cuts the connection', () => {
  const cuts = STEPS.filter((step) => step !== 'starttls').flatMap((at) =>
    (['fin', 'rst'] as const).flatMap((how) =>
      // There is no reply to cut before the first byte.
      (at === 'connect' ? [false] : [false, true]).map((midReply) => ({ at, with: how, midReply })),
    ),
  );
  test.each(cuts)('at step $at with $with (in the middle of a reply: $midReply)', async (drop) => {
    const statuses: (number | string)[] = [];
    const result = await connect({ drop, rcpt: openRelay });
    if (result.status === 'connected') {
      const { session } = result;
      statuses.push(codeOf(await session.hello('probe.test')));
      statuses.push(codeOf(await session.command('RSET')));
      statuses.push(...(await session.pipeline(['MAIL FROM:<>', 'RCPT TO:<a@b.test>', 'DATA'])).map(codeOf));
      statuses.push(codeOf(await session.message(['x'])));
      await session.quit();
    } else {
      statuses.push(result.status);
    }
    const lost = statuses.findIndex((status) => typeof status === 'string');
    // Cut at QUIT, there is nothing left to lose.
    if (drop.at === 'quit') expect(lost).toBe(-1);
    else {
      expect(['closed', 'reset']).toContain(statuses[lost]);
      expect(new Set(statuses.slice(lost)).size).toBe(1);
    }
    await expectNothingLingers();
  });
});

describe('SMTP session: closes all sockets and timers', () => {
  test.each<[string, SmtpScript, (open: SmtpSession) => Promise<SmtpResult>]>([
    ['while waiting for a reply', { replies: { NOOP: Buffer.alloc(0) } }, (open) => open.command('NOOP')],
    [
      'in a group',
      { extensions: ['PIPELINING'], replies: { RSET: Buffer.alloc(0) } },
      async (open) => {
        await open.hello('probe.test');
        return (await open.pipeline(['RSET', 'RSET'])).at(-1) ?? (await open.command('NOOP'));
      },
    ],
  ])('on abort %s', async (_name, script, operate) => {
    const controller = new AbortController();
    const open = await session(script, { signal: controller.signal, timeouts: {} });
    const pending = operate(open);
    setTimeout(() => controller.abort(), 30);
    expect(codeOf(await pending)).toBe('aborted');
    expect(codeOf(await open.command('NOOP'))).toBe('aborted');
    await open.quit();
    await expectNothingLingers();
  });

  test('on abort while dialling, greeting and queueing', async () => {
    const server = await serve({ greeting: null });
    const controller = new AbortController();
    const smtp = client({ signal: controller.signal, timeouts: {} });
    const results = Array.from({ length: 5 }, () => smtp.connect(LOOPBACK, server.port, { purpose: 'test' }));
    setTimeout(() => controller.abort(), 30);
    expect((await Promise.all(results)).map(({ status }) => status)).toEqual(Array(5).fill('aborted'));
    expect((await smtp.connect(LOOPBACK, server.port, { purpose: 'test' })).status).toBe('aborted');
    await expectNothingLingers();
  });

  test('after QUIT, even when the server does not reply to it', async () => {
    const open = await session({ replies: { QUIT: Buffer.alloc(0) } });
    const started = performance.now();
    await open.quit();
    expect(performance.now() - started).toBeLessThan(HANGS_MS);
    await expectNothingLingers();
  });
});

describe('SMTP client', () => {
  test('connects to a special-purpose address only with allowPrivate', async () => {
    const server = await serve();
    const smtp = client({
      allowPrivate: false,
      connectTo: new Map([['10.0.0.1:25', { host: '127.0.0.1', port: server.port }]]),
    });
    for (const address of ['10.0.0.1', '127.0.0.1', '::1', 'fe80::1', '::ffff:192.168.1.1', '203.0.113.5']) {
      expect((await smtp.connect(ip(address), 25, { purpose: 'test' })).status, address).toBe('forbidden');
    }
    expect(server.sessions).toEqual([]);
  });

  test('redirects connections by address and port (connectTo)', async () => {
    const server = await serve();
    const to = { host: '127.0.0.1', port: server.port };
    const smtp = client({
      connectTo: new Map([
        ['203.0.113.5:25', to],
        ['[2001:db8::5]:25', to],
      ]),
    });
    for (const address of ['203.0.113.5', '2001:db8::5']) {
      const result = await smtp.connect(ip(address), 25, { purpose: 'test' });
      expect(result.status).toBe('connected');
      if (result.status === 'connected') await result.session.quit();
    }
    expect(smtp.transcripts.map(({ id }) => id)).toEqual(['203.0.113.5:25 test', '[2001:db8::5]:25 test']);
    expect(() => client({ connectTo: new Map([['203.0.113.5:25', { host: 'mail.example', port: 25 }]]) })).toThrow(
      RangeError,
    );
  });

  test('opens at most two connections to one address, and the others wait', async () => {
    const server = await serve();
    const smtp = client();
    const [first, second] = [
      await smtp.connect(LOOPBACK, server.port, { purpose: 'test' }),
      await smtp.connect(LOOPBACK, server.port, { purpose: 'test' }),
    ];
    let isConnected = false;
    const third = smtp.connect(LOOPBACK, server.port, { purpose: 'test' }).finally(() => {
      isConnected = true;
    });
    if (first.status !== 'connected' || second.status !== 'connected') throw new Error('not connected');
    await first.session.command('NOOP');
    await second.session.command('NOOP');
    expect([isConnected, server.sessions.length]).toEqual([false, 2]);
    await first.session.quit();
    const last = await third;
    expect(last.status).toBe('connected');
    await second.session.quit();
    if (last.status === 'connected') await last.session.quit();
  });

  test('refuses connections to one address beyond its limit', async () => {
    const server = await serve();
    const smtp = client({ budgets: new SmtpBudgets({ maxDialsPerAddress: 2 }) });
    const statuses: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const connection = await smtp.connect(LOOPBACK, server.port, { purpose: 'test' });
      statuses.push(connection.status);
      if (connection.status === 'connected') await connection.session.quit();
    }
    expect(statuses).toEqual(['connected', 'connected', 'capped']);
    expect(server.sessions).toHaveLength(2);
  });

  test('counts the connections of all clients that share a budget', async () => {
    const server = await serve();
    const budgets = new SmtpBudgets({ maxDialsPerAddress: 1 });
    const statuses: string[] = [];
    for (const smtp of [client({ budgets }), client({ budgets })]) {
      const connection = await smtp.connect(LOOPBACK, server.port, { purpose: 'test' });
      statuses.push(connection.status);
      if (connection.status === 'connected') await connection.session.quit();
    }
    expect(statuses).toEqual(['connected', 'capped']);
    expect(server.sessions).toHaveLength(1);
  });

  test('refuses commands to one address beyond its limit, but still sends QUIT', async () => {
    const server = await serve({ rcpt: openRelay });
    const connection = await client({ budgets: new SmtpBudgets({ maxCommandsPerAddress: 4 }) }).connect(
      LOOPBACK,
      server.port,
      { purpose: 'test' },
    );
    if (connection.status !== 'connected') throw new Error(connection.status);
    const { session } = connection;
    await session.hello('probe.test');
    expect(codeOf(await session.command('MAIL FROM:<>'))).toBe(250);
    const group = await session.pipeline(['RCPT TO:<a@example.org>', 'RSET', 'MAIL FROM:<>']);
    expect(group.map(codeOf)).toEqual(['capped', 'capped', 'capped']);
    await session.quit();
    expect(server.sessions[0]?.commands).toEqual(['EHLO probe.test', 'MAIL FROM:<>', 'QUIT']);
  });

  test('reach() connects to a port and sends nothing', async () => {
    const server = await serve({ greeting: null });
    const smtp = client();
    expect(await smtp.reach(LOOPBACK, server.port, { purpose: 'test' })).toMatchObject({ status: 'connected' });
    await expect.poll(() => server.sessions[0]?.ended).toBe(true);
    expect(server.sessions[0]?.commands).toEqual([]);
    await server.close();
    expect(await smtp.reach(LOOPBACK, server.port, { purpose: 'test' })).toMatchObject({
      status: 'refused',
      errno: 'ECONNREFUSED',
    });
    expect(await client({ allowPrivate: false }).reach(LOOPBACK, server.port, { purpose: 'test' })).toMatchObject({
      status: 'forbidden',
    });
  });

  test('gives the reason when it cannot connect', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const address = closed.address();
    await new Promise((resolve) => closed.close(resolve));
    const port = typeof address === 'object' && address ? address.port : 1;
    expect(await client().connect(LOOPBACK, port, { purpose: 'test' })).toMatchObject({
      status: 'refused',
      errno: 'ECONNREFUSED',
    });
  });

  test('names each transcript by purpose, and by a number when the purpose is the same', async () => {
    const server = await serve();
    const smtp = client();
    const purposes = ['one', 'two', 'one', 'one'];
    const sessions = await Promise.all(purposes.map((purpose) => smtp.reach(LOOPBACK, server.port, { purpose })));
    expect(sessions.map(({ status }) => status)).toEqual(Array(4).fill('connected'));
    const name = `127.0.0.1:${server.port}`;
    expect(smtp.transcripts.map(({ id }) => id).sort()).toEqual(
      [`${name} one`, `${name} one #2`, `${name} one #3`, `${name} two`].sort(),
    );
  });
});
