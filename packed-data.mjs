/**
 * Packs the data of src/knowledge into the bundles. Each JSON file there is one row (src/knowledge/data-folder.ts). A
 * new row, or a new folder of rows, needs no change of code.
 */
import { readdirSync, readFileSync } from 'node:fs';

const knowledge = new URL('./src/knowledge/', import.meta.url);

/** @returns a map from each folder to its parsed rows, in the order of the file names. */
export function dataFolders() {
  const folders = {};
  const files = readdirSync(knowledge, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  for (const file of files.sort()) {
    const folder = file.slice(0, file.lastIndexOf('/'));
    folders[folder] ??= [];
    folders[folder].push(JSON.parse(readFileSync(new URL(file, knowledge), 'utf8')));
  }
  return folders;
}

/** The value of `__MAILCHECK_DATA__` for esbuild: a string literal that contains JSON. */
export const packedData = JSON.stringify(JSON.stringify(dataFolders()));
