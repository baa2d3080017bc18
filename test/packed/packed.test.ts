/** Tests the tarball that `npm pack` makes from a checkout without a build, and what npm installs from it. */
import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RIGHT, WRONG } from './programs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mailcheck-packed-'));
const inPackage = (path: string): string => join(folder, 'package', path);
/** The folder of a project that has installed the package. */
const project = join(folder, 'project');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly man: readonly string[];
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly main: string;
  readonly types: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}
let tarball: string;
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
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  execFileSync('tar', ['-xzf', tarball, '-C', folder]);
  manifest = JSON.parse(readFileSync(inPackage('package.json'), 'utf8')) as Manifest;
  files = readdirSync(join(folder, 'package'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(inPackage(''), join(entry.parentPath, entry.name)));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('npm package: it contains the build, the texts about it, and nothing else', () => {
  const texts = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'THIRD-PARTY-NOTICES.txt'];
  expect(files).toEqual(expect.arrayContaining([...texts, 'dist/index.d.ts', 'dist/config.schema.json']));
  expect(files.filter((path) => !path.startsWith('dist/') && !texts.includes(path))).toEqual([]);
  expect(files.filter((path) => /\.[cm]?ts$/.test(path))).toEqual(['dist/index.d.ts']);
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
    manifest.main,
    manifest.types,
    ...Object.values(manifest.bin),
    ...Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry))),
  ];
  expect(named.map(normalize).filter((path) => !files.includes(path))).toEqual([]);
});

test('npm package: it is small', () => {
  const bytes = files.reduce((sum, path) => sum + statSync(inPackage(path)).size, 0);
  expect(bytes).toBeGreaterThan(1e6);
  expect(bytes).toBeLessThanOrEqual(6e6);
  expect(statSync(tarball).size).toBeLessThanOrEqual(1e6);
});

test('npm package: it depends on no other', () => {
  const asked = Object.keys(manifest).filter((key) => /dependencies$/i.test(key));
  expect(asked.sort()).toEqual(['devDependencies', 'peerDependencies']);
  // npm installs no peer that is optional.
  for (const name of Object.keys(manifest.peerDependencies ?? {}))
    expect(manifest.peerDependenciesMeta?.[name]).toEqual({ optional: true });
});

describe('npm package: what npm installs in an empty folder, without a network', () => {
  const run = (file: string, ...args: string[]): string => execFileSync(file, args, { cwd: project, encoding: 'utf8' });
  const own = join(root, 'node_modules');
  const compilers = { newest: join(own, 'typescript/bin/tsc'), older: join(own, 'typescript-5/bin/tsc') };

  beforeAll(() => {
    const npm = (...args: string[]): string =>
      run('npm', ...args, '--offline', '--no-audit', '--no-fund', '--no-update-notifier');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "private": true }');
    npm('install', tarball);
    npm('install', '--global', '--prefix', join(folder, 'global'), tarball);
    // A program in TypeScript brings these itself.
    mkdirSync(join(project, 'node_modules/@types'));
    symlinkSync(join(own, '@types/node'), join(project, 'node_modules/@types/node'));
    symlinkSync(join(own, 'undici-types'), join(project, 'node_modules/undici-types'));
  });

  test('it is one package, with a command and a manual page', () => {
    const entries = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(entries.sort()).toEqual(['@types', manifest.name, 'undici-types']);
    expect(run(join(project, 'node_modules/.bin/mailcheck'), '--version')).toBe(`${manifest.version}\n`);
    expect(run(join(folder, 'global/bin/mailcheck'), '--version')).toBe(`${manifest.version}\n`);
    const page = readFileSync(join(folder, 'global/share/man/man1/mailcheck.1'), 'utf8');
    expect(page).toContain(`mailcheck ${manifest.version}`);
  });

  test.each([
    ['import', ['--input-type=module', '-e', `import { check } from 'mailcheck-cli'; console.log(typeof check);`]],
    ['require', ['-e', `const { check } = require('mailcheck-cli'); console.log(typeof check);`]],
  ])('its library comes by %s', (_, args) => {
    expect(run(process.execPath, ...args)).toBe('function\n');
  });

  /** How programs look for types, by the names of TypeScript's settings. */
  test.each<[compiler: keyof typeof compilers, type: 'module' | 'commonjs', module: string, resolution: string]>([
    ['newest', 'module', 'nodenext', 'nodenext'],
    ['newest', 'commonjs', 'nodenext', 'nodenext'],
    ['newest', 'module', 'esnext', 'bundler'],
    ['older', 'commonjs', 'commonjs', 'node'],
  ])('a correct program compiles, and each wrong call is an error: %s compiler, %s, %s, %s', async (...row) => {
    const [compiler, type, module, moduleResolution] = row;
    const place = join(project, row.join('-'));
    mkdirSync(place);
    const mistakes = WRONG.map((line) => `// @ts-expect-error\n${line}`).join('\n');
    writeFileSync(join(place, 'package.json'), JSON.stringify({ type }));
    writeFileSync(join(place, 'right.ts'), RIGHT);
    writeFileSync(
      join(place, 'wrong.ts'),
      `import { check, hasCode, replay, reportSchema } from 'mailcheck-cli';\n${mistakes}\n`,
    );
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      target: 'ES2022',
      module,
      moduleResolution,
      types: ['node'],
      outDir: 'out',
      // A type that is not found would otherwise be `any`.
      skipLibCheck: false,
    };
    writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['right.ts', 'wrong.ts'] }));
    const compiled = promisify(execFile)(process.execPath, [compilers[compiler], '-p', place]);
    expect(await compiled.catch(({ stdout }: { stdout: string }) => ({ stdout }))).toMatchObject({ stdout: '' });
    // What the compiler wrote finds the library too.
    expect(run(process.execPath, join(place, 'out/right.js'))).toBe('');
  });
});
