/**
 * The folders whose files are one row each (src/knowledge/data-folder.ts), for the bundles: adding a row, or a folder of
 * rows, touches no code.
 */
import { readdirSync, readFileSync } from 'node:fs';

const knowledge = new URL('./src/knowledge/', import.meta.url);

/** Folder → its rows, in the order of the files' names. */
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

/** The value of `__MAILCHECK_DATA__` for esbuild: a string literal with JSON in it. */
export const packedData = JSON.stringify(JSON.stringify(dataFolders()));
