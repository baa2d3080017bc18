/** The folder of a run: what is judged survives every kind of end, and two processes do not share it. */
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openState } from '../../src/cli/fleet/state.ts';
import { openJournal } from '../../src/fleet/journal.ts';
import type { FleetTarget } from '../../src/fleet/target.ts';
import { parseDomain } from '../../src/network/domain.ts';
import { reportOf } from '../world/results.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-journal-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const report = reportOf([]);
const domain = parseDomain('example.com');
if (!domain) throw new Error('no domain');
const target = (id: string): FleetTarget => ({ id, place: `f:${id}`, domain, ips: [], selectors: [], tags: ['x'] });

async function idsIn(journal: Awaited<ReturnType<typeof openJournal>>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of journal.entries()) ids.push(id);
  return ids;
}

test('keeps what is judged, and judges again what is torn or damaged', async () => {
  const file = join(folder, 'journal');
  const first = await openJournal(file, () => {});
  expect(await idsIn(first)).toEqual([]);
  await Promise.all(['1', '2', '3'].map((id) => first.keep(target(id), report)));
  expect(first.has('2')).toBe(true);
  await first.close();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const whole = await readFile(file, 'utf8');
  await writeFile(file, whole.replace('"id":"2"', '"id":'));
  // What a loss of power may leave: a part of a line.
  await appendFile(file, whole.slice(0, 40));

  const damaged: number[] = [];
  const second = await openJournal(file, (line) => damaged.push(line));
  expect(await idsIn(second)).toEqual(['1', '3']);
  expect(damaged).toEqual([2]);
  await second.keep(target('2'), report);
  await second.keep(target('1'), report);
  await second.close();

  const third = await openJournal(file, () => {});
  expect(await idsIn(third)).toEqual(['1', '3', '2']);
  await third.close();
});

const now = new Date('2026-11-29T00:00:00Z');
const open = (place: string, runId?: string, settings = 'same') =>
  openState(join(folder, place), { runId, settings, now });

test('a run goes on until it is complete, and then a new one begins', async () => {
  const first = await open('state');
  await expect(open('state')).rejects.toThrow(/^another mailcheck \(process \d+\) uses/);
  for await (const _ of first.journal.entries());
  await first.journal.keep(target('1'), report);
  await first.close();
  await expect(open('state', undefined, 'other')).rejects.toThrow(/begun with other options/);

  const second = await open('state');
  expect(second.runId).toBe(first.runId);
  expect(await idsIn(second.journal)).toEqual(['1']);
  await second.finish('2026-11-29T00:01:00.000Z');
  await second.close();

  const same = await open('state', first.runId);
  expect(await idsIn(same.journal)).toEqual(['1']);
  await same.close();

  const third = await open('state');
  expect(third.runId).not.toBe(first.runId);
  expect(await idsIn(third.journal)).toEqual([]);
  await third.close();
  expect(await readFile(join(folder, 'state/last.ndjson'), 'utf8')).toContain('"id":"1"');
});

test('a lock of a process that is gone is taken over, and a folder of somebody else is refused', async () => {
  const first = await open('stale');
  await first.close();
  const lock = join(folder, 'stale/lock');
  const machine = JSON.parse(await lockOf('stale')).machine;
  await writeFile(lock, JSON.stringify({ pid: process.pid, start: 'before', machine }));
  await (await open('stale')).close();
  // Another machine may still hold it.
  await writeFile(lock, JSON.stringify({ pid: 1, start: '1', machine: 'elsewhere' }));
  await expect(open('stale')).rejects.toThrow(/uses/);
  await writeFile(join(folder, 'reports.ndjson'), 'mine');
  await expect(open('')).rejects.toThrow(/is not of a run of mailcheck/);
  expect(await readFile(join(folder, 'reports.ndjson'), 'utf8')).toBe('mine');
});

/** The text of the lock while a state is open. */
async function lockOf(place: string): Promise<string> {
  const state = await open(place);
  const text = await readFile(join(folder, place, 'lock'), 'utf8');
  await state.close();
  return text;
}
