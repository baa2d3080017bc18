/**
 * Lets Node.js run the TypeScript of this repository without a build: `node --import ./tools/from-source.mjs src/cli.ts`.
 *
 * From 22.18 Node.js strips the types itself, and this module does nothing. For an older one it registers itself as a
 * loader, which lets esbuild strip them file by file. Either way a module stays the file that you edit: stack traces and
 * breakpoints show its lines, and data is read from where it lies.
 */
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

// Loaders run in a thread of their own, in which this module is loaded once more.
if (isMainThread && !process.features.typescript) register(import.meta.url);

/** The `load` hook of https://nodejs.org/api/module.html#customization-hooks. */
export async function load(url, context, nextLoad) {
  if (!/^file:.*\.ts$/.test(url)) return nextLoad(url, context);
  const { transform } = await import('esbuild');
  const file = fileURLToPath(url);
  const { code } = await transform(await readFile(file, 'utf8'), {
    loader: 'ts',
    format: 'esm',
    target: `node${process.versions.node}`,
    sourcefile: file,
    sourcemap: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
