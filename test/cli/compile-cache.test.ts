/** Tests in which folders Node.js may keep compiled code, which it runs. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { keepCompiledCode } from '../../src/cli/compile-cache.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'mailcheck-compiled-')));
afterAll(() => rmSync(root, { recursive: true }));
const user = process.geteuid?.() ?? 0;

/** Returns the folders that Node.js was told to use. */
function keptIn(cacheFolder: string | null, asUser = user): string[] {
  const folders: string[] = [];
  keepCompiledCode(cacheFolder, (folder) => folders.push(folder), asUser);
  return folders;
}

/** A new folder with this mode, as the cache folder of a user. */
function home(mode: number): string {
  const folder = mkdtempSync(join(root, 'home-'));
  chmodSync(folder, mode);
  return folder;
}

describe('the folder for compiled code', () => {
  test('is created for the user alone', () => {
    const cache = join(home(0o755), '.cache', 'mailcheck');
    expect(keptIn(cache)).toEqual([join(cache, 'compiled')]);
    expect(statSync(join(cache, 'compiled')).mode & 0o777).toBe(0o700);
  });

  test('is used by its real path', () => {
    const cache = home(0o700);
    const link = join(home(0o700), 'link');
    symlinkSync(cache, link);
    expect(keptIn(link)).toEqual([join(cache, 'compiled')]);
  });

  test('is not used where others can read or write it', () => {
    for (const mode of [0o770, 0o755, 0o707]) {
      const cache = home(0o700);
      mkdirSync(join(cache, 'compiled'));
      chmodSync(join(cache, 'compiled'), mode);
      expect(keptIn(cache), mode.toString(8)).toEqual([]);
    }
  });

  test('is not created where others can replace a folder above it', () => {
    for (const mode of [0o777, 0o770]) {
      const cache = join(home(mode), 'mailcheck');
      expect(keptIn(cache), mode.toString(8)).toEqual([]);
      expect(existsSync(cache), mode.toString(8)).toBe(false);
    }
  });

  test('is used below a folder in which others can only add files of their own', () => {
    const cache = join(home(0o1777), 'mailcheck');
    expect(keptIn(cache)).toEqual([join(cache, 'compiled')]);
  });

  test.runIf(user === 0)('is not created by one user in the home of another', () => {
    const cache = home(0o755);
    chownSync(cache, 12_345, 12_345);
    expect(keptIn(cache, 0)).toEqual([]);
    expect(existsSync(join(cache, 'compiled'))).toBe(false);
  });

  test('is missing without a cache folder, and where it cannot be made', () => {
    expect(keptIn(null)).toEqual([]);
    expect(keptIn('/dev/null/mailcheck')).toEqual([]);
  });
});
