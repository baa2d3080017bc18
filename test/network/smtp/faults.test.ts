/** Faults of mailcheck itself while it speaks SMTP: the server is not blamed, nothing rejects, and nothing stays open. */
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type IpAddress, parseIp } from '../../../src/network/ip.ts';
import { createSmtpClient, type SmtpClientOptions } from '../../../src/network/smtp/client.ts';
import { Presence } from '../../../src/network/smtp/presence.ts';
import { ReplyParser } from '../../../src/network/smtp/reply.ts';
import { createAuthority } from '../../world/certificates.ts';
import { type SmtpWorld, startSmtp } from '../../world/smtp.ts';

const identity = createAuthority('Test Root').issue({ names: ['mail.example.com'] });

let server: SmtpWorld | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  await server?.close();
  server = undefined;
});

function loopback(): IpAddress {
  const ip = parseIp('127.0.0.1');
  if (!ip) throw new Error('unreachable');
  return ip;
}

function clientWith(options: Partial<SmtpClientOptions> = {}) {
  const faults: string[] = [];
  const smtp = createSmtpClient({
    signal: new AbortController().signal,
    allowPrivate: true,
    probeName: 'probe.test',
    timeouts: { greetingMs: 2000, handshakeMs: 2000, replyMs: 2000, quitMs: 200 },
    onFault: (where, error) => faults.push(`${where}: ${String(error)}`),
    ...options,
  });
  return { smtp, faults };
}

const sockets = (): number => process.getActiveResourcesInfo().filter((name) => /TCPSocket|TLS/.test(name)).length;

const BROKEN_OFF = { status: 'aborted', detail: 'mailcheck broke off by a fault of its own (TypeError: broken)' };

const broken = (): never => {
  throw new TypeError('broken');
};

describe('SMTP client: a fault of mailcheck ends the session as aborted', () => {
  test('when it occurs while reading a reply', async () => {
    server = await startSmtp({});
    vi.spyOn(ReplyParser.prototype, 'feed').mockImplementation(broken);
    const { smtp, faults } = clientWith();
    const before = sockets();
    expect(await smtp.connect(loopback(), server.port, { purpose: 'test' })).toMatchObject(BROKEN_OFF);
    expect(faults).toEqual(['the SMTP client: TypeError: broken']);
    await vi.waitFor(() => expect(sockets()).toBeLessThanOrEqual(before));
  });

  test('when it occurs while reading a handshake', async () => {
    server = await startSmtp({ tls: { identity } });
    vi.spyOn(TLSSocket.prototype, 'getCipher').mockImplementation(broken);
    const { smtp, faults } = clientWith();
    const connection = await smtp.connect(loopback(), server.port, { purpose: 'test' });
    if (connection.status !== 'connected') throw new Error(connection.detail);
    await connection.session.hello('probe.test');
    expect(await connection.session.startTls()).toMatchObject(BROKEN_OFF);
    expect(faults).toEqual(['the SMTP client: TypeError: broken']);
  });

  test('when it occurs while finding out whether a silent host still answers', async () => {
    server = await startSmtp({ replies: { NOOP: Buffer.alloc(0) } });
    vi.spyOn(Presence.prototype, 'suspect').mockImplementation(async () => broken());
    const { smtp, faults } = clientWith({ timeouts: { replyMs: 5000, quitMs: 200, quietMs: 20 } });
    const connection = await smtp.connect(loopback(), server.port, { purpose: 'test' });
    if (connection.status !== 'connected') throw new Error(connection.detail);
    expect(await connection.session.command('NOOP')).toMatchObject(BROKEN_OFF);
    expect(faults).toEqual(['the SMTP client: TypeError: broken']);
  });

  test('when it occurs before the handshake', async () => {
    server = await startSmtp({ tls: { identity } });
    const { smtp, faults } = clientWith();
    const connection = await smtp.connect(loopback(), server.port, { purpose: 'test' });
    if (connection.status !== 'connected') throw new Error(connection.detail);
    await connection.session.hello('probe.test');
    // No version of TLS has this name: Node throws before anything is sent.
    const result = await connection.session.startTls({ minVersion: 'TLSv9' as 'TLSv1.3' });
    expect(result).toMatchObject({ status: 'aborted', detail: expect.stringContaining('a fault of its own') });
    expect(faults).toHaveLength(1);
    await connection.session.quit();
  });
});

test('SMTP client: a certificate that OpenSSL cannot parse is a failure of the server, not a fault', async () => {
  server = await startSmtp({ tls: { identity } });
  vi.spyOn(TLSSocket.prototype, 'getPeerX509Certificate').mockImplementation(() => {
    throw Object.assign(new Error('wrong tag'), { code: 'ERR_OSSL_ASN1_WRONG_TAG', reason: 'wrong tag' });
  });
  const { smtp, faults } = clientWith();
  const connection = await smtp.connect(loopback(), server.port, { purpose: 'test' });
  if (connection.status !== 'connected') throw new Error(connection.detail);
  await connection.session.hello('probe.test');
  expect(await connection.session.startTls()).toMatchObject({ status: 'tls-failed', detail: 'wrong tag' });
  expect(faults).toEqual([]);
});

test('SMTP client: a connection that Node refuses to try frees its slot', async () => {
  const connectTo = new Map([['*', { host: '127.0.0.1', port: 70_000 }]]);
  const { smtp, faults } = clientWith({ connectTo });
  // More than may be open at a time to one address.
  for (let left = 5; left > 0; left -= 1) {
    expect(await smtp.connect(loopback(), 25, { purpose: 'test' })).toMatchObject({
      status: 'aborted',
      connected: false,
    });
    expect(await smtp.reach(loopback(), 25, { purpose: 'test' })).toMatchObject({ status: 'aborted' });
  }
  expect(faults).toHaveLength(10);
});
