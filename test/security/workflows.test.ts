/** The workflows: nothing runs that can be changed under the same name, with no more rights than it needs. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly permissions?: unknown; readonly steps: readonly Step[]; readonly 'timeout-minutes'?: number }
    >
  >;
}

const root = new URL('../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const workflowOf = (file: string): Workflow => parse(textOf(file)) as Workflow;
const files = readdirSync(new URL('.github', root), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.ya?ml$/.test(name))
  .map((name) => `.github/${name}`);
const workflows = files.filter((file) => file.startsWith('.github/workflows/'));

test('the workflows were found', () => {
  expect(workflows).toEqual(expect.arrayContaining(['.github/workflows/ci.yml', '.github/workflows/publish.yml']));
});

test.each(files)('%s: every action is pinned by its commit, with the version beside it', (file) => {
  const uses = textOf(file)
    .split('\n')
    .filter((line) => /^\s*(?:- )?uses:/.test(line))
    .map((line) => line.replace(/^\s*(?:- )?uses:\s*/, ''));
  expect(uses.filter((use) => !/^\.\/|^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use))).toEqual([]);
});

test.each(workflows)('%s: reads alone where nothing else is said, and ends', (file) => {
  const { permissions, jobs } = workflowOf(file);
  expect(permissions).toEqual({ contents: 'read' });
  for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(30);
});

test.each(files)('%s: no text from outside is pasted into a command', (file) => {
  const scripts = textOf(file)
    .split('\n')
    .filter((line) => /^\s*(?:- )?run:.*\$\{\{/.test(line));
  expect(scripts).toEqual([]);
  expect(textOf(file)).not.toContain('pull_request_target');
});

describe('publishing', () => {
  const { on, jobs } = workflowOf('.github/workflows/publish.yml');
  const steps = jobs.publish?.steps ?? [];
  const commands = steps.map(({ run }) => run ?? '');

  test('happens for a tag, and for nothing else', () => {
    expect(on).toEqual({ push: { tags: [expect.stringMatching(/^v/)] } });
  });

  test('has the right to prove where the package comes from, and no other', () => {
    expect(Object.keys(jobs)).toEqual(['publish']);
    expect(jobs.publish?.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
  });

  test('takes nothing from a cache, and runs no script of a dependency', () => {
    expect(JSON.stringify(steps)).not.toMatch(/"cache/);
    expect(commands.filter((run) => /npm (?:ci|i|install)\b/.test(run))).toEqual(['npm ci --ignore-scripts']);
  });

  test('checks the tag and the origin, tests and builds before it publishes with provenance', () => {
    const at = (part: string): number => commands.findIndex((run) => run.includes(part));
    const order = [
      'package.json").version',
      'GITHUB_REPOSITORY',
      'npm ci',
      'npm audit',
      'npm run test',
      // Last: the tests build without the type declarations.
      'npm run build',
      'npm publish',
    ];
    const places = order.map(at);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(commands.at(-1)).toBe('npm publish --provenance --access public --ignore-scripts');
  });

  test('gives the token to the last step alone', () => {
    const holders = steps.filter((step) => JSON.stringify(step).includes('secrets.'));
    expect(holders).toEqual([steps.at(-1)]);
  });
});
