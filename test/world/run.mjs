/** Runs a TypeScript program of the test world: `node test/world/run.mjs demo`. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [name = 'demo'] = process.argv.slice(2);
const here = fileURLToPath(new URL('.', import.meta.url));
const outdir = fileURLToPath(new URL('../../node_modules/.cache/mailcheck/', import.meta.url));
mkdirSync(outdir, { recursive: true });
const outfile = `${outdir}${name}-${process.pid}.mjs`;
// Data folders (src/data-folder.ts) are found from the modules' own places, which the bundle does not have.
const src = fileURLToPath(new URL('../../src/', import.meta.url));
const rowsOf = (folder) =>
  readdirSync(`${src}${folder}`)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(`${src}${folder}/${file}`, 'utf8')));
const data = Object.fromEntries(
  ['providers/data', 'receivers/data', 'explain/guides'].map((folder) => [folder, rowsOf(folder)]),
);
await build({
  entryPoints: [`${here}${name}.ts`],
  outfile,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  define: {
    __MAILCHECK_DATA__: JSON.stringify(JSON.stringify(data)),
    'import.meta.url': JSON.stringify(pathToFileURL(`${here}${name}.ts`).href),
  },
  logLevel: 'warning',
});
await import(pathToFileURL(outfile).href);
