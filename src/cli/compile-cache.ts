/**
 * Lets Node.js keep the compiled code of mailcheck in the cache folder of the user, so that the next run starts sooner.
 * Node.js runs what it finds there, so nobody else may be able to write to the folder or to replace it.
 */
import { lstatSync, mkdirSync, realpathSync, type Stats } from 'node:fs';
import nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { ownCacheFolder } from '../check/cache-folder.ts';

/** Makes Node.js keep compiled code in a folder. Node.js has it since 22.8. */
type Enable = (folder: string) => unknown;

/**
 * Makes Node.js keep compiled code, if it can and the folder is safe. Node.js itself honours
 * `NODE_DISABLE_COMPILE_CACHE`. A failure changes nothing but the time that the start takes.
 *
 * @param cacheFolder the folder of mailcheck in the cache of the user, or `null`.
 */
export function keepCompiledCode(
  cacheFolder: string | null = ownCacheFolder(),
  enable: Enable | undefined = (nodeModule as { readonly enableCompileCache?: Enable }).enableCompileCache,
  user: number | undefined = process.geteuid?.(),
): void {
  if (enable === undefined || cacheFolder === null || user === undefined) return;
  const folder = join(cacheFolder, 'compiled');
  try {
    // Looked at before anything is written: with sudo the home may be that of another user.
    if (!isOutOfReach(nearest(folder), user)) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const real = realpathSync(folder);
    if (isPrivate(lstatSync(real), user) && isOutOfReach(real, user)) enable(real);
  } catch {
    // Without the folder, each run compiles the code anew.
  }
}

/** @returns the real path of the folder, or of the nearest folder above that is there. */
function nearest(folder: string): string {
  try {
    return realpathSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return nearest(dirname(folder));
  }
}

/** Returns whether only the user can read and write this folder. */
function isPrivate(found: Stats, user: number): boolean {
  return found.isDirectory() && found.uid === user && (found.mode & 0o077) === 0;
}

/** Returns whether nobody but the user and root can replace this folder or one above it. */
function isOutOfReach(folder: string, user: number): boolean {
  const { uid, mode } = lstatSync(folder);
  const isSticky = (mode & 0o1000) !== 0;
  if ((uid !== user && uid !== 0) || ((mode & 0o022) !== 0 && !isSticky)) return false;
  const above = dirname(folder);
  return above === folder || isOutOfReach(above, user);
}
