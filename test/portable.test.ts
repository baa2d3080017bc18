/** What keeps the sources and the build working on Windows and macOS, and in a folder with any name. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { copyOfTree } from './copy-of-tree.ts';
import { filesBelow } from './files-below.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const isCode = (path: string): boolean => /\.(?:ts|mjs)$/.test(path);
const sources = [
  ...['bench', 'src', 'test', 'tools'].flatMap((folder) =>
    filesBelow(join(root, folder)).map((path) => `${folder}/${path}`),
  ),
  ...readdirSync(root),
]
  .filter(isCode)
  .map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''),
  }));

test('the sources are found', () => {
  expect(sources.length).toBeGreaterThan(500);
  expect(sources.map(({ path }) => path)).toEqual(expect.arrayContaining(['build.mjs', 'src/cli.ts', 'tools/png.ts']));
});

const NOT_PORTABLE: readonly (readonly [what: string, sign: RegExp, wrong: string, allowed: readonly string[]])[] = [
  // It is `/C:/…` on Windows, and has `%20` for a blank. fileURLToPath gives the path.
  [
    'the path of a file URL as text',
    /import\.meta\.url\)\s*\.pathname|\b(?:root|here|folder|directory)\)\s*\.pathname/,
    "new URL('.', import.meta.url).pathname",
    [],
  ],
  ['a module that is loaded by its path', /\bimport\((?:join|resolve)\(/, "await import(join(root, 'x.mjs'))", []],
  // Windows has `\` between the parts of these paths.
  [
    'the paths of a recursive readdir, but where their separators become `/`',
    /readdir(?:Sync)?\([^;]*recursive: true, encoding/,
    "readdirSync(folder, { recursive: true, encoding: 'utf8' })",
    ['test/files-below.ts', 'packed-data.mjs'],
  ],
  // The quotation marks of a shell differ between systems.
  ['a shell', /\bexecSync\(|\bshell: true/, "execSync('npm ci')", []],
];

test.each(NOT_PORTABLE)('no source uses %s', (_, sign, wrong, allowed) => {
  expect(wrong).toMatch(sign);
  const found = sources.filter(({ path, text }) => path !== 'test/portable.test.ts' && sign.test(text));
  expect(found.map(({ path }) => path)).toEqual(allowed);
});

test('a checkout has the same line ends on every system', () => {
  const ends = execFileSync('git', ['ls-files', '--eol'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  expect(ends.filter((line) => !/^i\/(?:lf|none|-text) +\S+ +attr\/(?:text=auto eol=lf|-text)/.test(line))).toEqual([]);
});

test('no file has a name that Windows cannot have', () => {
  const paths = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0');
  const isDevice = (name: string): boolean => /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name);
  const isWrong = (name: string): boolean => /[<>:"|?*\\]|[. ]$/.test(name) || isDevice(name);
  expect(paths.filter((path) => path.split('/').some(isWrong))).toEqual([]);
  const lower = paths.map((path) => path.toLowerCase());
  expect(lower.filter((path, index) => lower.indexOf(path) !== index)).toEqual([]);
});

const copy = copyOfTree('a b#c%20d');
afterAll(() => copy.remove());

test('the build works in a folder with blanks, # and % in its name', () => {
  copy.build({ isChecked: false });
  expect(execFileSync(process.execPath, [copy.cli, '--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
  const notices = readFileSync(join(copy.folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  expect(notices).toBe(readFileSync(join(root, 'THIRD-PARTY-NOTICES.txt'), 'utf8'));
});
