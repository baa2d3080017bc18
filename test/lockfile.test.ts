/** Tests that npm takes exactly the locked packages: what it fetches must have the digest that package-lock.json says. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
}

const { lockfileVersion, packages } = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
) as { readonly lockfileVersion: number; readonly packages: Readonly<Record<string, Locked>> };
const entries = Object.entries(packages).filter(([path]) => path !== '');
const namesOf = (found: readonly (readonly [string, Locked])[]): string[] => found.map(([path]) => path);

test('lock file: it names every package, of every platform', () => {
  expect(lockfileVersion).toBe(3);
  expect(entries.length).toBeGreaterThan(400);
  expect(namesOf(entries)).toEqual(
    expect.arrayContaining(['win32-x64', 'darwin-arm64', 'linux-x64'].map((it) => `node_modules/@biomejs/cli-${it}`)),
  );
});

test('lock file: every package has one exact version and a SHA-512 digest', () => {
  expect(namesOf(entries.filter(([, { integrity = '' }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)))).toEqual(
    [],
  );
  expect(namesOf(entries.filter(([, { version = '' }]) => !/^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(version)))).toEqual(
    [],
  );
});

test('lock file: every package comes from the registry', () => {
  const elsewhere = entries.filter(
    ([, { link, resolved }]) => link || (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')),
  );
  expect(namesOf(elsewhere)).toEqual([]);
});
