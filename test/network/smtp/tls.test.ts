import { afterEach, describe, expect, test } from 'vitest';
import { parseIp } from '../../../src/network/ip.ts';
import { createSmtpClient } from '../../../src/network/smtp/client.ts';
import type { ConnectOptions, SmtpSession, StartTlsResult, TlsOptions } from '../../../src/network/smtp/types.ts';
import { createAuthority, selfSigned } from '../../world/certificates.ts';
import { heldResources } from '../../world/held.ts';
import { type SmtpScript, type SmtpWorld, startSmtp, type TlsScript } from '../../world/smtp.ts';

const root = createAuthority('Test Root');
const intermediate = root.intermediate('Test Intermediate');
const leaf = intermediate.issue({ names: ['mail.example.com', '127.0.0.1'] });
const chained = { certificate: leaf.certificate + intermediate.certificate, key: leaf.key };
const timeouts = { greetingMs: 500, replyMs: 500, handshakeMs: 300, quitMs: 200 };

let server: SmtpWorld | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function connect(script: SmtpScript, options: Partial<ConnectOptions> = {}) {
  server = await startSmtp(script);
  const smtp = createSmtpClient({
    signal: new AbortController().signal,
    allowPrivate: true,
    probeName: 'probe.test',
    timeouts,
    extraRoots: [root.certificate],
  });
  const ip = parseIp('127.0.0.1');
  if (!ip) throw new Error('unreachable');
  return smtp.connect(ip, server.port, { purpose: 'test', ...options });
}

async function upgrade(
  tls: TlsScript,
  options: TlsOptions = {},
): Promise<{ result: StartTlsResult; session: SmtpSession }> {
  const connection = await connect({ tls });
  if (connection.status !== 'connected') throw new Error(connection.detail);
  const { session } = connection;
  await session.hello('probe.test');
  expect(session.extensions.has('STARTTLS')).toBe(true);
  return { result: await session.startTls({ servername: 'mail.example.com', ...options }), session };
}

describe('STARTTLS', () => {
  test('secures the session and forgets its extensions (RFC 3207 §4.2)', async () => {
    const { result, session } = await upgrade({ identity: chained });
    expect(result).toMatchObject({
      status: 'secured',
      plaintextAfterReply: false,
      tls: { protocol: 'TLSv1.3', trusted: true, trustError: null },
    });
    expect(session.extensions.size).toBe(0);
    expect(await session.hello('probe.test')).toMatchObject({ reply: { code: 250 } });
    expect(session.extensions.has('STARTTLS')).toBe(false);
    expect(session.tls?.chain.map(({ subject }) => subject)).toEqual(['CN=mail.example.com', 'CN=Test Intermediate']);
    expect(session.tls?.chain[0]?.checkHost('mail.example.com')).toBe('mail.example.com');
    await session.quit();
    expect(server?.sessions[0]).toMatchObject({
      secured: true,
      commands: ['EHLO probe.test', 'STARTTLS', 'EHLO probe.test', 'QUIT'],
    });
  });

  const HOUR = 3_600_000;
  test.each<[string, TlsScript['identity'], string, number]>([
    ['self-signed', selfSigned({ names: ['mail.example.com'] }), 'DEPTH_ZERO_SELF_SIGNED_CERT', 1],
    [
      'of an unknown authority',
      createAuthority('Other Root').issue({ names: ['mail.example.com'] }),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      1,
    ],
    [
      'expired',
      root.issue({ names: ['mail.example.com'], notBefore: Date.now() - 9 * HOUR, notAfter: Date.now() - HOUR }),
      'CERT_HAS_EXPIRED',
      1,
    ],
    ['not valid yet', root.issue({ notBefore: Date.now() + HOUR }), 'CERT_NOT_YET_VALID', 1],
    ['sent without its intermediate', leaf, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 1],
  ])('keeps the chain of a certificate that is %s', async (_name, identity, trustError, length) => {
    const { result, session } = await upgrade({ identity });
    expect(result).toMatchObject({ status: 'secured', tls: { trusted: false, trustError } });
    expect(session.tls?.chain.length).toBe(length);
    expect(await session.hello('probe.test')).toMatchObject({ reply: { code: 250 } });
    await session.quit();
  });

  test('accepts a certificate for another name, because rules check names', async () => {
    const { result, session } = await upgrade({ identity: root.issue({ names: ['other.example.net'] }) });
    expect(result).toMatchObject({ status: 'secured', tls: { trusted: true } });
    expect(session.tls?.chain[0]?.subjectAltName).toBe('DNS:other.example.net');
    await session.quit();
  });

  test('keeps the size of a weak key', async () => {
    const { session } = await upgrade(
      { identity: selfSigned({ key: 'rsa1024' }), ciphers: 'DEFAULT@SECLEVEL=0' },
      { ciphers: 'DEFAULT@SECLEVEL=0' },
    );
    expect(session.tls?.chain[0]?.publicKey.asymmetricKeyDetails?.modulusLength).toBe(1024);
    await session.quit();
  });

  test.each<[TlsOptions['maxVersion'], string]>([
    ['TLSv1.2', 'secured'],
    ['TLSv1.1', 'tls-failed'],
  ])('with %s as the highest version → %s', async (version, status) => {
    const limit = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' } as TlsOptions;
    const { result, session } = await upgrade({ identity: chained, minVersion: 'TLSv1.2' }, limit);
    expect(result.status).toBe(status);
    await session.quit();
  });

  test.each<[string, TlsScript['fault'], string]>([
    ['is declined', 'declined', 'declined'],
    ['is answered with something else', 'garbage', 'tls-failed'],
    ['never finishes', 'silent', 'timeout'],
    ['is cut short', 'closes', 'tls-failed'],
  ])('reports a STARTTLS that %s', async (_name, fault, status) => {
    const { result, session } = await upgrade({ identity: chained, ...(fault ? { fault } : {}) });
    expect(result.status).toBe(status);
    // A refusal leaves a session that can go on; a failed handshake does not.
    expect((await session.command('NOOP')).status).toBe(status === 'declined' ? 'reply' : status);
    await session.quit();
  });

  test('discards and reports plaintext after the 220 (RFC 3207 §4.2)', async () => {
    const { result, session } = await upgrade({ identity: chained, fault: 'chatty' });
    expect(result).toMatchObject({ status: 'secured', plaintextAfterReply: true });
    expect(await session.hello('probe.test')).toMatchObject({
      reply: { code: 250, lines: ['mail.example.com', 'PIPELINING', 'SIZE 10240000', '8BITMIME'] },
    });
    await session.quit();
  });

  test('ends at once on abort, even during a handshake that never finishes', async () => {
    server = await startSmtp({ tls: { identity: chained, fault: 'silent' } });
    const controller = new AbortController();
    const ip = parseIp('127.0.0.1');
    if (!ip) throw new Error('unreachable');
    const { signal } = controller;
    const smtp = createSmtpClient({ signal, allowPrivate: true, probeName: 'probe.test' });
    const connection = await smtp.connect(ip, server.port, { purpose: 'test' });
    if (connection.status !== 'connected') throw new Error(connection.detail);
    await connection.session.hello('probe.test');
    const pending = connection.session.startTls();
    setTimeout(() => controller.abort(), 30);
    expect((await pending).status).toBe('aborted');
    await connection.session.quit();
    await server.close();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(heldResources()).toEqual([]);
  });
});

describe('implicit TLS (RFC 8314)', () => {
  test('starts TLS before the greeting', async () => {
    const connection = await connect(
      { implicitTls: true, tls: { identity: chained } },
      { implicitTls: { servername: 'mail.example.com' } },
    );
    if (connection.status !== 'connected') throw new Error(connection.detail);
    expect(connection.session.tls).toMatchObject({ trusted: true });
    expect(await connection.session.hello('probe.test')).toMatchObject({ reply: { code: 250 } });
    await connection.session.quit();
    expect(server?.sessions[0]?.secured).toBe(true);
  });

  test('fails against a server that speaks plaintext', async () => {
    expect(await connect({}, { implicitTls: {} })).toMatchObject({ status: 'tls-failed' });
  });

  test('ends in time when the server sends nothing', async () => {
    expect(await connect({ greeting: null }, { implicitTls: {} })).toMatchObject({ status: 'timeout' });
  });
});
