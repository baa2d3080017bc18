/** Tests that the pages that people write name only existing files, scripts and functions. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { guides } from '../tools/guides.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/README.md',
  ...guides.map((name) => `docs/${name}.md`),
  'docs/architecture.md',
  'docs/security.md',
  'test/lab/README.md',
  'bench/README.md',
  '.github/pull_request_template.md',
];
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** @returns the paths of this repository in a text. A path with a placeholder ends before the placeholder. */
function pathsIn(text: string): string[] {
  const paths = text.matchAll(/(?<![\w/.@-])((?:src|test|bench|docs|tools|\.ci|\.github|\.vscode)\/[\w./-]*)/g);
  return [...paths].map(([, path = '']) => path.replace(/\.$/, ''));
}

test.each(PAGES)('%s names only paths that exist', (page) => {
  const text = textOf(page).replace(/https?:\/\/\S+/g, '');
  const missing = pathsIn(text).filter((path) => !existsSync(join(root, path)));
  expect([...new Set(missing)]).toEqual([]);
});

test.each(PAGES)('%s links only to files that exist', (page) => {
  const links = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
});

/** The anchors of the headings of a page, as GitHub makes them. */
const anchorsOf = (page: string): string[] =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

test.each(PAGES)('%s links only to sections that exist', (page) => {
  const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)];
  const missing = links.filter(([, file = '', anchor = '']) => {
    const target = file === '' ? page : join(dirname(page), file);
    return !anchorsOf(target).includes(anchor);
  });
  expect(missing.map(([link]) => link)).toEqual([]);
});

test.each(PAGES)('%s shows only images that exist', (page) => {
  const images = [...textOf(page).matchAll(/\b(?:src|srcset)="([^"]+)"/g)].map(([, image = '']) => image);
  expect(images.filter((image) => !existsSync(join(root, dirname(page), image)))).toEqual([]);
});

test.each(PAGES)('%s names only scripts of package.json', (page) => {
  const named = [...textOf(page).matchAll(/\bnpm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

test('pages: this test finds paths and links', () => {
  expect(pathsIn(textOf('SECURITY.md')).length).toBeGreaterThan(25);
  expect(pathsIn(textOf('CONTRIBUTING.md'))).toContain('src/check/rules/index.ts');
  expect(textOf('CONTRIBUTING.md')).toContain('](docs/architecture.md)');
  expect(anchorsOf('SECURITY.md')).toContain('a-configuration-that-is-found');
  expect(textOf('README.md')).toContain('srcset="docs/images/');
});

test('docs/architecture.md: each function of the walk is in the file that the page names', () => {
  const walk = /<!-- walk[\s\S]*<!-- \/walk -->/.exec(textOf('docs/architecture.md'))?.[0] ?? '';
  const steps = [...walk.matchAll(/^\| `([^`]+)` \| `([^`]+)` \|/gm)].map(([, file = '', name = '']) => ({
    file,
    name,
  }));
  expect(steps.length).toBeGreaterThan(15);
  const strays = steps.filter(
    ({ file, name }) => !new RegExp(`\\b(?:function\\*?|const) ${name}\\b|\\b${name}\\(`).test(textOf(file)),
  );
  expect(strays).toEqual([]);
});
