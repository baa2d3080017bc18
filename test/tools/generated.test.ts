/** Tests that the generated files in the repository are those that `npm run generate` writes now. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { docsPages } from '../../tools/docs-pages.ts';
import { generatedFiles, withPart } from '../../tools/generated.ts';

const root = new URL('../../', import.meta.url);
const textOf = (path: string): string | undefined =>
  existsSync(new URL(path, root)) ? readFileSync(new URL(path, root), 'utf8') : undefined;

test('generated files: every file is up to date (run: npm run generate)', async () => {
  const files = await generatedFiles();
  expect([...files.keys()]).toEqual(expect.arrayContaining(['docs/README.md', 'README.md', 'SECURITY.md']));
  const outdated = [...files].filter(([path, text]) => textOf(path) !== text).map(([path]) => path);
  expect(outdated, 'outdated files; to write them: npm run generate').toEqual([]);
});

test('generated files: docs/ has no page of an unknown finding code (run: npm run generate)', () => {
  const folders = readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' });
  const pages = folders.filter((path) => /\/.*\.md$/.test(path));
  expect(pages.length).toBeGreaterThan(100);
  expect(
    pages.filter((path) => !docsPages().has(path)),
    'pages without a code; to remove them: npm run generate',
  ).toEqual([]);
});

describe('generated files: a generated part of a page', () => {
  const page = 'before\n<!-- list: written by npm run generate -->\nold\n<!-- /list -->\nafter\n';

  test('replaces the old part, and changes nothing else', () => {
    expect(withPart(page, 'list', 'new\nlines')).toBe(page.replace('old', 'new\nlines'));
    expect(withPart(page, 'list', 'old')).toBe(page);
  });

  test('is inserted between marks with nothing between them', () => {
    expect(withPart(page.replace('old\n', ''), 'list', 'new')).toBe(page.replace('old', 'new'));
  });

  test('is refused for a page without both marks', () => {
    expect(() => withPart('no marks', 'list', 'new')).toThrow('list');
    expect(() => withPart(page.replace('<!-- /list -->', ''), 'list', 'new')).toThrow('list');
    expect(() => withPart(page, 'other', 'new')).toThrow('other');
  });
});
