/** Tests the writer of the history of the benchmarks. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { appendHistory, runOfBench } from '../../bench/history.ts';

const folder = mkdtempSync(join(tmpdir(), 'mailcheck-history-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = { commit: '0123456789ab', date: new Date('2026-11-24T23:10:00Z'), node: '20.20.2' };
const row = { what: 'start: mailcheck --help', own: '60 ms', other: '50 ms', against: 'node -e 0', ratio: 1.2043 };

describe('the writer of the history', () => {
  test('it appends a line for each row, and keeps the lines before', () => {
    const file = join(folder, 'two.ndjson');
    appendHistory(file, [{ ...row, atMost: 1.2 }, row], run, false);
    appendHistory(file, [row], { ...run, commit: 'ba9876543210' }, false);
    const written = readFileSync(file, 'utf8');
    expect(written.endsWith('}\n')).toBe(true);
    const { what, ...others } = row;
    const line = { commit: '0123456789ab', date: '2026-11-24', node: '20.20.2', row: what, ...others, ratio: 1.2 };
    expect(
      written
        .trimEnd()
        .split('\n')
        .map((text): unknown => JSON.parse(text)),
    ).toEqual([{ ...line, atMost: 1.2 }, line, { ...line, commit: 'ba9876543210' }]);
  });

  test('it writes nothing in CI', () => {
    const file = join(folder, 'ci.ndjson');
    writeFileSync(file, '');
    expect(() => appendHistory(file, [row], run, true)).toThrow('not in CI');
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  test('it names the commit, and says when files differ from it', () => {
    const checkout = mkdtempSync(join(folder, 'checkout-'));
    const git = (...words: string[]): string =>
      execFileSync('git', ['-C', checkout, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words], {
        encoding: 'utf8',
      });
    git('init', '--quiet');
    writeFileSync(join(checkout, 'file'), 'as committed\n');
    git('add', 'file');
    git('commit', '--quiet', '--message', 'One file');
    const commit = git('rev-parse', '--short=12', 'HEAD').trim();
    expect(runOfBench(checkout)).toMatchObject({ commit, node: process.versions.node });
    writeFileSync(join(checkout, 'file'), 'changed\n');
    expect(runOfBench(checkout).commit).toBe(`${commit}-dirty`);
  });
});
