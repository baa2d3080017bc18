/**
 * Runs a benchmark: `node bench/run.mjs <name>`. It first builds the command line, the benchmark, and the programs that
 * the benchmark starts (`*-driver.ts`).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { packedData } from '../packed-data.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const [name] = process.argv.slice(2);
execFileSync(process.execPath, ['build.mjs', '--no-types'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
// The output is inside node_modules, so that it can import the installed packages.
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
  plugins: [packedData],
  logLevel: 'warning',
});
process.env.MAILCHECK_ROOT = root;
process.env.MAILCHECK_WIRE = `${root}test/lab/wire.py`;
process.env.MAILCHECK_POLICY_SERVER = `${root}test/lab/policy-server.mjs`;
process.env.MAILCHECK_CLI = `${root}dist/cli.js`;
process.env.MAILCHECK_BENCH_DRIVERS = outdir;
try {
  await import(pathToFileURL(`${outdir}${name}.mjs`).href);
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
