/**
 * Judges whether a configuration that was found may be used. The user has not named it, so it counts only if nobody but
 * the user and root can have put it there or can change it.
 *
 * For root only root's own files count, also under sudo. `SUDO_UID` stays in the environment of a shell that sudo
 * started, and the account behind it may be the one that was broken into. Naming the file costs one option.
 *
 * On Windows, Node.js knows neither the owner of a file nor who may write to it, so every file counts there. A
 * configuration that was found is limited in what it may do on every system (limits.ts).
 */
import type { Stats } from 'node:fs';
import { lstat, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, sep } from 'node:path';
import { isSystemError } from '../../network/fault.ts';
import { shownFile } from './source.ts';

/** The number of the user of this process, or `undefined` on a system without such numbers. */
export type User = number | undefined;

/** How a file that was found is judged. `why` says in words why it may not be used; an unusable one also not if it is named. */
export type Judgement =
  | { readonly kind: 'missing' }
  | { readonly kind: 'trusted' }
  | { readonly kind: 'unusable'; readonly why: string }
  | { readonly kind: 'distrusted'; readonly why: string };

/** The most symbolic links that are followed, as Linux does (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * Judges a file, the symbolic links that lead to it, and the folders around it.
 *
 * @param folders the folders from that of the file down to the working directory.
 * @param user the user whose files are trusted besides those of root.
 */
export async function judgeFound(
  file: string,
  folders: readonly string[],
  user: User = process.geteuid?.(),
): Promise<Judgement> {
  const path = await followed(file);
  const real = path.at(-1);
  if (real === undefined) return { kind: 'missing' };
  const found = await lstat(real);
  if (!found.isFile()) return { kind: 'unusable', why: 'it is not a regular file' };
  const why = user === undefined ? undefined : await distrustOf(file, path, folders, user);
  return why === undefined ? { kind: 'trusted' } : { kind: 'distrusted', why };
}

/** @returns whether a folder is the root of a repository. */
export async function isRepositoryRoot(folder: string): Promise<boolean> {
  return (await lstat(join(folder, '.git')).catch(absent)) !== undefined;
}

/**
 * Follows a path component by component, as the system does (path_resolution(7)): a folder on the way may be a link too.
 *
 * @returns the links in their order, and then the file. It is empty if there is no such file.
 */
async function followed(file: string): Promise<string[]> {
  const links: string[] = [];
  let done = parse(file).root;
  let rest = componentsOf(file);
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    const next = join(done, part);
    const found = await lstat(next).catch(absent);
    if (found === undefined) return [];
    if (!found.isSymbolicLink()) {
      done = next;
      continue;
    }
    if (links.push(next) >= MAX_LINKS) return [];
    const target = await readlink(next);
    rest = [...componentsOf(target), ...rest];
    if (isAbsolute(target)) done = parse(target).root;
  }
  return [...links, done];
}

/** Returns the components in their order. `..` stays, since it leads to the folder above where a link before it led. */
function componentsOf(path: string): string[] {
  const inRoot = path.slice(parse(path).root.length);
  return inRoot.split(sep === '/' ? '/' : /[\\/]/).filter((part) => part !== '' && part !== '.');
}

/** The errors for a file that is not there, or that this user cannot know of. */
const ABSENT = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES'];

function absent(error: unknown): undefined {
  if (isSystemError(error) && ABSENT.includes(error.code ?? '')) return undefined;
  throw error;
}

async function distrustOf(
  file: string,
  path: readonly string[],
  folders: readonly string[],
  user: number,
): Promise<string | undefined> {
  for (const step of path) {
    const found = await lstat(step);
    const what = step === file || path.length === 1 ? 'it' : shownFile(step);
    if (isOfOther(found, user)) return `${what} belongs to another user (number ${found.uid})`;
    // The mode of a link says nothing: whoever may write to its folder may replace it.
    if (!found.isSymbolicLink() && (await isWritableByOthers(found))) return `others may write to ${what}`;
  }
  const around = await Promise.all(path.map((step) => realpath(dirname(step))));
  for (const folder of new Set([...folders, ...around])) {
    const found = await stat(folder);
    if (isOfOther(found, user)) return `the folder ${folder} belongs to another user (number ${found.uid})`;
    if (await isWritableByOthers(found)) return `others may write to the folder ${folder}`;
  }
  return undefined;
}

function isOfOther({ uid }: Stats, user: number): boolean {
  return uid !== user && uid !== 0;
}

/** The numbers of users who log in. A group with the number of another user may have any members. */
const PEOPLE = { first: 1000, last: 60_000 } as const;

/**
 * @returns whether somebody besides the owner may write to a file or folder. The sticky bit does not matter, since it
 *   lets everybody make new files. The owner's private group does not count: some systems give every user such a group,
 *   and let it write to each new file (umask 002).
 */
async function isWritableByOthers({ mode, uid, gid }: Stats): Promise<boolean> {
  if ((mode & 0o002) !== 0) return true;
  if ((mode & 0o020) === 0) return false;
  const isPrivate = uid === gid && uid >= PEOPLE.first && uid <= PEOPLE.last && (await hasNoMembers(gid));
  return !isPrivate;
}

async function hasNoMembers(gid: number): Promise<boolean> {
  const [groups, accounts] = await Promise.all(
    ['/etc/group', '/etc/passwd'].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  return isPrivateGroup(gid, groups ?? '', accounts ?? '');
}

/**
 * @param groups the text of group(5), which names the members.
 * @param accounts the text of passwd(5), which names the first group of each account.
 * @returns whether the group is known, and nobody is in it but the user with its number.
 */
export function isPrivateGroup(gid: number, groups: string, accounts: string): boolean {
  const [known, users] = [groups, accounts].map((text) => text.split('\n').map((line) => line.split(':')));
  const entry = known?.find((fields) => fields[2] === String(gid));
  const first = users?.filter((fields) => fields[3] === String(gid)) ?? [];
  if (entry === undefined || first.length === 0 || first.some((fields) => fields[2] !== String(gid))) return false;
  return entry[3] === '' || entry[3] === entry[0];
}
