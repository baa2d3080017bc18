/** Tests how files get to their places on Windows: another program may have one open, and some names are not for files. */
import { expect, test } from 'vitest';
import { moved } from '../../src/cli/terminal/beside.ts';
import { refusalOfName } from '../../src/cli/terminal/special-file.ts';

/** Fails with these errors, one after the other, and then succeeds. Counts the attempts. */
function failing(...codes: readonly string[]) {
  const left = [...codes];
  const made = { attempts: 0 };
  const move = async (): Promise<void> => {
    made.attempts += 1;
    const code = left.shift();
    if (code !== undefined) throw Object.assign(new Error(code), { code, errno: -1, syscall: 'rename' });
  };
  return { move, made };
}

test('on Windows a file in use is moved a moment later', async () => {
  const { move, made } = failing('EPERM', 'EBUSY');
  await moved(move, 'win32');
  expect(made.attempts).toBe(3);
});

test('on Windows a file that stays in use is an error', async () => {
  const { move, made } = failing('EPERM', 'EPERM', 'EACCES', 'EBUSY', 'EPERM');
  await expect(moved(move, 'win32')).rejects.toThrow('EBUSY');
  expect(made.attempts).toBe(4);
});

test.each<[NodeJS.Platform, string]>([
  ['win32', 'ENOSPC'],
  ['linux', 'EPERM'],
])('on %s %s is an error at once', async (platform, code) => {
  const { move, made } = failing(code);
  await expect(moved(move, platform)).rejects.toThrow(code);
  expect(made.attempts).toBe(1);
});

test.each<[file: string, isRefused: boolean]>([
  ['NUL', true],
  ['C:\\reports\\con.json', true],
  ['reports/aux', true],
  ['report.json:2', true],
  ['C:report.json', false],
  ['C:\\con\\report.json', false],
  ['console.json', false],
])('on Windows the name %s', (file, isRefused) => {
  expect(refusalOfName(file, 'win32') !== undefined).toBe(isRefused);
  expect(refusalOfName(file, 'linux')).toBeUndefined();
});
