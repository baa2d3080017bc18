/** `npm run bench:relay`: builds the command line and the benchmark, and runs it; needs root and Debian. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));
execFileSync(process.execPath, ['build.mjs', '--no-types'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
const outdir = `${root}node_modules/.cache/mailcheck-bench/`;
mkdirSync(outdir, { recursive: true });
const outfile = `${outdir}relay-${process.pid}.mjs`;
await build({
  entryPoints: [`${root}bench/relay.ts`],
  outfile,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
process.env.MAILCHECK_CLI = `${root}dist/cli.js`;
try {
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile, { force: true });
}
