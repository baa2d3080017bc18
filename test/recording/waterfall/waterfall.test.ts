/** Tests the waterfall of a run: which exchange waits for which, and the longest chain. */
import { expect, test } from 'vitest';
import { waterfallOf } from '../../../src/recording/waterfall/waterfall.ts';
import type { Report } from '../../../src/report/status.ts';
import { pretty } from '../../../src/reporters/pretty.ts';
import { checkIn, recordIn } from '../../world/check.ts';
import { scenes } from '../../world/scenes.ts';
import { closed } from '../../world/smtp.ts';
import { mailcheck, startWorld, type WorldScript } from '../../world/world.ts';

const ROUND_TRIP_MS = 20;

const world: WorldScript = {
  dns: {
    apexes: ['example.com', '113.0.203.in-addr.arpa'],
    zone: {
      'example.com': { SOA: [], MX: ['10 mail.example.com'], TXT: ['v=spf1 include:a.example.com -all'] },
      'a.example.com': { TXT: ['v=spf1 include:b.example.com -all'] },
      'b.example.com': { TXT: ['v=spf1 ip4:203.0.113.5 -all'] },
      'mail.example.com': { A: ['203.0.113.5'], TXT: ['v=spf1 a -all'] },
      '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
    },
  },
  hosts: { '203.0.113.5': { name: 'mail.example.com', extensions: ['PIPELINING'], rcpt: closed('example.com') } },
};

/** @returns the waterfall of these rules, as if each exchange had taken one round trip. */
async function waterfall(rules: readonly string[], { helo = 'mail.example.com' }: { helo?: string } = {}) {
  const { recorded } = await recordIn({ ...world, rules, helo });
  // A connection has its real duration in the recording, so only the DNS exchanges take exactly one round trip here.
  const clockings = recorded.exchanges.map(() => ({ startMs: 0, endMs: ROUND_TRIP_MS }));
  const found = await waterfallOf(recorded, clockings);
  if (found === null) throw new Error('cut off');
  return found;
}

test('waterfall: the forward lookup waits for the PTR lookup', async () => {
  const { steps, chain } = await waterfall(['ptr']);
  const what = chain.steps.map((index) => steps[index]?.what);
  expect(what).toEqual(['DNS 5.113.0.203.in-addr.arpa PTR', expect.stringMatching(/^DNS mail\.example\.com A/)]);
  expect(chain).toMatchObject({ durationMs: 2 * ROUND_TRIP_MS, roundTrips: 2, pausesMs: 0 });
});

test('waterfall: each include waits for the record that names it, and parallel lookups are not on the chain', async () => {
  const { steps, chain } = await waterfall(['spf', 'ptr']);
  const what = chain.steps.map((index) => steps[index]?.what);
  expect(what.slice(0, 3)).toEqual(['DNS example.com TXT', 'DNS a.example.com TXT', 'DNS b.example.com TXT']);
  expect(steps.length).toBeGreaterThan(chain.steps.length);
});

test('waterfall: SMTP commands wait for each other, and a third connection to an address waits for a free place', async () => {
  const { steps, chain } = await waterfall(['open-relay', 'tls']);
  const connects = steps.filter(({ what }) => what.startsWith('connect '));
  expect(connects.length).toBeGreaterThan(2);
  const later = steps.find(({ what, after }) => what.startsWith('connect ') && after !== null);
  expect(steps[later?.after ?? -1]?.what).toMatch(/^(QUIT|EHLO|DNS|connect) /);
  expect(chain.roundTrips).toBeGreaterThan(5);
});

test('waterfall: every step waits for an earlier step, and the chain follows these links', async () => {
  const { steps, chain } = await waterfall(['ptr', 'spf', 'mx', 'open-relay']);
  for (const [index, { after }] of steps.entries()) expect(after ?? -1).toBeLessThan(index);
  for (const [place, index] of chain.steps.entries()) {
    expect(steps[index]?.after ?? null).toBe(place === 0 ? null : chain.steps[place - 1]);
  }
  const sum = chain.steps.reduce((total, index) => total + (steps[index]?.durationMs ?? 0), 0);
  expect(chain.durationMs).toBeCloseTo(sum, 0);
});

test('waterfall: pauses between connections are part of the chain', async () => {
  const { recorded } = await recordIn({ ...world, rules: ['open-relay'], settings: { probePauseMs: 30 } });
  const found = await waterfallOf(
    recorded,
    recorded.exchanges.map(() => ({ startMs: 0, endMs: 1 })),
  );
  const pauses = found?.steps.filter(({ what }) => what === 'pause') ?? [];
  expect(pauses.length).toBeGreaterThan(0);
  expect(found?.chain.pausesMs).toBe(pauses.length * 30);
});

test('waterfall: a run that the time limit cut off has no longest chain', async () => {
  const silent: WorldScript = { dns: { zone: {}, fault: 'timeout' } };
  const report = await checkIn({ ...silent, rules: ['ptr'], timeoutMs: 200 }, { timing: true });
  expect(report.timing).toMatchObject({ deadlineReached: true, waterfall: null });
});

test('waterfall: it is in the report only on request, and does not change the findings', async () => {
  const withIt = await checkIn({ ...world, rules: ['ptr', 'spf'], helo: 'mail.example.com' }, { timing: true });
  const without = await checkIn({ ...world, rules: ['ptr', 'spf'], helo: 'mail.example.com' });
  expect(without.timing.waterfall).toBeUndefined();
  expect(withIt.timing.waterfall?.ratio).toBeGreaterThan(0);
  const codes = ({ rules }: Report) => rules.map(({ id, status }) => `${id} ${status}`);
  expect(codes(withIt)).toEqual(codes(without));
});

test('waterfall: the pretty report shows it in at most 80 columns', async () => {
  const report = await checkIn({ ...world, rules: ['ptr', 'spf', 'open-relay'] }, { timing: true });
  const lines = pretty([report], { color: false, verbose: false }).split('\n');
  const section = lines.slice(lines.indexOf('What waited for what'));
  expect(section.join('\n')).toMatch(/Longest chain: \d+ ms in \d+ round trips/);
  expect(Math.max(...section.map((line) => [...line].length))).toBeLessThanOrEqual(80);
  expect(section.filter((line) => line.includes('*')).length).toBeGreaterThan(3);
});

test('waterfall: --timing prints it', async () => {
  const { args, world: script } = scenes.healthy;
  const running = await startWorld(script);
  const { code, stdout } = await mailcheck([...args, ...running.args, '--timing']);
  await running.close();
  expect(code).toBe(0);
  expect(stdout).toContain('What waited for what');
});
