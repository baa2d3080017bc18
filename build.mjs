/**
 * Builds dist/. It contains the command line and the library, the type declarations, the manual page, and the JSON
 * schemas of the report and the configuration. The bundles are split, so that heavy modules load only when they are
 * used. The licences of bundled packages go into THIRD-PARTY-NOTICES.txt, in dist/ and beside it. `--no-types` skips the
 * type declarations. `--sourcemap` adds maps from the minified code to the sources, and changes no other file.
 * `--readable` does not minify.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { packedData } from './packed-data.mjs';
import { thirdPartyNotices } from './third-party-notices.mjs';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const root = fileURLToPath(new URL('.', import.meta.url));
process.chdir(root);

/**
 * The first lines of each bundle. They name the file with the licences, and define `require`, because some dependencies
 * are CommonJS and require modules of Node.js.
 */
const requireLine =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);\n";
const requireBanner = {
  js: `// Copyright of the packages bundled in this file: see THIRD-PARTY-NOTICES.txt.\n${requireLine.trimEnd()}`,
};

/** Leaves the definition of `require` out of a bundle that does not use it. There are many, and each takes time. */
function withoutIdleRequire(text) {
  // The line stays, or the maps would not fit.
  const without = text.replace(requireLine, '\n');
  return /\brequire\b/.test(without) ? text : without;
}

/**
 * Takes `node:child_process` from commander. It starts subcommands that are programs of their own. mailcheck has none, and
 * Node.js takes several milliseconds to load the module.
 */
const withoutPrograms = {
  name: 'without-programs',
  setup({ onResolve, onLoad }) {
    const isOfCommander = /[/\\]node_modules[/\\]commander[/\\]/;
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      isOfCommander.test(importer) ? { path: 'child_process', namespace: 'without-programs' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'without-programs' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

/**
 * Takes the compiler of JSON schemas (Ajv) from the MCP SDK. It checks answers of the client, which mailcheck asks nothing,
 * and is as large as the rest of the SDK.
 */
const withoutSchemaCompiler = {
  name: 'without-schema-compiler',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@modelcontextprotocol\/server\/_shims$/ }, () => ({
      path: 'shims',
      namespace: 'without-schema-compiler',
    }));
    onLoad({ filter: /.*/, namespace: 'without-schema-compiler' }, () => ({
      contents: "export { default as process } from 'node:process'; export class DefaultJsonSchemaValidator {}",
    }));
  },
};

rmSync('dist', { recursive: true, force: true });
const { metafile, outputFiles } = await build({
  entryPoints: { cli: 'src/cli.ts', index: 'src/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  chunkNames: 'chunks/[name]-[hash]',
  define: { __MAILCHECK_VERSION__: JSON.stringify(version) },
  plugins: [packedData, withoutPrograms, withoutSchemaCompiler],
  banner: requireBanner,
  // Only the report may go to stdout, so no dependency may print there.
  drop: ['console'],
  legalComments: 'none',
  minify: !process.argv.includes('--readable'),
  // The maps are always made, because the names of the chunks depend on them, but written only for who asks.
  sourcemap: 'external',
  // Loaded only by a fleet with a queue. Who has one installs them.
  external: ['bullmq', 'ioredis'],
  metafile: true,
  write: false,
  logLevel: 'warning',
});
const withMaps = process.argv.includes('--sourcemap');
for (const { path, text } of outputFiles.filter((file) => withMaps || !file.path.endsWith('.map'))) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, withoutIdleRequire(text));
}
// esbuild puts the banner after the #! line of the entry, so the file can be executed. On Windows npm makes the command.
chmodSync('dist/cli.js', 0o755);
// In dist/ for who copies that folder alone, and beside it for who looks at the package.
const notices = thirdPartyNotices(metafile, root);
for (const file of ['dist/THIRD-PARTY-NOTICES.txt', 'THIRD-PARTY-NOTICES.txt']) writeFileSync(file, notices);

// The manual page is generated from the definitions of the commands. The modules that run them are not needed.
const pageWriter = 'dist/man/page.mjs';
await build({
  entryPoints: ['src/cli/man/page.ts'],
  outfile: pageWriter,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['./commands/*', './check/*'],
  plugins: [packedData, withoutPrograms],
  banner: requireBanner,
  logLevel: 'warning',
});
const { manualPage } = await import(new URL(pageWriter, import.meta.url));
// A reproducible build takes its date from this variable (reproducible-builds.org).
const { SOURCE_DATE_EPOCH } = process.env;
const built = SOURCE_DATE_EPOCH ? new Date(Number(SOURCE_DATE_EPOCH) * 1000) : new Date();
writeFileSync('dist/man/mailcheck.1', manualPage(version, built.toISOString().slice(0, 10)));
rmSync(pageWriter);

const schemas = await import(new URL('dist/index.js', import.meta.url));
const { z } = await import('zod');
for (const [file, schema, options] of [
  ['report', schemas.reportSchema, { target: 'draft-2020-12' }],
  ['reports', schemas.reportsSchema, { target: 'draft-2020-12' }],
  // Editors read this schema. It describes the file as a person writes it, before defaults and transformations.
  ['config', schemas.configSchema, { target: 'draft-7', io: 'input' }],
]) {
  const text = JSON.stringify(z.toJSONSchema(schema, options), null, 2);
  writeFileSync(`dist/${file}.schema.json`, `${text}\n`);
}

if (!process.argv.includes('--no-types')) {
  // Loaded only here, because it brings a second bundler.
  const { publishTypes } = await import('./published-types.mjs');
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
    stdio: 'inherit',
  });
  await publishTypes('dist/types/index.d.ts', 'dist/index.d.ts');
  rmSync('dist/types', { recursive: true });
}
