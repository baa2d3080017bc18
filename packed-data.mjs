/**
 * Packs the data of src/knowledge into the bundles. Each JSON file there is one row (src/knowledge/data-folder.ts). A
 * new row, or a new folder of rows, needs no change of code.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { sep } from 'node:path';

const knowledge = new URL('./src/knowledge/', import.meta.url);

/** @returns a map from each folder to its parsed rows, in the order of the file names. */
export function dataFolders() {
  const folders = {};
  const names = readdirSync(knowledge, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  for (const file of names.map((name) => name.replaceAll(sep, '/')).sort()) {
    const folder = file.slice(0, file.lastIndexOf('/'));
    folders[folder] ??= [];
    folders[folder].push(JSON.parse(readFileSync(new URL(file, knowledge), 'utf8')));
  }
  return folders;
}

const READS = /\browsOf\('([^']+)'\)/g;

/**
 * Gives each `rowsOf('folder')` in src/knowledge the rows of that folder. Each folder is a module of its own, so that a
 * command loads only the data that it uses.
 */
export const packedData = {
  name: 'packed-data',
  setup(build) {
    const folders = dataFolders();
    build.onLoad({ filter: /[/\\]src[/\\]knowledge[/\\][^/\\]+[/\\][^/\\]+\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const read = [...new Set([...source.matchAll(READS)].map(([, folder]) => folder))];
      if (read.length === 0) return undefined;
      const imports = read.map((folder, index) => `import packed${index} from 'packed-data:${folder}';`).join(' ');
      const packed = source.replace(READS, (_, folder) => `rowsOf('${folder}', packed${read.indexOf(folder)})`);
      return { contents: `${imports} ${packed}`, loader: 'ts' };
    });
    build.onResolve({ filter: /^packed-data:/ }, ({ path }) => ({ path: path.slice(12), namespace: 'packed-data' }));
    build.onLoad({ filter: /.*/, namespace: 'packed-data' }, ({ path }) => {
      if (folders[path] === undefined)
        return { errors: [{ text: `there is no folder of rows src/knowledge/${path}` }] };
      // A text that contains JSON parses faster than the same data as program code.
      return { contents: JSON.stringify(folders[path]), loader: 'text' };
    });
  },
};
