/** `mailcheck watch`: runs again and again, tells what changed, posts it over HTTPS, and ends at a signal. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { nextRun, scheduleOf } from '../../src/cli/watch/schedule.ts';
import { signatureOf } from '../../src/cli/webhook/post.ts';
import fc from '../fast-check.ts';
import { runs } from '../sample.ts';
import { scenes } from '../world/scenes.ts';
import { mailcheck, startMailcheck, startWorld, type World, worldAuthority } from '../world/world.ts';

const { healthy } = scenes;
const folder = mkdtempSync(join(tmpdir(), 'mailcheck-watch-'));
const input = join(folder, 'hosts.csv');
const state = join(folder, 'state');

let world: World;
let server: Server;
let url: string;
const posted: { readonly body: string; readonly signature: string; readonly timestamp: string; readonly id: string }[] =
  [];

beforeAll(async () => {
  world = await startWorld(healthy.world);
  const { certificate: cert, key } = worldAuthority.issue({ names: ['127.0.0.1'] });
  server = createServer({ cert, key }, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    request.on('end', () => {
      const of = (name: string): string => String(request.headers[name]);
      const [signature, timestamp, id] = [
        of('x-mailcheck-signature'),
        of('x-mailcheck-timestamp'),
        of('idempotency-key'),
      ];
      posted.push({ body, signature, timestamp, id });
      response.writeHead(posted.length === 1 ? 500 : 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=tok-s`;
});
afterAll(async () => {
  await world.close();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});
afterEach(() => vi.unstubAllEnvs());

const publish = (reverse: 'nxdomain' | { PTR: string[] }): void =>
  world.dns.rescript({
    ...healthy.world.dns,
    zone: { ...healthy.world.dns.zone, '5.113.0.203.in-addr.arpa': reverse },
  });

test('it runs, tells and posts a change that two runs agree on, writes its outputs anew, and ends at SIGTERM', async () => {
  writeFileSync(input, 'domain,ips\nexample.com,203.0.113.5\n');
  const roots = join(folder, 'roots.pem');
  writeFileSync(roots, worldAuthority.certificate);
  vi.stubEnv('NODE_EXTRA_CA_CERTS', roots);
  vi.stubEnv('MAILCHECK_WEBHOOK_SECRET', 'geheim');
  const csv = join(folder, 'last.csv');
  const child = startMailcheck([
    ...['watch', input, '--every', '1s', '--jitter', '1ms', '--state', state, '--webhook', url, '-f', `csv=${csv}`],
    ...['--only', 'ptr', '--dns', world.dns.server],
  ]);
  let stdout = '';
  let stderr = '';
  const isTold = (sign: RegExp): Promise<void> =>
    vi.waitFor(() => expect(stdout + stderr).toMatch(sign), { timeout: 60_000, interval: 50 });
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await isTold(/1 target in \d+ s: 1 pass\n {2}next run at /);
  // The folder belongs to it between two runs, too.
  const second = await mailcheck(['watch', input, '--state', state, '--only', 'ptr', '--dns', world.dns.server]);
  expect(second).toMatchObject({ code: 2, stderr: expect.stringMatching(/another mailcheck \(process \d+\) uses/) });
  // The second run has a target more, since the input is read anew.
  writeFileSync(input, 'domain,ips\nexample.com,203.0.113.5\nexample.com,203.0.113.6\n');
  publish('nxdomain');
  await isTold(/ {2}example\.com 203\.0\.113\.5: worse: ptr\/missing \(203\.0\.113\.5\)\n/);
  expect(readFileSync(csv, 'utf8')).toContain('ptr/missing');
  await vi.waitFor(() => expect(posted.length).toBeGreaterThan(2), { timeout: 60_000, interval: 50 });
  // A run that cannot be made is told, and the next one begins.
  rmSync(input);
  await isTold(/ the run failed\n {2}next run at [\s\S]*cannot read .*hosts\.csv/);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(existsSync(join(state, 'lock'))).toBe(false);
  expect(stdout + stderr).not.toMatch(/geheim|tok-s/);

  const bodies = posted.map(({ body }) => JSON.parse(body));
  for (const { body, signature, timestamp } of posted) expect(signature).toBe(signatureOf(timestamp, body, 'geheim'));
  // The first message was refused once, and has the same id when it comes again.
  expect(posted[1]).toMatchObject({ id: posted[0]?.id, body: posted[0]?.body });
  expect(bodies[0]).toMatchObject({ changes: { new: 1, worse: 0 }, targets: [] });
  expect(bodies.at(-1)).toMatchObject({
    changes: { new: 0, worse: 1 },
    targets: [{ domain: 'example.com', ips: ['203.0.113.5'], state: 'worse', worse: [{ code: 'ptr/missing' }] }],
  });
});

test.each([
  [['watch', input], /^mailcheck watch needs a folder .*--state <folder>$/],
  [['watch', '-', '--state', state], /^each run reads the input anew, so it must be a file$/],
  [['watch', input, '--state', state, '--every', '1ms'], /^--every: type 1 s or more/],
  [['watch', input, '--state', state, '--every', '0s'], /^--every: "0s" is not a time above 0\. /],
  [['watch', input, '--state', state, '--every', '2d'], /^--every: "2d" is not a time up to 168 h/],
  [['watch', input, '--state', state, '-f', 'csv'], /^--format csv: each run writes it anew/],
  [['watch', join(folder, 'none.csv'), '--state', state], /^cannot read .*none\.csv/],
  [['fleet', import.meta.filename, '--webhook', 'https://hooks.example.com/'], /^--webhook posts what changed since/],
  [
    ['fleet', import.meta.filename, '--webhook', 'http://hooks.example.com/tok-s'],
    /^--webhook: a webhook at hooks\.example/,
  ],
])('%j is refused in one line', async (args, message) => {
  await expect(buildProgram().parseAsync(args, { from: 'user' })).rejects.toThrow(message);
});

test('runs never overlap, and keep to the time of the first one', () => {
  const milliseconds = fc.integer({ min: 0, max: 10_000_000 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      milliseconds,
      milliseconds,
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (everyMs, due, tookMs, random) => {
        const schedule = scheduleOf(everyMs, undefined);
        const next = nextRun(due, due + tookMs, schedule, random);
        expect(next.due).toBeGreaterThanOrEqual(due + tookMs);
        expect((next.due - due) % everyMs).toBe(0);
        expect(next.due - due).toBeLessThan(tookMs + everyMs + 1);
        expect(next.due).toBeGreaterThan(due);
        expect(next.start - next.due).toBeGreaterThanOrEqual(0);
        expect(next.start - next.due).toBeLessThanOrEqual(everyMs / 20);
        // A clock that is set back does not put off the next run.
        expect(nextRun(due + tookMs + 1, due, schedule, 0)).toEqual({ due: due + everyMs, start: due + everyMs });
      },
    ),
    { numRuns: runs(500) },
  );
});
