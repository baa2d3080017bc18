/** Adding a list is adding a row: nothing else in the source knows a list by its name. */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import data from '../../../src/knowledge/lists/data/lists.json' with { type: 'json' };
import { listSchema } from '../../../src/knowledge/lists/schema.ts';
import { type Report, reportSchema } from '../../../src/report/schema.ts';
import { defaultListZones, listZone, startWorld } from '../../world/world.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const row = {
  id: 'added',
  zone: 'bl.example.net',
  name: 'Added List',
  operator: 'Example',
  kind: 'ip' as const,
  families: [4 as const],
  impact: 'medium' as const,
  default: true,
  codes: [
    {
      match: '127.0.0.&2',
      name: 'ADDED',
      meaning: 'Seen by the added list',
      class: 'exploit' as const,
      scope: 'ip' as const,
    },
  ],
  refusal: ['127.0.0.&1'],
  canary: { listed: '127.0.0.2', notListed: '127.0.0.1', confirmed: true },
  access: { freeTier: 'Free', publicResolversRefused: null, registration: 'none' as const },
  lookupUrl: 'https://www.example.net/?q={ip}',
  delist: null,
  txt: true,
  ttlTypical: null,
  status: 'active' as const,
  sinceOrUntil: null,
  confidence: 'high' as const,
  sources: ['https://www.example.net/'],
};

// Below the repository's node_modules, so that the copy finds what it depends on.
const copy = mkdtempSync(join(root, 'node_modules', '.added-'));
const cli = join(copy, 'dist/cli.js');

beforeAll(() => {
  for (const name of [
    'src',
    'build.mjs',
    'packed-data.mjs',
    'third-party-notices.mjs',
    'third-party-notices.json',
    'package.json',
  ])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  const file = join(copy, 'src/knowledge/lists/data/lists.json');
  const lists = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...lists, lists: [...lists.lists, row] }));
  execFileSync(process.execPath, ['build.mjs', '--no-types'], { cwd: copy });
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('a row alone makes a list that is asked, judged and explained', async () => {
  expect(listSchema.safeParse(row).error?.issues ?? []).toEqual([]);
  const zone = {
    'example.com': { TXT: [] },
    ...defaultListZones(),
    ...listZone(row, { '5.113.0.203': { A: ['127.0.0.2'], TXT: ['seen'] } }),
  };
  const running = await startWorld({ dns: { zone } });
  const args = ['example.com', '203.0.113.5', '--helo', 'mail.example.com', '--only', 'rbl', '-f', 'json'];
  const stdout = await new Promise<string>((resolve) => {
    execFile(process.execPath, [cli, ...args, ...running.args], { cwd: tmpdir() }, (_, text) => resolve(text));
  });
  await running.close();
  const report: Report = reportSchema.parse(JSON.parse(stdout));
  expect(report.rules.find(({ id }) => id === 'rbl')?.findings).toMatchObject([
    {
      code: 'rbl/listed-minor',
      message: '203.0.113.5 is on Added List as ADDED.',
      remediation: { links: ['https://www.example.net/?q=203.0.113.5'] },
    },
  ]);
});

test('no source file knows a list but the data', () => {
  // The zone that words for people give as an example of one.
  const examples = new Set(['zen.spamhaus.org']);
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name, text: readFileSync(join(root, 'src', name), 'utf8') }));
  const known = data.lists.flatMap(({ zone }) =>
    examples.has(zone) ? [] : sources.filter(({ text }) => text.includes(zone)).map(({ name }) => `${name}: ${zone}`),
  );
  expect(known).toEqual([]);
});
