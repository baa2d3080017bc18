/** `npm run bench:lists`: builds the benchmark and runs it; needs root, rbldnsd, bind9 and adns-tools. */
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const outdir = fileURLToPath(new URL('../node_modules/.cache/mailcheck-bench/', import.meta.url));
mkdirSync(outdir, { recursive: true });
const options = { bundle: true, packages: 'external', format: 'esm', platform: 'node', target: 'node20' };
const built = ['lists', 'lists-driver'].map((name) => ({ name, outfile: `${outdir}${name}-${process.pid}.mjs` }));
for (const { name, outfile } of built) {
  await build({
    ...options,
    entryPoints: [fileURLToPath(new URL(`./${name}.ts`, import.meta.url))],
    outfile,
    logLevel: 'warning',
  });
}
const [main, driver] = built;
process.env.MAILCHECK_BENCH_DRIVER = driver.outfile;
try {
  await import(pathToFileURL(main.outfile).href);
} finally {
  for (const { outfile } of built) rmSync(outfile, { force: true });
}
