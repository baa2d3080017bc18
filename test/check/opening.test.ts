/** Tests a run whose first questions are asked before its rules are loaded. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beginRun } from '../../src/check/opening.ts';
import { run } from '../../src/check/run.ts';
import { parseArguments } from '../../src/check/target.ts';
import { parseDnsServers } from '../../src/cli/options/hosts.ts';
import { scenes } from '../world/scenes.ts';
import { startWorld, type World } from '../world/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld(scenes.healthy.world);
});
afterAll(() => world.close());

const target = { ...parseArguments('example.com', ['203.0.113.5']), selectors: ['s1'] };

function options() {
  return {
    settings: { smtpPort: 25, allowPrivate: true, dnsOnly: true },
    dnsServers: parseDnsServers([world.dns.server]),
    timeoutMs: 20_000,
    transcript: true,
    ruleIds: ['dns', 'spf'],
  };
}

test('a run goes on with the questions that are asked already, and asks none of them again', async () => {
  const begun = beginRun(target, options());
  expect(await begun.resolver).toMatchObject({ kind: 'usable' });
  const before = begun.dns.log.map(({ name, type }) => `${name} ${type}`);
  expect(before).toHaveLength(3);
  const { transcript, verdict, timing } = await run(target, { ...options(), begun });
  const asked = transcript?.dns.map(({ name, type }) => `${name} ${type}`) ?? [];
  for (const question of before) expect(asked.filter((other) => other === question)).toHaveLength(1);
  expect(asked.length).toBeGreaterThan(before.length);
  expect(Date.parse(timing.startedAt)).toBe(begun.startedAt);
  const { verdict: usual } = await run(target, options());
  expect(verdict).toBe(usual);
});

test('a run that is aborted before it goes on ends the questions', async () => {
  const begun = beginRun(target, options());
  const signal = AbortSignal.abort(new Error('stopped'));
  await expect(run(target, { ...options(), begun, signal })).rejects.toThrow('stopped');
  expect(begun.signal.aborted).toBe(true);
});
