/** What stands in dist/ is used again only where nothing has changed since it was built. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isBuilt, keepStamp } from './build.ts';

let folder: string;

function write(path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mailcheck-build-'));
  for (const path of ['src/cli.ts', 'src/check/run.ts', 'build.mjs', 'package.json', 'node_modules/.package-lock.json'])
    write(path, path);
  for (const path of ['dist/cli.js', 'dist/chunks/a.js', 'THIRD-PARTY-NOTICES.txt']) write(path, path);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('without a stamp nothing is known of dist', () => {
  expect(isBuilt(folder)).toBe(false);
});

test('after a build nothing needs to be built', () => {
  keepStamp(folder);
  expect(isBuilt(folder)).toBe(true);
});

test.each<[change: string, make: () => void]>([
  ['a source was edited', () => write('src/check/run.ts', 'other')],
  ['a source was added', () => write('src/check/new.ts', '')],
  ['a source was deleted', () => rmSync(join(folder, 'src/check/run.ts'))],
  ['the build itself was edited', () => write('build.mjs', 'other')],
  ['a dependency was installed', () => write('node_modules/.package-lock.json', 'other')],
  ['a built file was edited', () => write('dist/chunks/a.js', 'other')],
  ['a built file was deleted', () => rmSync(join(folder, 'dist/chunks/a.js'))],
  ['another build has left its files', () => write('dist/chunks/b.js', '')],
  ['dist was deleted', () => rmSync(join(folder, 'dist'), { recursive: true })],
])('%s: build again', (_, make) => {
  keepStamp(folder);
  make();
  expect(isBuilt(folder)).toBe(false);
});
