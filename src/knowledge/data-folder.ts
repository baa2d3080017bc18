/**
 * Folders of data in which every file is one row, so that adding a row touches one file. The build puts their content
 * in (see build.mjs); run from source, they are read from disk.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Folder → its rows, as JSON text: read only by the commands that use them, and faster than the same as a program. */
declare const __MAILCHECK_DATA__: string | undefined;

let packed: Readonly<Record<string, readonly unknown[]>> | undefined;

/**
 * @param folder relative to this one.
 * @param here `import.meta.url` of a module in a folder beside this file.
 * @returns the parsed JSON of each file, in the order of their names.
 */
export function rowsOf(folder: string, here: string): readonly unknown[] {
  if (typeof __MAILCHECK_DATA__ === 'string') {
    packed ??= JSON.parse(__MAILCHECK_DATA__) as Readonly<Record<string, readonly unknown[]>>;
    return packed[folder] ?? [];
  }
  const directory = new URL(`../${folder}/`, here);
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, directory), 'utf8')));
}

/** @returns the rows in the order that they give themselves: the lowest place first, rows of one place by id. */
export function byPlace<Row extends { readonly id: string; readonly place: number }>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1));
}
