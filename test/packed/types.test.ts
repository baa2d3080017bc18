/** Tests how the declarations of the library are rolled up. What they say is tested with the packed package. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { publishTypes } from '../../published-types.mjs';

let folder: string;
let target: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-types-'));
  target = join(folder, 'mailcheck.d.ts');
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes declarations, rolls up those that `index.d.ts` leads to, and returns the text. */
async function rolledUp(files: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await publishTypes(join(folder, 'index.d.ts'), target);
  return readFile(target, 'utf8');
}

test('type declarations: one file holds what the library leads to, and nothing else', async () => {
  const text = await rolledUp({
    'index.d.ts': "export type { Ends } from './used.ts';\n",
    'used.d.ts':
      "import type { Socket } from 'node:net';\nimport type { Way } from './way.ts';\nexport interface Ends { readonly way: Way; readonly socket: Socket }\n",
    'way.d.ts': '/** A way. */\nexport type Way = 1 | 2;\nexport type Unused = 3;\n',
  });
  expect(text).toContain('/** A way. */');
  expect(text).toContain('from "node:net"');
  expect(text).not.toMatch(/Unused|\.d\.ts|^\/\//m);
});

test('type declarations: an order to the compiler keeps the line below it', async () => {
  const text = await rolledUp({
    'index.d.ts': 'export interface Box<\n/** @ts-ignore Variance */\nout T> { of: T }\n',
  });
  expect(text).toMatch(/\/\*\* @ts-ignore Variance \*\/\nout T>/);
});

test.each([
  ['a package that an installation does not have', "export type { Chalk } from 'chalk';\n", /chalk/],
  ['a declaration that is not there', "export type { Way } from './way.ts';\n", /way/],
])('type declarations: the build stops for %s', async (_, text, message) => {
  await expect(rolledUp({ 'index.d.ts': text })).rejects.toThrow(message);
});
