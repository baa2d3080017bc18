/**
 * Builds dist/: the CLI and the library, bundled with code splitting so that heavy modules load only when used; the
 * type declarations; and the JSON schemas of the report and the configuration. `--no-types` leaves the declarations out.
 * The licences of what is bundled go into THIRD-PARTY-NOTICES.txt beside dist/.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { packedData } from './packed-data.mjs';
import { thirdPartyNotices } from './third-party-notices.mjs';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const root = new URL('.', import.meta.url).pathname;
process.chdir(root);

/** Some dependencies are CommonJS and call require for Node's own modules. A file says where its licences are. */
const requireBanner = {
  js: "// Copyright of the packages bundled in this file: see THIRD-PARTY-NOTICES.txt.\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
};

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { cli: 'src/cli.ts', index: 'src/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  chunkNames: 'chunks/[name]-[hash]',
  define: { __MAILCHECK_VERSION__: JSON.stringify(version), __MAILCHECK_DATA__: packedData },
  banner: requireBanner,
  // stdout holds the report alone: no dependency may print there.
  drop: ['console'],
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
// esbuild keeps the #! line of the entry first, the banner after it.
chmodSync('dist/cli.js', 0o755);
writeFileSync('THIRD-PARTY-NOTICES.txt', thirdPartyNotices(metafile, root));

// The manual page is written by the program's own definitions; what its commands do is not needed for that.
const pageWriter = 'dist/man/page.mjs';
await build({
  entryPoints: ['src/cli/man/page.ts'],
  outfile: pageWriter,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['./commands/*', './check/*'],
  define: { __MAILCHECK_DATA__: packedData },
  banner: requireBanner,
  logLevel: 'warning',
});
const { manualPage } = await import(new URL(pageWriter, import.meta.url));
// reproducible-builds.org: a build of the same source may be told its date.
const { SOURCE_DATE_EPOCH } = process.env;
const built = SOURCE_DATE_EPOCH ? new Date(Number(SOURCE_DATE_EPOCH) * 1000) : new Date();
writeFileSync('dist/man/mailcheck.1', manualPage(version, built.toISOString().slice(0, 10)));
rmSync(pageWriter);

const schemas = await import(new URL('dist/index.js', import.meta.url));
const { z } = await import('zod');
for (const [file, schema, options] of [
  ['report', schemas.reportSchema, { target: 'draft-2020-12' }],
  ['reports', schemas.reportsSchema, { target: 'draft-2020-12' }],
  // What editors read, and as a person writes it.
  ['config', schemas.configSchema, { target: 'draft-7', io: 'input' }],
]) {
  const text = JSON.stringify(z.toJSONSchema(schema, options), null, 2);
  writeFileSync(`dist/${file}.schema.json`, `${text}\n`);
}

if (!process.argv.includes('--no-types')) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
    stdio: 'inherit',
  });
}
