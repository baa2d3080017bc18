/** Tests that `npm run dev` runs the sources without a build, on every supported version of Node.js. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** Runs the script `dev` with these arguments, with the version of Node.js that runs this test. */
function dev(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const [program, ...flags] = scripts.dev?.split(' ') ?? [];
  expect(program).toBe('node');
  return spawnSync(process.execPath, [...flags, ...args], { cwd: root, encoding: 'utf8' });
}

test('npm run dev: --version says that mailcheck runs from source', () => {
  expect(dev('--version')).toMatchObject({ status: 0, stdout: '0.0.0-source\n', stderr: '' });
});

test('npm run dev: it reads the data files, and prints the same as the built command', () => {
  const args = ['providers', 'linode'];
  const built = spawnSync(process.execPath, [`${root}dist/cli.js`, ...args], { encoding: 'utf8' });
  expect(built.stdout).toContain('Linode');
  expect(dev(...args)).toMatchObject({ status: built.status, stdout: built.stdout, stderr: '' });
});

test('npm run dev: a check prints its report', () => {
  const { status, stdout, stderr } = dev(
    ...['example.com', '203.0.113.5', '--no-config', '--quiet', '--dns', '127.0.0.1:1', '--only', 'ptr'],
  );
  expect(stdout).toContain('could not be completed (ptr)');
  expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
});
