/**
 * Builds the CLI before the tests that run it as a process, unless dist/ is already what these sources build.
 * `MAILCHECK_BUILD=as-is` tests the dist/ that is there: runs at the same time would build over each other.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sampleNotice } from './sample.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** What a build reads. npm writes the installed packages and their hashes into the lock file in node_modules. */
const INPUTS = [
  'src',
  'build.mjs',
  'packed-data.mjs',
  'published-types.mjs',
  'third-party-notices.mjs',
  'third-party-notices.json',
  'package.json',
  'node_modules/.package-lock.json',
];
/** What a build writes. */
const OUTPUTS = ['dist', 'THIRD-PARTY-NOTICES.txt'];
/** Holds the digest of the inputs and outputs of the last build. */
const STAMP = 'node_modules/.cache/mailcheck/built';

export default function setup(): void {
  process.stdout.write(`${sampleNotice()}\n`);
  if (process.env.MAILCHECK_BUILD === 'as-is' || isBuilt(root)) return;
  execFileSync(process.execPath, ['build.mjs', '--no-types'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  keepStamp(root);
}

/** @returns whether neither what the build reads nor what it wrote has changed since `keepStamp`. */
export function isBuilt(folder: string): boolean {
  const stamp = join(folder, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOf(folder);
}

/** Notes that dist/ is what the sources build. */
export function keepStamp(folder: string): void {
  const stamp = join(folder, STAMP);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digestOf(folder));
}

/** @returns a digest of the names and contents of all inputs and outputs, and of the date, which the manual page bears. */
function digestOf(folder: string): string {
  const date = process.env.SOURCE_DATE_EPOCH ?? new Date().toISOString().slice(0, 10);
  const hash = createHash('sha256').update(date);
  for (const path of [...INPUTS, ...OUTPUTS].flatMap((name) => filesOf(folder, name))) {
    const content = readFileSync(join(folder, path));
    hash.update(`\n${path} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

/** @returns the paths of the files at a path: none, the path itself, or all below it. */
function filesOf(folder: string, path: string): string[] {
  const entry = statSync(join(folder, path), { throwIfNoEntry: false });
  if (entry === undefined) return [];
  if (!entry.isDirectory()) return [path];
  return readdirSync(join(folder, path))
    .sort()
    .flatMap((name) => filesOf(folder, join(path, name)));
}
