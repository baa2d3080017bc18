/** The webhook: what is posted, how it is signed, when it is sent again, and what no message repeats. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { parseWebhook } from '../../src/cli/webhook/address.ts';
import { ChangedTargets } from '../../src/cli/webhook/body.ts';
import { post } from '../../src/cli/webhook/post.ts';
import { openWebhook } from '../../src/cli/webhook/webhook.ts';
import type { ChangedFinding, FleetEntry, FleetSummary } from '../../src/report/fleet.ts';
import { reportOf } from '../world/results.ts';

interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the server answers, one after the other. The last one is for all that follow. */
let answers: (number | 'hang up')[];
let posted: Posted[];
let origin: string;

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text) => {
    body += text;
  });
  request.on('end', () => {
    posted.push({ path: request.url ?? '', headers: request.headers, body });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === 'hang up') response.destroy();
    else response.writeHead(answer ?? 200, { location: '/elsewhere', 'retry-after': '0' }).end('no');
  });
});

let stderr = '';
let folder: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  answers = [200];
  posted = [];
  stderr = '';
  folder = mkdtempSync(join(tmpdir(), 'mailcheck-webhook-'));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const { signal } = new AbortController();
const message = (digit: string) => ({ id: digit.repeat(32), body: JSON.stringify({ digit }) });
const waitsMs = [1, 1, 1];
const at = (path: string): URL => parseWebhook(`${origin}${path}`);

/** HMAC-SHA256 written out as in RFC 2104 §2. */
function hmac(secret: string, text: string): string {
  const padded = (byte: number) => Buffer.alloc(64, byte).map((one, index) => one ^ (Buffer.from(secret)[index] ?? 0));
  const inner = createHash('sha256').update(padded(0x36)).update(text).digest();
  return createHash('sha256').update(padded(0x5c)).update(inner).digest('hex');
}

test('a message is posted again until it is taken, with the same id and a signature that a stranger computes', async () => {
  answers = [500, 429, 'hang up', 204];
  expect(await post(message('a'), { url: at('/hook?token=t'), secret: 'geheim', signal, waitsMs })).toBeNull();
  expect(posted.length).toBe(4);
  for (const { path, headers, body } of posted) {
    expect(path).toBe('/hook?token=t');
    expect(body).toBe('{"digit":"a"}');
    expect(headers['content-type']).toBe('application/json');
    expect(headers['idempotency-key']).toBe('a'.repeat(32));
    const timestamp = String(headers['x-mailcheck-timestamp']);
    expect(Math.abs(Number(timestamp) * 1000 - Date.now())).toBeLessThan(600_000);
    expect(headers['x-mailcheck-signature']).toBe(`sha256=${hmac('geheim', `${timestamp}.${body}`)}`);
  }
});

test.each([
  ['a refusal is not sent again', [403], 1, 'HTTP 403'],
  ['a redirect is not followed', [307], 1, 'it redirects (HTTP 307), which is not followed'],
  ['a server that fails each time is asked four times', [503], 4, 'HTTP 503'],
] as const)('%s', async (_, given, requests, problem) => {
  answers = [...given];
  expect(await post(message('b'), { url: at('/'), secret: undefined, signal, waitsMs })).toBe(problem);
  expect(posted.map(({ path }) => path)).toEqual(Array(requests).fill('/'));
  expect(posted[0]?.headers).not.toHaveProperty('x-mailcheck-signature');
});

test('what is not taken is kept in the state folder, and sent with the next run, the oldest first', async () => {
  vi.stubEnv('MAILCHECK_WEBHOOK_SECRET', 'geheim');
  const url = parseWebhook(origin.replace('http://', 'http://user:pass-w@').concat('/path-s?token=tok-s'));
  answers = [500];
  const first = await openWebhook(url, folder, { waitsMs: [] });
  await first.keep(message('1'));
  await first.send(signal);
  expect(stderr).toBe(`mailcheck: the webhook at ${origin} was not reached: HTTP 500; it is sent after the next run\n`);
  expect(readFileSync(join(folder, 'unsent.json'), 'utf8')).not.toMatch(/geheim|pass-w|tok-s/);
  answers = [200];
  posted = [];
  const next = await openWebhook(url, folder, { waitsMs: [] });
  await next.keep(message('2'));
  // A run that was interrupted at its end says the same again.
  await next.keep(message('2'));
  await next.send(signal);
  expect(posted.map(({ body }) => body)).toEqual(['{"digit":"1"}', '{"digit":"2"}']);
  expect(posted[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:pass-w').toString('base64')}`);
  expect(() => readFileSync(join(folder, 'unsent.json'))).toThrow(/ENOENT/);
});

test('a damaged file of kept messages costs them alone, and the absence of a secret is told', async () => {
  vi.stubEnv('MAILCHECK_WEBHOOK_SECRET', '');
  writeFileSync(join(folder, 'unsent.json'), '[{"id":"\\r\\nX-Evil: 1","body":"x"}, 7');
  const webhook = await openWebhook(at('/'), folder, { waitsMs: [] });
  expect(stderr).toContain('MAILCHECK_WEBHOOK_SECRET is not set in the environment, so the webhook is not signed');
  expect(stderr).toContain('what was kept for the webhook cannot be read');
  for (let index = 0; index < 30; index += 1)
    await webhook.keep({ id: createHash('md5').update(String(index)).digest('hex'), body: String(index) });
  expect(JSON.parse(readFileSync(join(folder, 'unsent.json'), 'utf8'))).toHaveLength(20);
  await webhook.send(signal);
  expect(posted.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 10)));
});

test.each([
  ['http://hooks.example.com/x?token=tok-s', /needs https:\/\//],
  ['http://127.0.0.1.example.com/', /needs https:\/\//],
  ['http://localhost/', /needs https:\/\//],
  ['ftp://user:pass-w@hooks.example.com/', /needs https:\/\//],
  ['hooks.example.com', /is not an address/],
  ['https://%zz:pass-w@hooks.example.com/', /is not an address/],
  [`https://hooks.example.com/${'x'.repeat(3000)}`, /is not an address/],
])('%s is no webhook', (text, expected) => {
  let error = '';
  try {
    parseWebhook(text);
  } catch (thrown) {
    error = String(thrown);
  }
  expect(error).toMatch(expected);
  expect(error).not.toMatch(/tok-s|pass-w/);
});

const verdicts = { pass: 1, warn: 0, fail: 1, inconclusive: 0 };
const summaryOf = (changes: FleetSummary['changes']): FleetSummary => ({
  ...{ runId: 'r', startedAt: '2026-01-01T00:00:00Z', endedAt: '2026-01-01T00:01:00Z', verdicts },
  ...{ exitCodes: {}, resumed: 0, repeated: 0, notJudged: 0, endedBy: null, causes: [] },
  ...{ wrongLines: { count: 0, first: [] }, unknown: {}, listings: {}, expiries: [] },
  ...(changes === undefined ? {} : { changes }),
});
const noGone = { count: 0, first: [] };

test('nothing changed: nothing is posted', () => {
  const targets = new ChangedTargets();
  expect(targets.message(summaryOf(undefined))).toBeUndefined();
  expect(targets.message(summaryOf({ new: 0, worse: 0, better: 0, gone: noGone }))).toBeUndefined();
});

test('a body names what is worse first, and its size is bounded whatever the zones say', () => {
  const targets = new ChangedTargets();
  const long = '\u0000\u202e"'.repeat(5000);
  const finding: ChangedFinding = { code: 'rbl/listed', severity: 'error', subject: long, title: long };
  const add = (domain: string, worse: number, better: number, state: 'worse' | 'better' | 'same' | 'new') => {
    const report = reportOf([]);
    const entry: FleetEntry = {
      ...{ id: domain, place: long, tags: Array(999).fill(long), exitCode: 0 },
      report: { ...report, target: { ...report.target, domain } },
      change: { state, worse: Array(worse).fill(finding), better: Array(better).fill(finding) },
    };
    targets.add(entry);
  };
  add('better.example.com', 0, 1, 'better');
  add('same.example.com', 0, 0, 'same');
  add('new.example.com', 0, 0, 'new');
  add('worse.example.com', 1, 0, 'worse');
  const small = targets.message(summaryOf({ new: 1, worse: 1, better: 1, gone: noGone }));
  const body = JSON.parse(small?.body ?? '');
  expect(body.targets.map(({ domain }: { domain: string }) => domain)).toEqual([
    'worse.example.com',
    'better.example.com',
  ]);
  expect(body).toMatchObject({ webhookVersion: 1, id: small?.id, run: { id: 'r', verdicts }, omittedTargets: 0 });
  for (let index = 0; index < 1000; index += 1) add(`w${index}.example.com`, 50, 50, 'worse');
  const large = targets.message(summaryOf({ new: 1, worse: 1001, better: 1, gone: noGone }));
  expect(Buffer.byteLength(large?.body ?? '')).toBeLessThanOrEqual(256 * 1024 + 100);
  const { targets: named, omittedTargets } = JSON.parse(large?.body ?? '');
  expect(named.length + omittedTargets).toBe(1002);
  expect(named.length).toBeGreaterThan(0);
});
