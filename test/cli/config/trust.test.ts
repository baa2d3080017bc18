/** Which configuration is used without being named: the user's own, and no file that a stranger may have written. */
import { execFileSync } from 'node:child_process';
import { chmod, chown, lchown, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isPrivateGroup, judgeFound } from '../../../src/cli/config/trust.ts';

const OTHER = 54_321;
const isRoot = process.getuid?.() === 0;

let folder: string;
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'mailcheck-trust-')));
  await mkdir(at('work/below'), { recursive: true });
  await writeFile(at('work/c.yaml'), 'helo: mail.example.com\n');
  for (const name of ['', 'work', 'work/below']) await chmod(at(name), 0o755);
  await chmod(at('work/c.yaml'), 0o644);
});
afterEach(() => rm(folder, { recursive: true }));

/** @returns why the file is not used from the working directory, or that it is. */
async function judged(file = 'work/c.yaml', folders = ['work', 'work/below'], user?: number): Promise<string> {
  const found = await judgeFound(at(file), folders.map(at), user ?? process.getuid?.());
  return 'why' in found ? found.why.replaceAll(folder, '') : found.kind;
}

const cases: [name: string, change: () => Promise<void>, says: string | RegExp][] = [
  ['a file of the user', async () => {}, 'trusted'],
  ['a file that everybody may write to', () => chmod(at('work/c.yaml'), 0o646), 'others may write to it'],
  ['a file that a group may write to', () => chmod(at('work/c.yaml'), 0o664), 'others may write to it'],
  ['its folder', () => chmod(at('work'), 0o777), 'others may write to the folder /work'],
  ['its folder, with the sticky bit', () => chmod(at('work'), 0o1777), 'others may write to the folder /work'],
  ['the working directory', () => chmod(at('work/below'), 0o775), 'others may write to the folder /work/below'],
  ['a folder above it all', () => chmod(folder, 0o1777), 'trusted'],
];
test.each(cases)('%s', async (_, change, says) => {
  // Of a group that is not the user's own.
  if (isRoot) for (const name of ['work', 'work/below', 'work/c.yaml']) await chown(at(name), 0, 0);
  await change();
  expect(await judged()).toMatch(says);
});

test('what is not a regular file is not used, and not opened', async () => {
  execFileSync('mkfifo', [at('work/pipe.yaml')]);
  expect(await judged('work/pipe.yaml')).toBe('it is not a regular file');
  expect(await judged('work/below')).toBe('it is not a regular file');
  expect(await judged('work/none.yaml')).toBe('missing');
});

test.each([
  ['of its owner alone', 'ann:x:1001:', 'ann:x:1001:1001::/:/bin/sh', true],
  ['that names its owner', 'ann:x:1001:ann', 'ann:x:1001:1001::/:/bin/sh', true],
  ['with a member', 'ann:x:1001:bob', 'ann:x:1001:1001::/:/bin/sh', false],
  ['that is the first of another', 'ann:x:1001:', 'ann:x:1001:1001::/:\nbob:x:1002:1001::/:', false],
  ['of an account that is not listed', 'ann:x:1001:', 'bob:x:1002:1002::/:', false],
  ['that is not listed', 'bob:x:1002:', 'ann:x:1001:1001::/:', false],
])('a group %s', (_, groups, accounts, isPrivate) => {
  expect(isPrivateGroup(1001, `root:x:0:\n${groups}\n`, `root:x:0:0::/:\n${accounts}\n`)).toBe(isPrivate);
});

describe('a symbolic link', () => {
  test('is used if it and the file it leads to are', async () => {
    await symlink(at('work/c.yaml'), at('work/below/link.yaml'));
    expect(await judged('work/below/link.yaml', ['work/below'])).toBe('trusted');
    await chmod(at('work'), 0o777);
    expect(await judged('work/below/link.yaml', ['work/below'])).toBe('others may write to the folder /work');
  });

  test('through a folder where others may put another link', async () => {
    await mkdir(at('shared'));
    await chmod(at('shared'), 0o1777);
    await symlink(at('work/c.yaml'), at('shared/link.yaml'));
    await symlink(at('shared/link.yaml'), at('work/below/link.yaml'));
    expect(await judged('work/below/link.yaml', ['work/below'])).toBe('others may write to the folder /shared');
  });

  test('is judged too where it is a folder on the way', async () => {
    await mkdir(at('shared'));
    await symlink(at('work'), at('shared/way'));
    await symlink('../../shared/way/../work/c.yaml', at('work/below/link.yaml'));
    expect(await judged('work/below/link.yaml', ['work/below'])).toBe('trusted');
    await chmod(at('shared'), 0o1777);
    expect(await judged('work/below/link.yaml', ['work/below'])).toBe('others may write to the folder /shared');
  });

  test('that leads nowhere or to itself is no file', async () => {
    await symlink(at('work/none'), at('work/dangling.yaml'));
    await symlink(at('work/loop.yaml'), at('work/loop.yaml'));
    expect(await judged('work/dangling.yaml')).toBe('missing');
    expect(await judged('work/loop.yaml')).toBe('missing');
  });
});

test.runIf(!isRoot)('files of one user are not used by another', async () => {
  expect(await judged('work/c.yaml', ['work'], OTHER)).toMatch(/^it belongs to another user \(number \d+\)$/);
});

describe.runIf(isRoot)('as root', () => {
  test.each([
    ['the file', 'work/c.yaml', 'it belongs to another user (number 54321)'],
    ['its folder', 'work', 'the folder /work belongs to another user (number 54321)'],
    ['the working directory', 'work/below', 'the folder /work/below belongs to another user (number 54321)'],
  ])('%s of a user is not trusted by root, and by that user', async (_, name, why) => {
    await chown(at(name), OTHER, OTHER);
    expect(await judged()).toBe(why);
    expect(await judged(undefined, undefined, OTHER)).toBe('trusted');
    expect(await judged(undefined, undefined, OTHER + 1)).toBe(why);
  });

  test('a link of a user that is a folder on the way', async () => {
    await mkdir(at('other'));
    await symlink(at('work'), at('other/way'));
    await lchown(at('other/way'), OTHER, OTHER);
    await symlink(at('other/way/c.yaml'), at('work/below/link.yaml'));
    expect(await judged('work/below/link.yaml')).toBe('/other/way belongs to another user (number 54321)');
  });

  test('a link of a user to a file of root', async () => {
    await symlink(at('work/c.yaml'), at('work/below/link.yaml'));
    await lchown(at('work/below/link.yaml'), OTHER, OTHER);
    expect(await judged('work/below/link.yaml')).toBe('it belongs to another user (number 54321)');
  });

  test('a group with the number of its owner counts as shared if nothing says that it has no members', async () => {
    await chown(at('work/c.yaml'), OTHER, OTHER);
    await chmod(at('work/c.yaml'), 0o664);
    expect(await judged(undefined, undefined, OTHER)).toBe('others may write to it');
  });
});
