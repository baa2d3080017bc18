/** What `npm run generate` writes is in the repository as it would be written now. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { docsPages } from '../../tools/docs-pages.ts';
import { generatedFiles, withPart } from '../../tools/generated.ts';

const root = new URL('../../', import.meta.url);
const textOf = (path: string): string | undefined =>
  existsSync(new URL(path, root)) ? readFileSync(new URL(path, root), 'utf8') : undefined;

test('every generated file is current (run: npm run generate)', async () => {
  const files = await generatedFiles();
  expect([...files.keys()]).toEqual(expect.arrayContaining(['docs/README.md', 'README.md', 'SECURITY.md']));
  const outdated = [...files].filter(([path, text]) => textOf(path) !== text).map(([path]) => path);
  expect(outdated, 'outdated files; to write them: npm run generate').toEqual([]);
});

test('docs/ has no page of a code that does not exist (run: npm run generate)', () => {
  const folders = readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' });
  const pages = folders.filter((path) => /\/.*\.md$/.test(path));
  expect(pages.length).toBeGreaterThan(100);
  expect(
    pages.filter((path) => !docsPages().has(path)),
    'pages without a code; to remove them: npm run generate',
  ).toEqual([]);
});

describe('a generated part of a page', () => {
  const page = 'before\n<!-- list: written by npm run generate -->\nold\n<!-- /list -->\nafter\n';

  test('takes the place of the old one, and nothing else changes', () => {
    expect(withPart(page, 'list', 'new\nlines')).toBe(page.replace('old', 'new\nlines'));
    expect(withPart(page, 'list', 'old')).toBe(page);
  });

  test('goes between marks that have nothing between them yet', () => {
    expect(withPart(page.replace('old\n', ''), 'list', 'new')).toBe(page.replace('old', 'new'));
  });

  test('is not written where a mark is missing', () => {
    expect(() => withPart('no marks', 'list', 'new')).toThrow('list');
    expect(() => withPart(page.replace('<!-- /list -->', ''), 'list', 'new')).toThrow('list');
    expect(() => withPart(page, 'other', 'new')).toThrow('other');
  });
});
