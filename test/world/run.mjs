/** Builds the command line, and runs a TypeScript program of the test world: `node test/world/run.mjs demo`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { packedData } from '../../packed-data.mjs';

const [name = 'demo'] = process.argv.slice(2);
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
execFileSync(process.execPath, ['build.mjs', '--no-types'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
const outdir = `${root}node_modules/.cache/mailcheck/`;
mkdirSync(outdir, { recursive: true });
const outfile = `${outdir}${name}-${process.pid}.mjs`;
await build({
  entryPoints: [`${here}${name}.ts`],
  outfile,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  define: {
    __MAILCHECK_DATA__: packedData,
    'import.meta.url': JSON.stringify(pathToFileURL(`${here}${name}.ts`).href),
  },
  logLevel: 'warning',
});
await import(pathToFileURL(outfile).href);
