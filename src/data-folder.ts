/**
 * Folders of data in which every file is one row, so that adding a row touches one file. The build puts their content
 * in (see build.mjs); run from source, they are read from disk.
 */
import { readdirSync, readFileSync } from 'node:fs';

declare const __MAILCHECK_DATA__: Readonly<Record<string, readonly unknown[]>> | undefined;

/**
 * @param folder relative to `src/`.
 * @param here `import.meta.url` of a module in `src/<something>/`.
 * @returns the parsed JSON of each file, in the order of their names.
 */
export function rowsOf(folder: string, here: string): readonly unknown[] {
  if (typeof __MAILCHECK_DATA__ === 'object') return __MAILCHECK_DATA__[folder] ?? [];
  const directory = new URL(`../${folder}/`, here);
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, directory), 'utf8')));
}
