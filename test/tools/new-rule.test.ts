/** Tests that `npm run new rule <id>` writes a rule that compiles, is formatted, and passes its own test. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isWhole } from '../sample.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const copy = mkdtempSync(join(tmpdir(), 'mailcheck-new-rule-'));
const RULE = 'example-record';

const isTypeScript = (path: string): boolean => path.endsWith('.ts');

/** Runs the script `new` in the copy. */
function scaffold(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const flags = scripts.new?.split(' ').slice(1) ?? [];
  return spawnSync(process.execPath, [...flags, ...args], { cwd: copy, encoding: 'utf8' });
}

/** Runs a program of node_modules in the copy. If it fails, the test fails with its output. */
function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(copy, 'node_modules', program), ...args], {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  expect(status, `${program} ${args.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

beforeAll(() => {
  const notCopied = ['.git', 'node_modules', 'dist', 'coverage'];
  for (const name of readdirSync(root).filter((entry) => !notCopied.includes(entry)))
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  // Biome reads .gitignore only in a repository.
  execFileSync('git', ['init', '--quiet'], { cwd: copy });
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('npm run new: an invalid or existing rule id is refused, and no file is written', () => {
  const before = readdirSync(join(copy, 'src/check/rules'));
  const refused = [[], ['rule'], ['fact', 'x'], ['rule', 'Has Spaces'], ['rule', '../up'], ['rule', 'ptr']];
  for (const args of refused) {
    const { status, stdout, stderr } = scaffold(...args);
    expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
  }
  expect(readdirSync(join(copy, 'src/check/rules'))).toEqual(before);
});

test.runIf(isWhole)(
  'npm run new: the new rule compiles, is formatted and passes its test',
  () => {
    const { status, stdout, stderr } = scaffold('rule', RULE);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const written = [...stdout.matchAll(/^ {2}((?:src|test)\/\S+)$/gm)].map(([, path = '']) => path);
    expect(written.sort()).toEqual([
      `src/check/rules/${RULE}/findings.ts`,
      `src/check/rules/${RULE}/rule.ts`,
      'src/check/rules/index.ts',
      `src/knowledge/guides/data/${RULE}.json`,
      `test/check/rules/${RULE}.test.ts`,
    ]);
    expect(stdout).toContain('npm run generate');
    // Every file that the output tells the author to read or change exists.
    const named = [...stdout.matchAll(/\b(?:src|test)\/[\w./-]+\w/g)].map(([path]) => path);
    expect(named.filter((path) => !existsSync(join(copy, path)))).toEqual([]);

    run('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', ...written);
    // The other tests do not know of the rule, and take longer to compile than all sources.
    const project = join(copy, 'tsconfig.new-rule.json');
    const include = [...written.filter(isTypeScript), 'src/**/*.d.ts'];
    writeFileSync(project, JSON.stringify({ extends: './tsconfig.json', include }));
    run('typescript/bin/tsc', '--noEmit', '-p', project);
    const tests = run(
      'vitest/vitest.mjs',
      'run',
      `test/check/rules/${RULE}.test.ts`,
      'test/cli/explain/explain.test.ts',
    );
    expect(tests).toMatch(/Test Files +2 passed/);
    expect(scaffold('rule', RULE)).toMatchObject({ status: 2, stderr: expect.stringContaining('exists already') });
  },
  180_000,
);
