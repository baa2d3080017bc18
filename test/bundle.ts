/** Builds the bundle in a copy of the sources, in forms that tell which source has become which part. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CopyOfTree, copyOfTree } from './copy-of-tree.ts';
import { filesBelow } from './files-below.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The part of a built file that one source has become. */
export interface Part {
  /** The source, as a path from the root of the repository. */
  readonly file: string;
  readonly text: string;
}

/** Builds a copy of the sources. @returns its files in dist/, with their contents. */
export function builtFrom(copy: CopyOfTree, ...args: string[]): Map<string, string> {
  execFileSync(process.execPath, ['build.mjs', '--no-types', ...args], { cwd: copy.folder });
  const files = filesBelow(join(copy.folder, 'dist')).filter((name) => /\.\w+$/.test(name));
  return new Map(files.map((name) => [name, readFileSync(join(copy.folder, 'dist', name), 'utf8')]));
}

/** @returns the sources of a build with maps, as paths from the root of the repository. */
export function sourcesOf(copy: CopyOfTree, files: ReadonlyMap<string, string>): string[] {
  const maps = [...files].filter(([name]) => name.endsWith('.map'));
  return maps.flatMap(([name, text]) => {
    const place = join(copy.folder, 'dist', dirname(name));
    const { sources } = JSON.parse(text) as { readonly sources: readonly string[] };
    return sources.map((source) => pathOf(copy, join(place, source)));
  });
}

/** @returns the parts of the bundle before it is minified, by the comments that esbuild puts before each. */
export function bundleParts(): Part[] {
  const copy = copyOfTree();
  try {
    const files = [...builtFrom(copy, '--readable')].filter(([name]) => name.endsWith('.js'));
    return files.flatMap(([, code]) => {
      const [, ...parts] = code.split(/^\/\/ ((?:src|\.\.)\/\S+)$/m);
      return parts.flatMap((part, index) =>
        index % 2 === 0 ? [{ file: pathOf(copy, join(copy.folder, part)), text: parts[index + 1] ?? '' }] : [],
      );
    });
  } finally {
    copy.remove();
  }
}

/** @returns the path from the root of the repository, for a source of the copy or of a package. */
function pathOf(copy: CopyOfTree, path: string): string {
  const inCopy = relative(copy.folder, path);
  return inCopy.startsWith('..') ? relative(root, path) : inCopy;
}
