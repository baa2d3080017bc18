/**
 * Lets Node.js run the TypeScript of this repository without a build:
 *
 *     node --import ./tools/from-source.mjs src/cli.ts
 *
 * Node.js 22.18 and later strips the types itself, and this module does nothing. In an older Node.js it registers
 * itself as a loader, which strips the types of each file with esbuild. In both cases each module is the file that you
 * edit. Stack traces and breakpoints show its lines, and data files are read from their own folder.
 */
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

// Node.js runs loaders in a separate thread, which loads this module again. Only the main thread may register it.
if (isMainThread && !process.features.typescript) register(import.meta.url);

/** Loads a module: the `load` hook of https://nodejs.org/api/module.html#customization-hooks. */
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
