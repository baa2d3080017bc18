/** The work of reading a configuration grows with its length alone: it is parsed once, whatever is asked of it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Domain } from '../../../src/network/domain.ts';

const parsed = vi.hoisted(() => ({ times: 0 }));
vi.mock('yaml', async (original) => {
  const yaml = await original<typeof import('yaml')>();
  const parseDocument: typeof yaml.parseDocument = (...given) => {
    parsed.times += 1;
    return yaml.parseDocument(...given);
  };
  return { ...yaml, parseDocument };
});

const { planCheck } = await import('../../../src/cli/check/plan.ts');
const { loadConfig } = await import('../../../src/cli/config/load.ts');
const { zoneReader } = await import('../../../src/cli/options/files.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-work-'));
});
afterAll(() => rm(folder, { recursive: true }));

const TARGETS = 300;
const targets = Array.from({ length: TARGETS }, (_, index) => ({
  domain: `d${index}.example.com`,
  ips: ['203.0.113.5'],
  helo: 'mail.example.com',
}));

test.each(['c.yaml', 'c.json'])('%s is parsed once for all targets and all their places', async (name) => {
  const file = join(folder, name);
  await writeFile(file, JSON.stringify({ targets }));
  parsed.times = 0;
  const config = await loadConfig(file);
  const options = { smtpPort: '25', timeout: '60', volume: 'low', whoamiName: 'none', dns: ['192.0.2.53'] } as const;
  const plan = await planCheck({ domain: undefined, ips: [] }, { options, typed: new Set() }, config);
  expect(plan.targets).toHaveLength(TARGETS);
  expect(plan.targets.at(-1)?.resolved.place('helo')).toMatch(/c\.(yaml|json):1:\d+: targets\[299\]\.helo$/);
  expect(parsed.times).toBe(1);
});

test('a zone file is parsed once for all targets, unless it means something else for each', async () => {
  const whole = join(folder, 'whole.zone');
  const relative = join(folder, 'relative.zone');
  await writeFile(whole, '; changes\n$TTL 300\n$ORIGIN example.com.\n@ TXT "v=spf1 -all"\n');
  await writeFile(relative, '@ TXT "v=spf1 -all"\n');
  const read = zoneReader();
  const zonesOf = (domain: string) => read([whole, relative], domain as Domain);
  const [first, second] = [await zonesOf('example.com'), await zonesOf('example.net')];
  expect(second[0]).toBe(first[0]);
  expect([first[1], second[1]].map((zone) => zone?.records[0]?.name)).toEqual(['example.com', 'example.net']);
});
