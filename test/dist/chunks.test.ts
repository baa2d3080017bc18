/**
 * What the built product loads only when it is used: each such file loads, and has what is taken from it. A package in
 * CommonJS has other exports in the bundle than in the sources, which no test of the sources sees.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { filesBelow } from '../files-below.ts';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const files = filesBelow(dist).filter((name) => /^(?:cli|index|chunks\/.*)\.js$/.test(name));

interface LazyImport {
  readonly from: string;
  /** The file that is loaded. */
  readonly file: string;
  /** What is taken from it. */
  readonly names: readonly string[];
}

/** `const { a, b: c } = await import("./x.js")`, `(await import("./x.js")).a`, `import("./x.js").then(({ a }) => …)`. */
const FORMS = [/\{([^{}]*)\}\s*=\s*await import\("([^"]+)"\)/g, /()\(await import\("([^"]+)"\)\)\.(\w+)/g] as const;

const lazy: LazyImport[] = files.flatMap((from) => {
  const text = readFileSync(join(dist, from), 'utf8');
  return FORMS.flatMap((form) => [...text.matchAll(form)]).map(([, list = '', specifier = '', member]) => ({
    from,
    file: specifier.startsWith('.') ? join(dist, dirname(from), specifier) : specifier,
    names: member
      ? [member]
      : list
          .split(',')
          .map((part) => part.split(':')[0]?.trim() ?? '')
          .filter((name) => name !== ''),
  }));
});

test('every import that comes late is understood here', () => {
  const every = files.flatMap((from) => readFileSync(join(dist, from), 'utf8').match(/\bimport\("[^"]+"\)/g) ?? []);
  // What is not bundled is loaded with an error of its own where it is missing.
  const all = every.filter((text) => !/"(?:bullmq|ioredis)"/.test(text));
  expect(lazy.length).toBeGreaterThan(15);
  expect(lazy).toHaveLength(all.length);
});

describe('what is loaded late has what is taken from it', () => {
  const cases = lazy.map(({ from, file, names }) => [`${file.replace(dist, '')} for ${from}`, file, names] as const);
  test.each(cases)('%s', async (_, file, names) => {
    const module: Record<string, unknown> = await import(file.startsWith('/') ? pathToFileURL(file).href : file);
    expect(names).not.toEqual([]);
    for (const name of names) expect(module[name], name).toBeDefined();
  });
});

test('the library loads by require too', () => {
  const script = `console.log(typeof require(${JSON.stringify(join(dist, 'index.js'))}).check)`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['function\n', '']);
});

test('every chunk loads by itself', async () => {
  for (const name of files.filter((file) => file.startsWith('chunks/'))) {
    await expect(import(pathToFileURL(join(dist, name)).href), name).resolves.toBeTypeOf('object');
  }
});

/** A file and all that it loads at once. */
function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, specifier = ''] of text.matchAll(/\b(?:import|export)\s*(?:[\w*{}$\s,]*?\bfrom\s*)?"(\.[^"]+)"/g)) {
    loadedWith(join(dirname(file), specifier), seen);
  }
  return seen;
}

/** @returns the files that have the text. */
function filesWith(text: string): string[] {
  return files.filter((name) => readFileSync(join(dist, name), 'utf8').includes(text));
}

test('a check and the list of records begin without the schemas, which take long to load', () => {
  const begin = files.filter((name) => /^chunks\/(?:check|run|records)-[A-Z0-9]+\.js$/.test(name));
  expect(begin).toHaveLength(3);
  const withSchemas = filesWith('ZodError');
  expect(withSchemas).not.toEqual([]);
  for (const name of begin) {
    const loaded = [...loadedWith(join(dist, name))].map((file) => file.replace(dist, ''));
    expect(loaded.length).toBeGreaterThan(20);
    expect(loaded.filter((file) => withSchemas.includes(file))).toEqual([]);
  }
});

test('no message of Zod in another language is bundled: an import of the object `z` would bring them all', () => {
  // What it says in German, and in English.
  expect(filesWith('Ungültige Eingabe')).toEqual([]);
  expect(filesWith('Ung\\xFCltige Eingabe')).toEqual([]);
  expect(filesWith('Invalid input: expected')).not.toEqual([]);
});

test('a check asks its first questions before its rules, its reporters and the data of providers are loaded', () => {
  const [check = ''] = files.filter((name) => /^chunks\/check-[A-Z0-9]+\.js$/.test(name));
  const loaded = [...loadedWith(join(dist, check))].map((file) => file.replace(dist, ''));
  // Texts of what is looked for: the first questions, the rules, the reporters and the data of providers.
  expect(loaded.filter((file) => filesWith('ipv4only.arpa').includes(file))).toHaveLength(1);
  const late = ['The name in the PTR record has no address', 'testsuites', 'linode-cli networking'];
  for (const text of late) {
    expect(filesWith(text), text).not.toEqual([]);
    expect(
      loaded.filter((file) => filesWith(text).includes(file)),
      text,
    ).toEqual([]);
  }
});

test('the SDK of MCP loads with its command alone, without a compiler of JSON schemas', () => {
  const withSdk = filesWith('notifications/cancelled');
  const [command = ''] = files.filter((name) => /^chunks\/mcp-[A-Z0-9]+\.js$/.test(name));
  expect(withSdk).not.toEqual([]);
  const others = files.filter((name) => name !== command && !withSdk.includes(name));
  const loading = others.filter((name) =>
    [...loadedWith(join(dist, name))].some((file) => withSdk.includes(file.replace(dist, ''))),
  );
  expect(loading).toEqual([]);
  // What Ajv says of a schema.
  expect(filesWith("can't resolve reference")).toEqual([]);
});
