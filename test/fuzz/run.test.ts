/** Whole runs in worlds where nobody says anything that can be relied on: a valid report, in time, and never a pass. */

import { afterAll, beforeAll, expect } from 'vitest';
import { run } from '../../src/check/run.ts';
import { parseArguments } from '../../src/check/target.ts';
import { parseServer } from '../../src/network/dns/servers.ts';
import { reportSchema } from '../../src/report/schema.ts';
import fc from '../fast-check.ts';
import { randomOf } from '../random.ts';
import { type SmtpWorld, startSmtp } from '../world/smtp.ts';
import { fuzz } from './fuzz.ts';
import { type RawDns, startRawDns, type Transport } from './raw-dns.ts';

let dns: RawDns;
let smtp: SmtpWorld;
let greeting = Buffer.alloc(0);

beforeAll(async () => {
  dns = await startRawDns();
  smtp = await startSmtp(() => ({ greeting }));
});
afterAll(() => Promise.all([dns.close(), smtp.close()]));

/** The same for the same seed and question. */
function hashOf(seed: number, query: Buffer): number {
  return query.subarray(12).reduce((hash, octet) => (Math.imul(hash, 31) + octet) >>> 0, seed);
}

const withFlags = (query: Buffer, flags: number, answers = 0): Buffer => {
  const reply = Buffer.from(query);
  reply.writeUInt16BE(flags, 2);
  reply.writeUInt16BE(answers, 6);
  return reply;
};

/** Each is no answer: not one says that something is, or is not. */
const STRATEGIES: readonly ((query: Buffer, random: () => number) => readonly Buffer[])[] = [
  () => [],
  (query) => [withFlags(query, 0x8182)],
  (query) => [withFlags(query, 0x8185)],
  (query) => [withFlags(query, 0x8184)],
  // Truncated, wherever it is asked.
  (query) => [withFlags(query, 0x8380)],
  // A query, an update, an answer that is counted and not there.
  (query) => [withFlags(query, 0x0100)],
  (query) => [withFlags(query, 0xa980)],
  (query) => [withFlags(query, 0x8180, 3)],
  // Another ID.
  (query) => {
    const reply = withFlags(query, 0x8180);
    reply.writeUInt16BE((query.readUInt16BE(0) + 1) & 0xffff, 0);
    return [reply];
  },
  // The right ID, and noise.
  (query, random) => [
    Buffer.concat([
      query.subarray(0, 2),
      Buffer.from([0x81, 0x80]),
      Buffer.from(Array.from({ length: 40 }, () => 128 + Math.floor(random() * 64))),
    ]),
  ],
];

const framed = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);

function garbage(seed: number) {
  return (query: Buffer, transport: Transport): readonly Buffer[] => {
    const random = randomOf(hashOf(seed, query));
    const strategy = STRATEGIES[Math.floor(random() * STRATEGIES.length)];
    const messages = strategy?.(query, random) ?? [];
    return transport === 'udp' ? messages : messages.map(framed);
  };
}

const DEADLINE_MS = 1500;
/** The rules' own grace, and room for a busy machine. */
const GRACE_MS = 30_000;

fuzz(
  'the report is valid, in time, and no pass',
  6,
  fc.record({
    seed: fc.nat(),
    noise: fc.uint8Array({ maxLength: 200 }),
    ips: fc.constantFrom(['203.0.113.5'], ['2001:db8::5', '198.51.100.7'], []),
    selectors: fc.constantFrom(['s1'], []),
    vantage: fc.constantFrom('self' as const, 'outside' as const),
  }),
  async ({ seed, noise, ips, selectors, vantage }) => {
    dns.behave = garbage(seed);
    greeting = Buffer.concat([Buffer.from(noise), Buffer.from('\n')]);
    const started = performance.now();
    const broken: unknown[] = [];
    const report = await run(
      { ...parseArguments('example.com', ips), selectors },
      {
        settings: {
          smtpPort: 25,
          allowPrivate: true,
          vantage,
          probePauseMs: 0,
          connectTo: new Map([['*', { host: '127.0.0.1', port: smtp.port }]]),
        },
        dnsServers: [parseServer(`127.0.0.1:${dns.port}`)],
        timeoutMs: DEADLINE_MS,
        transcript: true,
        onFault: (_, error) => broken.push(error),
      },
    );
    expect(performance.now() - started).toBeLessThan(DEADLINE_MS + GRACE_MS);
    expect(broken).toEqual([]);
    expect(reportSchema.safeParse(report).error).toBeUndefined();
    expect(['inconclusive', 'fail']).toContain(report.verdict);
    const passed = report.rules.filter(({ status }) => status === 'pass').map(({ id }) => id);
    expect(passed).toEqual([]);
  },
);
