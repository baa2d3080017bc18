/** Tests that the README describes every check, and only options that exist. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rules } from '../src/check/rules/index.ts';
import { mailcheck } from './world/world.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('README: it has its sections, every check, and only options that exist', async () => {
  const sections = [
    'What it prints',
    'What it checks',
    'Exit codes',
    'In CI',
    'What leaves your machine',
    'As a library',
    'Tests',
  ];
  for (const section of sections) expect(readme).toContain(`\n## ${section}\n`);
  for (const { id } of rules) expect(readme).toContain(`\n| \`${id}\` |`);
  const { stdout: help } = await mailcheck(['--help']);
  const options = new Set(
    readme.replace(/<!-- report:[\s\S]*?<!-- \/report -->|\bnpm install .*/g, '').match(/(?<=[\s`(])--[a-z][a-z-]+/g),
  );
  expect([...options].filter((option) => !help.includes(`${option} `) && !help.includes(`${option}\n`))).toEqual([]);
});
