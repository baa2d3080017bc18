/** Tests that mailcheck accepts the configuration in docs/configuration.md. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailcheck } from '../../world/world.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-guide-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('configuration: the example of the guide is valid as it stands', async () => {
  const guide = await readFile(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  const example = /```yaml\n([\s\S]+?)```/.exec(guide)?.[1] ?? '';
  const file = join(folder, 'mailcheck.config.yaml');
  await writeFile(file, example);
  const { code, stdout, stderr } = await mailcheck(['--config', file, '--print-config']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const printed = JSON.parse(stdout);
  expect(printed.targets.map((target: { domain: string }) => target.domain)).toEqual(['example.com', 'example.net']);
  expect(printed.failOn).toMatchObject({ value: 'warning', source: 'file' });
  expect(printed.accept.value).toHaveLength(1);
});
