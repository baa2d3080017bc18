/** Tests `.ci/commit-subjects`, which finds commits whose subject is too long for the lists that show it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../.ci/commit-subjects', import.meta.url));
const repository = mkdtempSync(join(tmpdir(), 'mailcheck-subjects-'));

const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
    cwd: repository,
    encoding: 'utf8',
    stdio: 'pipe',
  });

/** Makes a commit with this subject. */
function commit(subject: string): void {
  git(
    'commit',
    '--quiet',
    '--allow-empty',
    '--message',
    `${subject}\n\n${'A line of the body may be long. '.repeat(9)}`,
  );
}

/** Runs the script over this number of last commits. */
function lookAtLast(count: number): { status: number | null; stderr: string } {
  return spawnSync(script, [`HEAD~${count}..HEAD`], { cwd: repository, encoding: 'utf8' });
}

beforeAll(() => {
  git('init', '--quiet');
  commit('The first commit');
});
afterAll(() => rmSync(repository, { recursive: true }));

test('commit-subjects: a subject of 72 characters is accepted, counted in characters and not in octets', () => {
  commit('x'.repeat(72));
  commit('ü'.repeat(72));
  expect(lookAtLast(2)).toMatchObject({ status: 0, stderr: '' });
});

test('commit-subjects: a subject of 73 characters is refused, and the commit is named', () => {
  commit('y'.repeat(73));
  commit('A short one');
  const { status, stderr } = lookAtLast(2);
  expect(status).toBe(1);
  expect(stderr).toBe(
    `${git('rev-parse', '--short', 'HEAD~1').trim()}: the subject has 73 characters, more than 72: ${'y'.repeat(73)}\n`,
  );
});

test('commit-subjects: a merge commit is skipped, because git writes its subject', () => {
  git('checkout', '--quiet', '-b', 'side', 'HEAD~1');
  commit('On the side');
  git('checkout', '--quiet', '-');
  git('merge', '--quiet', '--no-ff', 'side', '--message', `Merge ${'z'.repeat(80)}`);
  expect(lookAtLast(1)).toMatchObject({ status: 0, stderr: '' });
});

test('commit-subjects: an invalid range fails', () => {
  expect(spawnSync(script, ['nowhere..HEAD'], { cwd: repository }).status).not.toBe(0);
});
