/** `npm run soak -- [--checks 1000] [--seed 1]`: builds the library and the soak, and runs it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { packedData } from '../../packed-data.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
execFileSync(process.execPath, ['build.mjs', '--no-types'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
const outdir = `${root}node_modules/.cache/mailcheck/`;
mkdirSync(outdir, { recursive: true });
const outfile = `${outdir}soak-${process.pid}.mjs`;
await build({
  entryPoints: [`${root}test/soak/long.ts`],
  outfile,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  define: { 'import.meta.url': JSON.stringify(pathToFileURL(`${root}test/soak/long.ts`).href) },
  plugins: [packedData],
  logLevel: 'warning',
});
try {
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile, { force: true });
}
