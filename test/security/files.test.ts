/** What is written: whole or not at all, never through a link, and readable by whom it concerns. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFileAtomically } from '../../src/cli/terminal/output.ts';
import { UsageError } from '../../src/usage-error.ts';
import { mailcheck } from '../world/world.ts';

let directory = '';
let umask = 0;
const at = (name: string): string => join(directory, name);
const modeOf = (name: string): string => (statSync(at(name)).mode & 0o7777).toString(8);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mailcheck-files-'));
  umask = process.umask(0o022);
});
afterEach(() => {
  process.umask(umask);
  rmSync(directory, { recursive: true, force: true });
});

describe('a report', () => {
  test('is readable by all, as far as the umask lets it', async () => {
    await writeFileAtomically(at('report'), 'text');
    expect(modeOf('report')).toBe('644');
    process.umask(0o077);
    await writeFileAtomically(at('private'), 'text');
    expect(modeOf('private')).toBe('600');
    expect(readdirSync(directory).sort()).toEqual(['private', 'report']);
  });

  test('replaces a link, and leaves alone what the link leads to', async () => {
    writeFileSync(at('precious'), 'precious');
    symlinkSync(at('precious'), at('report'));
    symlinkSync(at('nothing'), at('dangling'));
    await writeFileAtomically(at('report'), 'text');
    await writeFileAtomically(at('dangling'), 'text');
    expect(readFileSync(at('precious'), 'utf8')).toBe('precious');
    for (const name of ['report', 'dangling']) {
      expect(lstatSync(at(name)).isSymbolicLink()).toBe(false);
      expect(readFileSync(at(name), 'utf8')).toBe('text');
    }
    expect(readdirSync(directory)).not.toContain('nothing');
  });

  test('can be written in a directory that everybody writes to', async () => {
    chmodSync(directory, 0o1777);
    await writeFileAtomically(at('report'), 'text');
    expect(readdirSync(directory)).toEqual(['report']);
  });

  test('goes to a pipe as it is, and nothing is put beside it', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const reading = new Promise<string>((resolve) => {
      import('node:fs/promises').then(({ readFile }) => readFile(at('pipe'), 'utf8')).then(resolve);
    });
    await writeFileAtomically(at('pipe'), 'text');
    expect(await reading).toBe('text');
    expect(readdirSync(directory)).toEqual(['pipe']);
  });

  test('that cannot be put in its place leaves nothing behind', async () => {
    await expect(writeFileAtomically(at('no/such/folder'), 'text')).rejects.toThrow(UsageError);
    await expect(writeFileAtomically(directory, 'text')).rejects.toThrow(UsageError);
    expect(readdirSync(directory)).toEqual([]);
  });
});

test('a recording is readable by its owner alone, and has no key of a block list in it', async () => {
  const key = 'SpamhausKeyabcdef0123456789';
  const { code } = await mailcheck(
    [
      'example.com',
      '203.0.113.5',
      '--dns',
      '127.0.0.1:1',
      '--only',
      'rbl',
      '--timeout',
      '2',
      '--record',
      at('run.json'),
    ],
    { env: { SPAMHAUS_DQS_KEY: key } },
  );
  expect(code).toBe(3);
  expect(modeOf('run.json')).toBe('600');
  expect(readFileSync(at('run.json'), 'utf8').toLowerCase()).not.toContain(key.toLowerCase());
});
