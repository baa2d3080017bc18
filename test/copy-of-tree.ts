/** A copy of the sources that can be changed and built, to see what an addition takes. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** What a build reads. */
const PARTS = [
  'src',
  'build.mjs',
  'packed-data.mjs',
  'published-types.mjs',
  'third-party-notices.mjs',
  'third-party-notices.json',
  'package.json',
  'tsconfig.json',
];

export interface CopyOfTree {
  /** Absolute. */
  readonly folder: string;
  /** The built program, once `build` has returned. */
  readonly cli: string;
  /** Puts text before the only place in a file that is `before`. Throws where there is no such place, or several. */
  insert(file: string, before: string, text: string): void;
  /** Writes a new file. Throws where there is one already. */
  write(file: string, text: string): void;
  /** Puts the text that `change` returns in the place of a file's own. */
  change(file: string, change: (text: string) => string): void;
  /** Checks the types, unless `isChecked` is false, and builds the copy. Throws with what the compiler says. */
  build(options?: { readonly isChecked?: boolean }): void;
  remove(): void;
}

/**
 * @param name the name of the copy's folder, if that matters.
 * @returns a copy below the repository's node_modules, so that it finds what it depends on.
 */
export function copyOfTree(name = 'copy'): CopyOfTree {
  const around = mkdtempSync(join(root, 'node_modules', '.added-'));
  const folder = join(around, name);
  for (const part of PARTS) cpSync(join(root, part), join(folder, part), { recursive: true });
  const node = (...args: string[]): void => {
    try {
      execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
      throw new Error(`${args.join(' ')}: ${error}\n${said}`);
    }
  };
  return {
    folder,
    cli: join(folder, 'dist/cli.js'),
    insert(file, before, text) {
      const path = join(folder, file);
      const parts = readFileSync(path, 'utf8').split(before);
      if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places ${JSON.stringify(before)}`);
      writeFileSync(path, parts.join(`${text}${before}`));
    },
    write(file, text) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text, { flag: 'wx' });
    },
    change(file, change) {
      const path = join(folder, file);
      writeFileSync(path, change(readFileSync(path, 'utf8')));
    },
    build({ isChecked = true } = {}) {
      if (isChecked) node(join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json');
      node('build.mjs', '--no-types');
    },
    remove: () => rmSync(around, { recursive: true, force: true }),
  };
}
