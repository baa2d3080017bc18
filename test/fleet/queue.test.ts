/** What a queue carries, and what of it a worker and a collector believe. The lab has a real Redis. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ResolverFault } from '../../src/check/facts/resolver.ts';
import type { Settings } from '../../src/check/settings.ts';
import { refuseWithQueue } from '../../src/cli/fleet/judge.ts';
import { readQueueAddress } from '../../src/fleet/queue/address.ts';
import {
  dataOf,
  type FleetJob,
  jobId,
  readJob,
  runKey,
  runOfJob,
  settingsOf,
  unpacked,
} from '../../src/fleet/queue/job.ts';
import { NotNow, readinessOf } from '../../src/fleet/queue/readiness.ts';
import { isInShard, ratesOfShard, readShard } from '../../src/fleet/shard.ts';
import { targetId } from '../../src/fleet/target.ts';
import { type Domain, parseDomain } from '../../src/network/domain.ts';
import { LocalRates } from '../../src/network/rates.ts';

const messageOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('it did not throw');
};

describe('the address of a queue', () => {
  test.each([
    ['redis://queue.example.net', 'redis://queue.example.net:6379/', {}],
    ['rediss://queue.example.net:6380/3', 'rediss://queue.example.net:6380/3', { isEncrypted: true, db: 3 }],
    ['valkey://[2001:db8::1]/', 'valkey://[2001:db8::1]:6379/', { host: '2001:db8::1', isEncrypted: false }],
    ['redis://m:a%40b@192.0.2.1/', 'redis://192.0.2.1:6379/', { username: 'm', password: 'a@b' }],
  ])('%s is shown without credentials', (text, shown, parts) => {
    expect(readQueueAddress(text)).toMatchObject({ shown, ...parts });
  });

  test('the environment has the credentials where the address has none', () => {
    const environment = { MAILCHECK_REDIS_USERNAME: 'm', MAILCHECK_REDIS_PASSWORD: 'p' };
    expect(readQueueAddress('redis://queue.example.net', environment)).toMatchObject({ username: 'm', password: 'p' });
    expect(readQueueAddress('redis://x:y@queue.example.net', environment)).toMatchObject({
      username: 'x',
      password: 'y',
    });
  });

  test.each([
    'redis://m:secret@',
    'redis://m:secret@ho st/',
    'redis://m:se@cret@host.example/a',
    'redis://m:secret@host.example/0?password=secret',
    'redis://host.example/?password=secret',
    'http://m:secret@host.example/',
    'm:secret@host.example',
    'redis://m:secret@host.example/99999',
  ])('no credentials are in the message about %s', (text) => {
    const message = messageOf(() => readQueueAddress(text));
    expect(message).toMatch(/is not the address of a queue/);
    expect(message).not.toMatch(/secret|cret@/);
  });
});

const target = { domain: parseDomain('example.com') as Domain, ips: [], selectors: [] };
const job: FleetJob = {
  target,
  timeoutMs: 1000,
  settings: {
    smtpPort: 25,
    allowPrivate: true,
    activeData: true,
    vantage: 'self',
    dnssecResolver: '192.0.2.53',
    dnsOnly: true,
    listKeys: { SPAMHAUS_DQS_KEY: 'a-secret-key' },
    dkimKeyPem: 'a-secret-key',
    connectTo: new Map([['*', { host: '127.0.0.1', port: 1 }]]),
  },
};
const local: Settings = { smtpPort: 25, allowPrivate: false, probeName: 'worker.example.net' };

describe('a job', () => {
  test('carries no secret, and nothing that is local to a machine', () => {
    const data = dataOf(job);
    expect(data.settings).toEqual({ smtpPort: 25, allowPrivate: true, dnsOnly: true });
    expect(readJob(JSON.parse(JSON.stringify(data)))).toEqual(data);
  });

  test('a worker connects to private addresses only if it says so itself, and the job too', () => {
    const data = dataOf(job);
    expect(settingsOf(data, local)).toEqual({ ...local, dnsOnly: true });
    expect(settingsOf(data, { ...local, allowPrivate: true }).allowPrivate).toBe(true);
    const modest = { ...data, settings: { ...data.settings, allowPrivate: false } };
    expect(settingsOf(modest, { ...local, allowPrivate: true }).allowPrivate).toBe(false);
  });

  test.each([
    ['another version', { version: 2 }],
    ['a domain that is none', { target: { ...target, domain: 'a b' } }],
    ['an address that is none', { target: { ...target, ips: ['127.1'] } }],
    ['a HELO name with a line break', { target: { ...target, helo: 'mail.example.com\r\nMAIL FROM:<>' } }],
    ['a selector with a line break', { target: { ...target, selectors: ['a\nb'] } }],
    ['more than it should have', { connectTo: {} }],
    ['no end', { timeoutMs: 1e12 }],
  ])('a worker does not read one with %s', (_, change) => {
    expect(() => readJob({ ...dataOf(job), ...change })).toThrow();
  });

  test('has one id for each run, target and settings', () => {
    const data = dataOf(job);
    const id = jobId(runKey('a'), targetId(target), data);
    expect(jobId(runKey('a'), targetId(target), dataOf(job))).toBe(id);
    expect(jobId(runKey('b'), targetId(target), data)).not.toBe(id);
    expect(jobId(runKey('a'), targetId(target), { ...data, timeoutMs: 2 })).not.toBe(id);
    expect(runOfJob(id)).toBe(runKey('a'));
    expect(runOfJob('mailcheck:rate:x')).toBeUndefined();
  });

  test.each([
    ['no gzip', Buffer.from('{}')],
    ['no JSON', gzipSync('x')],
    ['no report', gzipSync('{"report":{"verdict":"pass"}}')],
    ['a report that swells to more than memory has', gzipSync(Buffer.alloc(30_000_000, 32))],
  ])('a report in the queue that is %s is an error', (_, bytes) => {
    expect(unpacked(bytes)).toHaveProperty('error');
  });
});

describe('a shard', () => {
  test.each([
    ['1/5', {}, { index: 1, count: 5 }],
    ['5/5', {}, { index: 5, count: 5 }],
    ['job/5', { JOB_COMPLETION_INDEX: '0' }, { index: 1, count: 5 }],
    ['job/5', { JOB_COMPLETION_INDEX: '4' }, { index: 5, count: 5 }],
  ])('%s', (text, environment, shard) => {
    expect(readShard(text, environment)).toEqual(shard);
  });

  test.each([
    ['0/5', {}, /shards are counted from 1 to 5.*--shard job\/5/],
    ['6/5', {}, /there is no shard 6 of 5/],
    ['1/0', {}, /is not a shard/],
    ['1', {}, /is not a shard/],
    ['job/5', {}, /needs the variable JOB_COMPLETION_INDEX/],
    ['job/5', { JOB_COMPLETION_INDEX: '5' }, /the Job needs completions: 5/],
  ])('%s is refused', (text, environment, message) => {
    expect(messageOf(() => readShard(text, environment))).toMatch(message);
  });

  test('every target is in exactly one of the shards, and they are of about one size', () => {
    const ids = Array.from({ length: 1000 }, (_, index) => targetId({ ...target, helo: `h${index}.example.com` }));
    const shards = [1, 2, 3, 4].map((index) => ids.filter((id) => isInShard({ id }, { index, count: 4 })));
    expect(new Set(shards.flat()).size).toBe(1000);
    expect(shards.flat()).toHaveLength(1000);
    expect(Math.min(...shards.map(({ length }) => length))).toBeGreaterThan(200);
  });

  test('has its share of each limit', async () => {
    const rates = ratesOfShard(new LocalRates(() => 0), { index: 1, count: 4 });
    expect([rates.reserve('list zen.example', 20, 8), rates.reserve('list zen.example', 20, 8)]).toEqual([0, 0]);
    expect(rates.reserve('list zen.example', 20, 8)).toBe(200);
  });
});

test.each([
  ['listRate', /mailcheck worker … --list-rate/],
  ['connectionRate', /mailcheck worker … --connection-rate/],
])('the workers of a queue have the option %s', (name, message) => {
  const queue = readQueueAddress('redis://queue.example.net');
  const options = { smtpPort: '25', whoamiName: '', timeout: '60', volume: 'low' } as const;
  expect(messageOf(() => refuseWithQueue(options, new Set([name]), { queue, shard: undefined }))).toMatch(message);
});

describe('a worker', () => {
  const silent: ResolverFault = {
    state: 'silent',
    servers: ['192.0.2.53'],
    query: { name: 'example.com', type: 'SOA', server: null, rcode: 'timeout', ttl: null, ms: 5000 },
    records: [],
    invention: null,
    isConnected: true,
  };

  test('gives its targets back and takes none until the resolver answers', async () => {
    const calls: string[] = [];
    const end = new AbortController();
    let fault: ResolverFault | null = silent;
    const shared = { backlogMs: () => 0, checkResolver: async () => fault, resolverTrouble: () => fault };
    const { admit, confirm } = readinessOf(shared, {
      dnsServers: undefined,
      signal: end.signal,
      pause: () => calls.push('pause'),
      resume: () => calls.push('resume'),
      wordsOf: ({ state }) => state,
      onNotice: (text) => calls.push(text),
    });
    await expect(admit(target.domain)).rejects.toThrow(NotNow);
    await expect(confirm(target.domain)).rejects.toThrow(NotNow);
    expect(calls).toEqual(['pause', 'silent; the worker takes no targets meanwhile']);
    fault = null;
    await admit(target.domain);
    await confirm(target.domain);
    end.abort();
  });

  test('gives a target back that waits for an authority when the worker ends', async () => {
    const end = new AbortController();
    const shared = { backlogMs: () => 60_000, checkResolver: async () => null, resolverTrouble: () => null };
    const nothing = (): void => {};
    const options = { dnsServers: undefined, pause: nothing, resume: nothing, wordsOf: () => '', onNotice: nothing };
    const admitted = readinessOf(shared, { ...options, signal: end.signal }).admit(target.domain);
    end.abort();
    await expect(admitted).rejects.toThrow(NotNow);
  });
});
