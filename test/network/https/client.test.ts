import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpsClient, type HttpsClientOptions, httpsSlots } from '../../../src/network/https/client.ts';
import type { HttpsOutcome, HttpsRequest } from '../../../src/network/https/types.ts';
import { unconnectedHttps } from '../../../src/network/https/unconnected.ts';
import { type IpAddress, parseIp } from '../../../src/network/ip.ts';
import { heldResources } from '../../world/held.ts';
import { type HttpsScript, type HttpsWorld, startHttps, worldAuthority } from '../../world/https.ts';
import { NOBODY_LISTENS, UNREACHABLE_FROM_HERE } from '../../world/world.ts';

const IP = ip('203.0.113.5');
const OTHER = ip('203.0.113.6');
const ROOTS = [worldAuthority.certificate];
const LIMIT = 64;
/** A busy machine needs less, and a client that hangs more. */
const HANGS_MS = 10_000;

function ip(text: string): IpAddress {
  const parsed = parseIp(text);
  if (!parsed) throw new Error(text);
  return parsed;
}

const servers: HttpsWorld[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(script: HttpsScript = {}): Promise<HttpsWorld> {
  const server = await startHttps(script);
  servers.push(server);
  return server;
}

const at = (port: number) => ({ host: '127.0.0.1', port });

function client(places: Record<string, { host: string; port: number }>, options: Partial<HttpsClientOptions> = {}) {
  return createHttpsClient({
    signal: new AbortController().signal,
    allowPrivate: true,
    extraRoots: ROOTS,
    connectTo: new Map([
      ...NOBODY_LISTENS,
      ...Object.entries(places).map(([from, to]) => [`${from}:443`, to] as const),
    ]),
    ...options,
  });
}

const request: HttpsRequest = {
  host: 'mta-sts.example.com',
  addresses: [IP],
  path: '/.well-known/mta-sts.txt',
  maxBytes: LIMIT,
  timeoutMs: 5000,
  purpose: 'test',
};

async function get(script: HttpsScript, changes: Partial<HttpsRequest> = {}): Promise<HttpsOutcome> {
  const { port } = await serve(script);
  return client({ [IP]: at(port) }).get({ ...request, ...changes });
}

function bodyOf(outcome: HttpsOutcome): string {
  if (outcome.status !== 'response') throw new Error(JSON.stringify(outcome));
  return Buffer.from(outcome.body).toString('latin1');
}

const statusOf = ({ status, ...others }: HttpsOutcome): string =>
  `${status}: ${'detail' in others ? others.detail : ''}`;

async function expectNothingLingers(): Promise<void> {
  for (const server of servers.splice(0)) await server.close();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(heldResources()).toEqual([]);
}

describe('https: a response', () => {
  test('has its code, its content type and its body, and the request names the host alone', async () => {
    const server = await serve({
      body: 'version: STSv1\r\n',
      headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    });
    const https = client({ [IP]: at(server.port) });
    const outcome = await https.get(request);
    expect(outcome).toMatchObject({
      status: 'response',
      ip: IP,
      code: 200,
      contentType: 'text/plain; charset=utf-8',
      location: null,
      isTooLong: false,
      tls: { trusted: true, coversName: true },
    });
    expect(bodyOf(outcome)).toBe('version: STSv1\r\n');
    expect(server.requests).toEqual([
      [
        'GET /.well-known/mta-sts.txt HTTP/1.1',
        'host: mta-sts.example.com',
        'user-agent: mailcheck',
        'accept: */*',
        'accept-encoding: identity',
        'connection: close',
      ].join('\r\n'),
    ]);
    expect(https.requests).toBe(1);
    await expectNothingLingers();
  });

  test.each<[string, HttpsScript, string]>([
    ['in chunks', { body: 'a'.repeat(50), chunkBytes: 7 }, 'a'.repeat(50)],
    ['without a length, which ends with the connection', { raw: 'HTTP/1.1 200 OK\r\n\r\nabc' }, 'abc'],
    ['of HTTP/1.0', { raw: 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nabc' }, 'abc'],
    ['of HTTP/1.0 with a length', { raw: 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab' }, 'ab'],
    ['behind an interim response', { raw: 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\nabc' }, 'abc'],
    ['without content (204)', { status: 204 }, ''],
    ['that says it is not encoded', { body: 'abc', headers: { 'Content-Encoding': 'Identity' } }, 'abc'],
    ['of exactly the limit', { body: 'a'.repeat(LIMIT) }, 'a'.repeat(LIMIT)],
  ])('%s', async (_, script, body) => {
    const outcome = await get(script);
    expect(bodyOf(outcome)).toBe(body);
    expect(outcome).toMatchObject({ isTooLong: false });
    await expectNothingLingers();
  });

  test('longer than the limit is cut off there, and the rest is not read', async () => {
    const server = await serve({ body: 'a'.repeat(20_000_000) });
    const outcome = await client({ [IP]: at(server.port) }).get(request);
    expect(bodyOf(outcome)).toBe('a'.repeat(LIMIT));
    expect(outcome).toMatchObject({ isTooLong: true });
    await expectNothingLingers();
  });

  test('without end is cut off at the limit', async () => {
    const server = await serve({ raw: `HTTP/1.1 200 OK\r\n\r\n${'a'.repeat(1000)}`, isEndless: true });
    const outcome = await client({ [IP]: at(server.port) }).get(request);
    expect(outcome).toMatchObject({ status: 'response', isTooLong: true });
    await expectNothingLingers();
    expect(server.written).toBeLessThan(20_000_000);
  });

  test('that redirects is not followed, and its body is not read', async () => {
    const server = await serve({ status: 301, headers: { Location: 'https://elsewhere.example.net/' }, body: 'moved' });
    const outcome = await client({ [IP]: at(server.port) }).get(request);
    expect(outcome).toMatchObject({ status: 'response', code: 301, location: 'https://elsewhere.example.net/' });
    expect(bodyOf(outcome)).toBe('');
    expect(server.connections).toBe(1);
  });

  test('with an error code has no body', async () => {
    const outcome = await get({ status: 404, body: 'not here' });
    expect(outcome).toMatchObject({ status: 'response', code: 404, isTooLong: false });
    expect(bodyOf(outcome)).toBe('');
  });
});

describe('https: a broken response', () => {
  test.each<[string, HttpsScript, string, RegExp]>([
    ['a broken status line', { raw: 'HTTP/1.1 abc\r\n\r\n' }, 'malformed', /not HTTP/],
    ['another protocol', { raw: '220 mail.example.com ESMTP\r\n' }, 'malformed', /./],
    ['an unknown version', { raw: 'HTTP/3.7 200 OK\r\n\r\n' }, 'malformed', /version/],
    [
      'a header that is too long',
      { raw: `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(40_000)}\r\n\r\n` },
      'malformed',
      /header.*too long/,
    ],
    ['a header without end', { raw: 'X: aaaaaaaaaaaaaaaaaaaa\r\n', isEndless: true }, 'malformed', /./],
    [
      'interim responses without end',
      { raw: 'HTTP/1.1 103 Early Hints\r\n\r\n', isEndless: true },
      'malformed',
      /interim/,
    ],
    ['two lengths', { raw: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab' }, 'malformed', /./],
    ['a broken chunk', { raw: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc' }, 'malformed', /./],
    ['nothing', { raw: '' }, 'reset', /without a response|before its response/],
    ['half a header', { body: 'abc', cutAfter: 20 }, 'reset', /closed the connection/],
    ['half a body', { body: 'abcdef'.repeat(5), cutAfter: 100 }, 'reset', /closed the connection/],
    ['half a chunk', { body: 'abcdef'.repeat(5), chunkBytes: 20, cutAfter: 110 }, 'reset', /closed the connection/],
    [
      'another protocol on request of the server',
      { raw: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n' },
      'reset',
      /./,
    ],
  ])('%s', async (_, script, status, detail) => {
    const outcome = await get(script);
    expect(outcome).toMatchObject({ status, isSecured: true, detail: expect.stringMatching(detail) });
    expect(statusOf(outcome)).toContain('203.0.113.5:443: ');
    await expectNothingLingers();
  });

  test('with an encoding that nobody asked for is refused before it is decoded', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    const outcome = await get({ body: bomb, headers: { 'Content-Encoding': 'gzip' } });
    expect(statusOf(outcome)).toMatch(/^malformed: .*encoded \(gzip\)/);
    await expectNothingLingers();
  });

  test.each<[string, HttpsScript]>([
    ['a byte now and then', { body: 'a'.repeat(60), dripMs: 50 }],
    ['silence behind the handshake', { isSilent: true }],
  ])('%s ends with the time of the request', async (_, script) => {
    const started = performance.now();
    const outcome = await get(script, { timeoutMs: 400 });
    expect(outcome).toMatchObject({ status: 'timeout', isSecured: true });
    expect(performance.now() - started).toBeLessThan(HANGS_MS);
    await expectNothingLingers();
  });
});

describe('https: the connection', () => {
  test.each<[NonNullable<HttpsScript['certificate']>, object]>([
    ['expired', { trusted: false, coversName: true, trustError: 'CERT_HAS_EXPIRED' }],
    ['wrong-name', { trusted: true, coversName: false }],
    ['self-signed', { trusted: false, coversName: true }],
    ['untrusted', { trusted: false, coversName: true }],
  ])('a certificate that is %s: no request is sent', async (certificate, tls) => {
    const server = await serve({ certificate });
    const outcome = await client({ [IP]: at(server.port) }).get(request);
    expect(outcome).toMatchObject({ status: 'untrusted', ip: IP, tls });
    await expectNothingLingers();
    expect(server.requests).toEqual([]);
  });

  test('a root that was not given is not trusted', async () => {
    const { port } = await serve();
    const outcome = await client({ [IP]: at(port) }, { extraRoots: [] }).get(request);
    expect(outcome).toMatchObject({ status: 'untrusted', tls: { trusted: false } });
  });

  test.each<[NonNullable<HttpsScript['handshake']>, string]>([
    ['alert', 'tls-failed'],
    ['close', 'tls-failed'],
    ['garbage', 'tls-failed'],
    ['silent', 'timeout'],
  ])('a handshake with %s', async (handshake, status) => {
    const outcome = await get({ handshake }, { timeoutMs: handshake === 'silent' ? 300 : 5000 });
    expect(outcome).toMatchObject({ status });
    expect(outcome).not.toHaveProperty('isSecured');
    await expectNothingLingers();
  });

  test('a closed port is refused, and a missing route is this machine’s', async () => {
    expect(statusOf(await client({}).get(request))).toBe('refused: 203.0.113.5:443: ECONNREFUSED');
    const nowhere = client({ [IP]: { host: UNREACHABLE_FROM_HERE, port: 443 } });
    expect(statusOf(await nowhere.get(request))).toMatch(/^no-route: /);
    expect(statusOf(await client({}).get({ ...request, addresses: [] }))).toBe('no-route: the host has no address');
    await expectNothingLingers();
  });

  test('the next address is tried when one takes no connection, and no further one after an answer', async () => {
    const server = await serve({ status: 500 });
    const third = await serve();
    const https = client({ [OTHER]: at(server.port), '203.0.113.7': at(third.port) });
    const outcome = await https.get({ ...request, addresses: [IP, OTHER, ip('203.0.113.7')] });
    expect(outcome).toMatchObject({ status: 'response', ip: OTHER, code: 500 });
    expect(third.connections).toBe(0);
    expect(https.requests).toBe(1);
  });

  test('the failure that says most about the host is told, with what became of each address', async () => {
    const https = client({ [IP]: { host: UNREACHABLE_FROM_HERE, port: 443 } });
    const outcome = await https.get({ ...request, addresses: [IP, OTHER] });
    expect(statusOf(outcome)).toMatch(/^refused: 203\.0\.113\.5:443: E[A-Z]+; 203\.0\.113\.6:443: ECONNREFUSED$/);
  });

  test('at most four addresses are tried', async () => {
    const addresses = [1, 2, 3, 4, 5].map((last) => ip(`203.0.113.${last}`));
    const outcome = await client({}).get({ ...request, addresses });
    expect(statusOf(outcome).match(/ECONNREFUSED/g)).toHaveLength(4);
  });

  test('special addresses are not connected to, nor what a translator makes of them', async () => {
    const server = await serve();
    const options = { allowPrivate: false, translators: async () => null };
    for (const [address, says] of [
      ['127.0.0.1', /127\.0\.0\.1 is /],
      ['169.254.169.254', /169\.254\.169\.254 is /],
      ['2a01:db8:122:344::169.254.169.254', /by NAT64/],
    ] as const) {
      const https = client({ [address]: at(server.port), [`[${address}]`]: at(server.port) }, options);
      const outcome = await https.get({ ...request, addresses: [ip(address)] });
      expect(outcome).toMatchObject({ status: 'forbidden', detail: expect.stringMatching(says) });
    }
    expect(server.connections).toBe(0);
  });

  test('no proxy from the environment is used', async () => {
    const proxy = await serve();
    const server = await serve({ body: 'direct' });
    const before = { ...process.env };
    try {
      for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'HTTP_PROXY'])
        process.env[name] = `http://127.0.0.1:${proxy.port}`;
      process.env.NODE_USE_ENV_PROXY = '1';
      expect(bodyOf(await client({ [IP]: at(server.port) }).get(request))).toBe('direct');
      expect(proxy.connections).toBe(0);
    } finally {
      process.env = before;
    }
  });

  test('the end of the run ends a request at once', async () => {
    const server = await serve({ isSilent: true });
    const run = new AbortController();
    const https = client({ [IP]: at(server.port) }, { signal: run.signal });
    const coming = https.get(request);
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    run.abort();
    expect(await coming).toMatchObject({ status: 'aborted' });
    expect(await https.get(request)).toMatchObject({ status: 'aborted' });
    await expectNothingLingers();
    expect(server.connections).toBe(1);
  });

  test('one address gets a few connections at a time, and the others wait', async () => {
    const server = await serve({ body: 'a', dripMs: 1 });
    const slots = httpsSlots();
    const https = client({ [IP]: at(server.port) }, { slots });
    let most = 0;
    const all = Promise.all(Array.from({ length: 12 }, () => https.get(request)));
    let isOver = false;
    all.then(() => {
      isOver = true;
    });
    while (!isOver) {
      most = Math.max(most, slots.openTo(IP));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await all).map(({ status }) => status)).toEqual(Array(12).fill('response'));
    expect(most).toBe(4);
  });
});

describe('https: what no request can carry', () => {
  test.each<[string, Partial<HttpsRequest>]>([
    ['a path with a line break', { path: '/a\r\nX: y' }],
    ['a path with a blank', { path: '/a b' }],
    ['a path without a slash', { path: 'a' }],
    ['a path with a fragment', { path: '/a#b' }],
    ['a path that is not ASCII', { path: '/ä' }],
    ['a host with a line break', { host: 'example.com\r\nx' }],
    ['a host with a port', { host: 'example.com:25' }],
    ['an empty host', { host: '' }],
  ])('%s is not sent', async (_, changes) => {
    const server = await serve();
    const https = client({ [IP]: at(server.port) });
    expect(await https.get({ ...request, ...changes })).toMatchObject({ status: 'forbidden' });
    expect(server.connections).toBe(0);
    expect(https.requests).toBe(0);
  });
});

test('https: redirection to a name is a fault of the caller', () => {
  expect(() => client({ [IP]: { host: 'localhost', port: 1 } })).toThrow(RangeError);
});

test('https: the client for runs without connections asks nobody', async () => {
  const https = unconnectedHttps('no web request is made with --dns-only');
  expect(await https.get(request)).toEqual({ status: 'unasked', detail: 'no web request is made with --dns-only' });
  expect(https.requests).toBe(0);
});
