/** Tests that the built schemas are those of the source, and that the built library works. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { configSchema } from '../src/cli/config/schema.ts';
import { EXTENSIONS, isCode } from '../src/cli/config/source.ts';
import { reportSchema } from '../src/report/schema.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

test('build: report.schema.json is the schema of the report', () => {
  const published: unknown = JSON.parse(readFileSync(`${root}dist/report.schema.json`, 'utf8'));
  expect(published).toEqual(z.toJSONSchema(reportSchema, { target: 'draft-2020-12' }));
});

test('build: config.schema.json is the schema of the configuration, for editors', () => {
  const published: unknown = JSON.parse(readFileSync(`${root}dist/config.schema.json`, 'utf8'));
  expect(published).toEqual(z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' }));
  expect(published).toMatchObject({ additionalProperties: false, properties: { targets: { type: 'array' } } });
});

test('build: the catalog of SchemaStore can lead editors to the schema of the configuration', () => {
  const published = JSON.parse(readFileSync(`${root}dist/config.schema.json`, 'utf8'));
  const entry = JSON.parse(readFileSync(`${root}.github/schemastore.json`, 'utf8'));
  expect(Object.keys(entry)).toEqual(['name', 'description', 'fileMatch', 'url']);
  expect(entry.url).toBe(published.$id);
  // unpkg serves the files of a package under its name.
  const [, name, path = ''] = /^https:\/\/unpkg\.com\/([\w-]+)\/(.+)$/.exec(entry.url) ?? [];
  expect(name).toBe(JSON.parse(readFileSync(`${root}package.json`, 'utf8')).name);
  expect(readFileSync(root + path, 'utf8')).toContain(entry.url);
  const data = EXTENSIONS.map((extension) => `mailcheck.config${extension}`).filter((name) => !isCode(name));
  expect([...entry.fileMatch].sort()).toEqual(data.sort());
  // SchemaStore takes no schema that Ajv does not compile in strict mode.
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, formats: { date: true } });
  const validate = ajv.compile(published);
  expect(validate({ targets: [{ domain: 'example.com', ips: ['203.0.113.5'] }], failOn: 'warning' })).toBe(true);
  expect(validate({ target: [] })).toBe(false);
});

test('build: the library rejects an invalid domain, and returns a valid report', async () => {
  const library = (await import(`${root}dist/index.js`)) as typeof import('../src/index.ts');
  await expect(library.check('not a domain')).rejects.toThrow(library.UsageError);
  const report = await library.check('example.com', ['203.0.113.5'], {
    dns: ['127.0.0.1:1'],
    only: ['ptr'],
    timeoutMs: 2000,
  });
  expect(library.reportSchema.parse(report).rules.find(({ id }) => id === 'ptr')?.status).toBe('inconclusive');
  expect(library.exitCode(report)).toBe(3);
});

test('build: an aborted check of the library rejects with the reason', async () => {
  const library = (await import(`${root}dist/index.js`)) as typeof import('../src/index.ts');
  const controller = new AbortController();
  const running = library.check('example.com', ['203.0.113.5'], {
    dns: ['127.0.0.1:1'],
    only: ['ptr'],
    signal: controller.signal,
  });
  controller.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
});
