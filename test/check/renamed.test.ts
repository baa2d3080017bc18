/**
 * No table outside a rule's own folder names the rule or its codes. Renamed in the folder and in its guide, they are
 * renamed everywhere: the copy still compiles, and its report differs in nothing but the names.
 */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rules } from '../../src/check/rules/index.ts';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { type CopyOfTree, copyOfTree } from '../copy-of-tree.ts';
import { isWhole } from '../sample.ts';
import { scenes } from '../world/scenes.ts';
import { startWorld } from '../world/world.ts';

const MARK = 'zz';
/** The ranking of a pool goes by the codes of listings, by their type: renaming one there does not compile. */
const TYPED = 'rbl';

/** Renames a rule and its codes where they are declared. */
function rename(copy: CopyOfTree, id: string): void {
  const folder = `src/check/rules/${id}`;
  for (const file of readdirSync(join(copy.folder, folder))) {
    copy.change(`${folder}/${file}`, (text) =>
      text.replaceAll(`'${id}/`, `'${id}${MARK}/`).replaceAll(`id: '${id}'`, `id: '${id}${MARK}'`),
    );
  }
  copy.change(`src/knowledge/guides/data/${id}.json`, (text) =>
    text.replaceAll(`"${id}/`, `"${id}${MARK}/`).replaceAll(`"rule": "${id}"`, `"rule": "${id}${MARK}"`),
  );
}

const renamed = copyOfTree();
const broken = copyOfTree();

// Compiling and building two copies takes long.
const wholeTest = test.runIf(isWhole);

beforeAll(() => {
  if (!isWhole) return;
  for (const { id } of rules) if (id !== TYPED) rename(renamed, id);
  renamed.build();
}, 240_000);
afterAll(() => {
  for (const copy of [renamed, broken]) copy.remove();
});

function check(cli: string, args: readonly string[]): Promise<Report> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [cli, ...args, '-f', 'json'], { cwd: tmpdir() }, (_error, stdout) => {
      const { data, error } = reportSchema.safeParse(JSON.parse(stdout || 'null'));
      if (data) resolve(data);
      else reject(error);
    });
  });
}

/** What differs from run to run, whatever the names are. */
function withoutChance({ timing: _timing, ...report }: Report): unknown {
  const text = JSON.stringify(report, (key, value) => (key === 'durationMs' || key === 'ms' ? 0 : value));
  const steady = text
    .replace(/\bmailcheck-[0-9a-f]{16}\b/g, 'mailcheck-random')
    // The id of a new MTA-STS record has the time in it.
    .replace(/\bid=\d{14}Z/g, 'id=now');
  return JSON.parse(steady.replaceAll(MARK, ''));
}

wholeTest.each(Object.entries(scenes))(
  'renamed rules give the same report of a %s host, but for the names',
  async (_, scene) => {
    const world = await startWorld(scene.world);
    try {
      const args = [...scene.args, ...world.args];
      const before = await check(fileURLToPath(new URL('../../dist/cli.js', import.meta.url)), args);
      const after = await check(renamed.cli, args);
      expect(after.rules.filter(({ id }) => !id.endsWith(MARK)).map(({ id }) => id)).toEqual([TYPED]);
      expect(withoutChance(after)).toEqual(withoutChance(before));
    } finally {
      await world.close();
    }
  },
);

wholeTest('a code that is known by its type does not compile under another name', () => {
  rename(broken, TYPED);
  expect(() => broken.build()).toThrow(/src\/pool\/rank\.ts.*TS2367/);
});
