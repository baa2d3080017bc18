/** The folders whose files are one row each (src/knowledge/data-folder.ts), for the bundles: adding a row touches no code. */
import { readdirSync, readFileSync } from 'node:fs';

const FOLDERS = ['providers/data', 'receivers/data', 'guides/data'];
const knowledge = new URL('./src/knowledge/', import.meta.url);

function rowsOf(folder) {
  return readdirSync(new URL(folder, knowledge))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(`${folder}/${name}`, knowledge), 'utf8')));
}

/** The value of `__MAILCHECK_DATA__` for esbuild: a string literal with JSON in it. */
export const packedData = JSON.stringify(
  JSON.stringify(Object.fromEntries(FOLDERS.map((folder) => [folder, rowsOf(folder)]))),
);
