/** Tests that the generated files in the repository are those that `npm run generate` writes now. */
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type DemoReport, demoReport } from '../../tools/demo-report.ts';
import { docsPages } from '../../tools/docs-pages.ts';
import { generatedFiles, withPart } from '../../tools/generated.ts';
import { guides } from '../../tools/guides.ts';
import { whyOutdated } from '../../tools/screenshots.ts';
import { filesBelow } from '../files-below.ts';

const root = new URL('../../', import.meta.url);
const textOf = (path: string): string | undefined =>
  existsSync(new URL(path, root)) ? readFileSync(new URL(path, root), 'utf8') : undefined;

let demo: DemoReport;
beforeAll(async () => {
  demo = await demoReport();
});

test('generated files: every file is up to date (run: npm run generate)', () => {
  const files = generatedFiles(demo);
  const some = ['docs/README.md', 'docs/report.md', 'docs/images/terminal-dark.svg', 'README.md', 'SECURITY.md'];
  expect([...files.keys()]).toEqual(expect.arrayContaining(some));
  const outdated = [...files].filter(([path, text]) => textOf(path) !== text).map(([path]) => path);
  expect(outdated, 'outdated files; to write them: npm run generate').toEqual([]);
});

test('generated files: the screenshots show the HTML report (run npm run generate where Chromium is installed)', () => {
  expect(whyOutdated(demo.html)).toBeNull();
});

test('generated files: docs/ has no page of an unknown finding code (run: npm run generate)', () => {
  const folders = filesBelow(new URL('docs/', root));
  const pages = folders.filter((path) => /\/.*\.md$/.test(path) && !guides.some((name) => path === `${name}.md`));
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
