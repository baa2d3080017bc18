/** Tests that the built schemas are those of the source, and that the built library works. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { configSchema } from '../src/cli/config/schema.ts';
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
