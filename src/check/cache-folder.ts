/** Finds the folder of mailcheck in the cache of the user. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** @returns the folder by the XDG base directories: below `XDG_CACHE_HOME` if that is absolute, else below `~/.cache`. */
export function ownCacheFolder(): string | null {
  const given = process.env.XDG_CACHE_HOME ?? '';
  if (isAbsolute(given)) return join(given, 'mailcheck');
  try {
    const home = homedir();
    return isAbsolute(home) ? join(home, '.cache', 'mailcheck') : null;
  } catch {
    return null;
  }
}
