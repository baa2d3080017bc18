/** Tests what the DNS clients of several runs share. */
import { afterEach, expect, test } from 'vitest';
import { createDnsClient, type DnsClient } from '../../../src/network/dns/client.ts';
import { parseServer } from '../../../src/network/dns/servers.ts';
import { type Keeping, SharedAnswers } from '../../../src/network/dns/shared-answers.ts';
import type { SharedDns } from '../../../src/network/dns/shared-dns.ts';
import { Upstreams } from '../../../src/network/dns/upstreams.ts';
import { LocalRates, takePlaces } from '../../../src/network/rates.ts';
import { type DnsScript, type DnsWorld, startDns } from '../../world/dns.ts';

const open: DnsWorld[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((world) => world.close()));
});

const KEYS = /^key-/;

/** Gives a server, a clock that is set by hand, and clients of several runs. */
async function shares(zone: DnsScript['zone'], turn: SharedDns['turn'] = async () => {}) {
  const server = await startDns({ zone });
  open.push(server);
  const clock = { now: 0 };
  const answers = new SharedAnswers({ now: () => clock.now });
  const shared = { answers, signal: new AbortController().signal, turn, isOwn: (name: string) => KEYS.test(name) };
  const upstreams = new Upstreams();
  const run = (signal = new AbortController().signal): DnsClient =>
    createDnsClient({
      servers: [parseServer(server.server)],
      signal,
      upstreams,
      shared,
      tryTimeoutMs: 150,
      retryAfterMs: 60,
    });
  return { server, clock, answers, run };
}

test('shared answers: two runs ask a question once, each has it in its log, and the TTL goes down', async () => {
  const { server, clock, run } = await shares({ 'a.example.com': { A: { records: ['192.0.2.1'], ttl: 30 } } });
  const runs = [run(), run()];
  const [first] = await Promise.all(runs.map((dns) => dns.query('a.example.com', 'A')));
  expect(first).toMatchObject({ status: 'answer', ttl: 30 });
  clock.now = 29_500;
  const third = run();
  expect(await third.query('A.example.COM.', 'A')).toMatchObject({ status: 'answer', ttl: 1, durationMs: 0 });
  expect([...runs, third].map(({ log }) => log.length)).toEqual([1, 1, 1]);
  expect(server.asked).toHaveLength(1);
  clock.now = 30_000;
  expect(await run().query('a.example.com', 'A')).toMatchObject({ ttl: 30 });
  expect(server.asked).toHaveLength(2);
});

test('shared answers: a denial is kept by its SOA record, a failure for five seconds', async () => {
  const { server, clock, run } = await shares({ 'sf.example.com': 'servfail', 'a.example.com': { A: ['192.0.2.1'] } });
  const ask = async () => {
    const before = server.asked.length;
    await run().query('none.example.com', 'A');
    const denied = server.asked.length - before;
    await run().query('sf.example.com', 'A');
    return { denied, failed: server.asked.length - before - denied > 0 };
  };
  expect(await ask()).toEqual({ denied: 1, failed: true });
  expect(await ask()).toEqual({ denied: 0, failed: false });
  clock.now = 5000;
  expect(await ask()).toEqual({ denied: 0, failed: true });
  clock.now = 60_000;
  expect(await ask()).toEqual({ denied: 1, failed: true });
});

test('shared answers: the end of the run that asked ends no question of another', async () => {
  const { server, run } = await shares({ 'slow.example.com': { A: { records: ['192.0.2.1'], delayMs: 40 } } });
  const end = new AbortController();
  const early = run(end.signal).query('slow.example.com', 'A');
  const other = run().query('slow.example.com', 'A');
  end.abort();
  expect(await early).toMatchObject({ status: 'timeout', detail: 'the run ended before a reply came' });
  expect(await other).toMatchObject({ status: 'answer' });
  expect(await run().query('slow.example.com', 'A')).toMatchObject({ status: 'answer' });
  expect(server.asked).toHaveLength(1);
});

test('shared answers: a client that asks the same servers anew takes no kept answer', async () => {
  const { server, run } = await shares({ 'a.example.com': { A: ['192.0.2.1'] } });
  const dns = run();
  await dns.query('a.example.com', 'A');
  await dns.towards(dns.servers).query('a.example.com', 'A');
  expect(server.asked).toHaveLength(2);
});

test('shared answers: signatures and test entries are shared, and a name of one run is not kept', async () => {
  const zone = { 'a.example.com': { A: ['192.0.2.1'] }, '2.0.0.127.list.example': { A: ['127.0.0.2'] } };
  const { server, answers, run } = await shares(zone);
  await run().query('key-1.example.com', 'A');
  expect(answers.size).toBe(0);
  for (const dns of [run(), run()]) {
    await dns.signed('a.example.com', 1);
    expect(await dns.isCanaryListed('127.0.0.2', 'list.example')).toBe(true);
  }
  const counts = ['a.example.com', '2.0.0.127.list.example'].map(
    (asked) => server.asked.filter(({ name, type }) => name === asked && type === 'A').length,
  );
  expect(counts).toEqual([1, 1]);
});

test('shared answers: their number and their size are bounded, and those in use stay', async () => {
  const keeping: Keeping<string> = { secondsOf: () => 60, bytesOf: (text) => text.length, later: (text) => text };
  const few = new SharedAnswers({ now: () => 0, maxAnswers: 3 });
  for (const key of ['a', 'b', 'c', 'a', 'd']) await few.answer(key, keeping, async () => key);
  const asked: string[] = [];
  for (const key of ['a', 'b']) await few.answer(key, keeping, async () => String(asked.push(key)));
  expect({ asked, size: few.size }).toEqual({ asked: ['b'], size: 3 });
  const small = new SharedAnswers({ now: () => 0, maxBytes: 1000 });
  for (let at = 0; at < 50; at += 1) await small.answer(`${at}`, keeping, async () => 'x'.repeat(300));
  expect(small.size).toBe(3);
  expect(small.bytes).toBeLessThanOrEqual(1000);
});

test('rates: no authority gets more than its limit, one that is rested gets a burst, and the backlog is told', () => {
  let now = 0;
  const rates = new LocalRates(() => now);
  const starts = Array.from({ length: 20 }, () => now + rates.reserve('list zen', 5));
  for (let second = 0; second < 4; second += 1) {
    expect(starts.filter((at) => at >= second * 1000 && at < (second + 1) * 1000)).toHaveLength(5);
  }
  expect(rates.backlogMs()).toBe(3800);
  expect(rates.reserve('list other', 5)).toBe(0);
  now = 10_000;
  expect(rates.backlogMs()).toBe(0);
  expect([1, 2, 3, 4].map(() => rates.reserve('a day', 1, 3))).toEqual([0, 0, 0, 1000]);
});

test('rates: a list gets the questions of all runs at its pace', async () => {
  const rates = new LocalRates(() => performance.now());
  const signal = new AbortController().signal;
  const arrivals: number[] = [];
  const { run } = await shares({}, async (name) => {
    if (name.endsWith('.list.example')) {
      await takePlaces(rates, [{ key: 'list', perSecond: 50 }], signal);
      arrivals.push(performance.now());
    }
  });
  await Promise.all(Array.from({ length: 10 }, (_, at) => run().query(`${at}.list.example`, 'A')));
  // A timer may be early by a millisecond, and a busy machine makes it late.
  expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(9 * 20 - 5);
});
