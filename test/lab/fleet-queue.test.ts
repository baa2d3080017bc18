/** A fleet over three workers and a real Redis, while workers and Redis are killed. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisRates } from '../../src/fleet/queue/rates.ts';
import { type DnsWorld, startDns } from '../world/dns.ts';
import { startMailcheck } from '../world/world.ts';
import { startChromium } from './chromium.ts';
import { type RedisServer, startRedis, whyNoRedis } from './redis.ts';

const why = whyNoRedis();
if (why !== null) process.stderr.write(`fleet lab skipped: ${why}\n`);

const TARGETS = Number(process.env.LAB_TARGETS ?? 2000);
const LAB_MS = 300_000;

const folder = mkdtempSync(join(tmpdir(), 'mailcheck-queue-'));
let redis: RedisServer;
let dns: DnsWorld;

describe.skipIf(why !== null)('a fleet over a queue', () => {
  beforeAll(async () => {
    const names = Array.from({ length: TARGETS }, (_, index) => `h${index}.example.com`);
    const records = Object.fromEntries(names.map((name) => [name, { TXT: ['v=spf1 ip4:203.0.113.5 -all'] }]));
    dns = await startDns({ zone: { 'example.com': { TXT: ['v=spf1 -all'] }, ...records } });
    writeFileSync(join(folder, 'hosts'), names.map((name) => `${name} 203.0.113.5\n`).join(''));
    redis = await startRedis();
  });
  afterAll(async () => {
    await dns?.close();
    rmSync(folder, { recursive: true });
  });

  const worker = () =>
    startMailcheck(['worker', '--queue', redis.address, '--dns', dns.server, '--allow-private', '--quiet']);
  const finished = (child: ReturnType<typeof worker>) =>
    new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));

  test(
    'every target has exactly one report, though two of three workers and Redis are killed',
    async () => {
      const workers = [worker(), worker(), worker()];
      const last = workers.map(finished)[2];
      const args = ['fleet', join(folder, 'hosts'), '--queue', redis.address, '--allow-private', '--dns-only'];
      const pages = join(folder, 'pages');
      const fleet = startMailcheck([...args, '--only', 'spf', '-f', 'ndjson', '-f', `html=${pages}`]);
      let stdout = '';
      let stderr = '';
      fleet.stdout.on('data', (text: Buffer) => {
        stdout += text.toString();
      });
      fleet.stderr.on('data', (text: Buffer) => {
        stderr += text.toString();
      });
      const ended = finished(fleet);
      const judged = async (count: number): Promise<void> => {
        while (stdout.split('\n').length < count && fleet.exitCode === null)
          await new Promise((resolve) => setTimeout(resolve, 50));
      };
      await judged(TARGETS * 0.2);
      workers[0]?.kill('SIGKILL');
      await judged(TARGETS * 0.4);
      await redis.restart(1500);
      await judged(TARGETS * 0.6);
      workers[1]?.kill('SIGKILL');
      expect({ code: await ended, stderr }).toMatchObject({ code: 0 });

      const entries = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const domains = entries.map(({ report }) => report.target.domain);
      expect(domains).toHaveLength(TARGETS);
      expect(new Set(domains).size).toBe(TARGETS);
      expect(entries.filter(({ report }) => report.verdict !== 'pass')).toEqual([]);
      expect(stderr).toContain(`lost the connection to ${redis.address}`);
      expect(stderr).toContain(`connected to ${redis.address} again`);
      // A mark is all that is left of each, though jobs came back after their reports were read.
      const keys = await redis.client.keys('mailcheck:report:*');
      const sizes = await Promise.all(keys.map((key) => redis.client.strlen(key)));
      expect(sizes.filter((size) => size > 0)).toEqual([]);

      workers[2]?.kill('SIGTERM');
      expect(await last).toBe(0);
      await lookAt(join(pages, 'index.html'));
    },
    LAB_MS,
  );

  /** Opens the overview in Chromium: it has every target, its filter works, and its links lead to pages. */
  async function lookAt(overview: string): Promise<void> {
    const chromium = await startChromium();
    try {
      const page = await chromium.open(overview, { width: 1280 });
      const shown = () => page.evaluate('document.getElementById("shown").textContent');
      expect(await shown()).toBe(`${TARGETS} of ${TARGETS} targets`);
      await page.evaluate(
        "(() => { const box = document.getElementById('filter'); box.value = 'h77.example'; box.dispatchEvent(new Event('input')); })()",
      );
      expect(await shown()).toBe(`1 of ${TARGETS} targets`);
      const link = await page.evaluate(
        '[...document.getElementById("rows").rows].find((row) => row.checkVisibility()).querySelector("a").getAttribute("href")',
      );
      expect(existsSync(join(dirname(overview), String(link)))).toBe(true);
      await page.close();
    } finally {
      await chromium.close();
    }
  }

  test('two workers that reserve at the same time keep one limit together', async () => {
    const PLACES = 30;
    const PER_SECOND = 20;
    const uses = await Promise.all(
      [redis.client, redis.client.duplicate()].map(async (client) => {
        const rates = new RedisRates(client, () => performance.now());
        const own: { readonly earliest: number; readonly latest: number }[] = [];
        for (let place = 0; place < PLACES / 2; place += 1) {
          const before = performance.now();
          const waitMs = await rates.reserve('list zen.example', PER_SECOND);
          own.push({ earliest: before + waitMs, latest: performance.now() + waitMs });
        }
        if (client !== redis.client) client.disconnect();
        return own;
      }),
    );
    // The place is somewhere between the two times, so this holds on a machine of any speed.
    const first = Math.min(...uses.flat().map(({ earliest }) => earliest));
    const last = Math.max(...uses.flat().map(({ latest }) => latest));
    expect(last - first).toBeGreaterThanOrEqual(((PLACES - 1) * 1000) / PER_SECOND - 1);
    expect(await redis.client.pttl('mailcheck:rate:list zen.example')).toBeGreaterThan(0);
  });

  test('a worker ends though Redis is gone for good', async () => {
    const child = worker();
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
    });
    const ended = finished(child);
    while (!(await redis.client.client('LIST'))?.toString().includes('cmd=bzpopmin'))
      await new Promise((resolve) => setTimeout(resolve, 50));
    await redis.close();
    child.kill('SIGTERM');
    expect({ code: await ended, stderr }).toMatchObject({ code: 0 });
  });
});
