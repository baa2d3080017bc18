/** Lists the files of a folder in the same way on every system. */
import { readdirSync } from 'node:fs';
import { sep } from 'node:path';

/** @returns the paths of everything below a folder, relative to it, with `/` between their parts on Windows too. */
export function filesBelow(folder: string | URL): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll(sep, '/'));
}
