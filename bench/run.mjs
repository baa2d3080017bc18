/**
 * `node bench/run.mjs <name>`: builds the command line, the benchmark and what it runs as processes of their own
 * (`*-driver.ts`), and runs it.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { packedData } from '../packed-data.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const [name] = process.argv.slice(2);
execFileSync(process.execPath, ['build.mjs', '--no-types'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
// Inside node_modules, so that packages are found from there.
const outdir = `${root}node_modules/.cache/mailcheck-bench-${process.pid}/`;
mkdirSync(outdir, { recursive: true });
const drivers = readdirSync(`${root}bench`).filter((file) => file.endsWith('-driver.ts'));
await build({
  entryPoints: [`${name}.ts`, ...drivers].map((file) => `${root}bench/${file}`),
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  define: { __MAILCHECK_DATA__: packedData },
  logLevel: 'warning',
});
process.env.MAILCHECK_ROOT = root;
process.env.MAILCHECK_WIRE = `${root}test/lab/wire.py`;
process.env.MAILCHECK_CLI = `${root}dist/cli.js`;
process.env.MAILCHECK_BENCH_DRIVERS = outdir;
try {
  await import(pathToFileURL(`${outdir}${name}.mjs`).href);
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
