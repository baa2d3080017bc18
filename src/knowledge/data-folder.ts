/**
 * Reads the data folders. Each file of a folder is one row, so that a new row touches one file. The build packs the
 * rows into the program (see packed-data.mjs). A run from source reads them from disk.
 */
import { readdirSync, readFileSync } from 'node:fs';

/**
 * @param folder the path of the data folder, relative to the folder of this file.
 * @param packed the rows as JSON text, which the build adds to each call in this folder.
 * @returns the parsed JSON of each file, in the order of the file names. They are not validated.
 */
export function rowsOf(folder: string, packed?: string): readonly unknown[] {
  if (packed !== undefined) return JSON.parse(packed) as readonly unknown[];
  const directory = new URL(`${folder}/`, import.meta.url);
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, directory), 'utf8')));
}

/** @returns the rows sorted by their `place`, lowest first. Rows with the same place are sorted by id. */
export function byPlace<Row extends { readonly id: string; readonly place: number }>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1));
}
