/** Tests the tarball that `npm pack` makes from a checkout without a build. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mailcheck-packed-'));
const inPackage = (path: string): string => join(folder, 'package', path);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly man: readonly string[];
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}
let manifest: Manifest;
let files: string[];

beforeAll(() => {
  const checkout = join(folder, 'checkout');
  const notTracked = ['.git', 'node_modules', 'dist', 'coverage', 'THIRD-PARTY-NOTICES.txt'];
  for (const name of readdirSync(root).filter((entry) => !notTracked.includes(entry)))
    cpSync(join(root, name), join(checkout, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const npm = ['pack', '--offline', '--no-update-notifier', '--pack-destination', folder];
  execFileSync('npm', npm, { cwd: checkout, stdio: ['ignore', 'ignore', 'pipe'] });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', folder]);
  manifest = JSON.parse(readFileSync(inPackage('package.json'), 'utf8')) as Manifest;
  files = readdirSync(join(folder, 'package'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(inPackage(''), join(entry.parentPath, entry.name)));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('npm package: it contains the build, the texts about it, and nothing else', () => {
  const texts = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'THIRD-PARTY-NOTICES.txt'];
  expect(files).toEqual(expect.arrayContaining([...texts, 'dist/types/index.d.ts', 'dist/config.schema.json']));
  expect(files.filter((path) => !path.startsWith('dist/') && !texts.includes(path))).toEqual([]);
  expect(readFileSync(inPackage('THIRD-PARTY-NOTICES.txt'), 'utf8')).toContain('zod');
});

test('npm package: its installation runs no script', () => {
  const whenInstalled = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare', 'prepublish'];
  expect(Object.keys(manifest.scripts).filter((name) => whenInstalled.includes(name))).toEqual([]);
  // npm runs node-gyp for a package with this file.
  expect(files).not.toContain('binding.gyp');
});

test('npm package: it contains every file that its manifest names', () => {
  // npm installs the manual pages of an array, but ignores a single string.
  expect(manifest.man).toEqual(['./dist/man/mailcheck.1']);
  const named = [
    ...manifest.man,
    ...Object.values(manifest.bin),
    ...Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry))),
  ];
  expect(named.map(normalize).filter((path) => !files.includes(path))).toEqual([]);
});

test('npm package: its command and its library run without other packages, and it needs none', () => {
  const asked = Object.keys(manifest).filter((key) => /dependencies$/i.test(key));
  expect(asked.sort()).toEqual(['devDependencies', 'peerDependencies']);
  // npm installs no peer that is optional.
  for (const name of Object.keys(manifest.peerDependencies ?? {}))
    expect(manifest.peerDependenciesMeta?.[name]).toEqual({ optional: true });
  const library = join(inPackage('dist'), 'index.js');
  const script = `const { check } = await import(${JSON.stringify(library)}); console.log(typeof check);`;
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, encoding: 'utf8' })).toBe(
    'function\n',
  );
  const cli = inPackage(manifest.bin.mailcheck ?? '');
  expect(execFileSync(cli, ['--version'], { encoding: 'utf8' })).toBe(`${manifest.version}\n`);
});
