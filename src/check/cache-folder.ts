/** Finds the folder of mailcheck in the cache of the user. */
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** What the folder follows from. */
interface Place {
  readonly platform?: NodeJS.Platform;
  readonly env?: Readonly<Partial<Record<string, string>>>;
  readonly home?: () => string;
}

/**
 * @returns the folder below `XDG_CACHE_HOME` if that is absolute, and else where programs of the system keep such files:
 *   below `%LOCALAPPDATA%` on Windows, `~/Library/Caches` on macOS, `~/.cache` elsewhere. `null` if there is none.
 */
export function ownCacheFolder({
  platform = process.platform,
  env = process.env,
  home = homedir,
}: Place = {}): string | null {
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix;
  const { XDG_CACHE_HOME: given = '', LOCALAPPDATA: local = '' } = env;
  if (isAbsolute(given)) return join(given, 'mailcheck');
  if (platform === 'win32') return isAbsolute(local) ? join(local, 'mailcheck', 'Cache') : null;
  try {
    const folder = home();
    if (!isAbsolute(folder)) return null;
    return join(folder, ...(platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']), 'mailcheck');
  } catch {
    return null;
  }
}
