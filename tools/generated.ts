/** Collects the files that `npm run generate` writes. */
import { readFileSync } from 'node:fs';
import { demoCast } from './cast/demo-cast.ts';
import { palettes } from './cast/svg.ts';
import { plainText } from './cast/terminal-text.ts';
import type { DemoReport } from './demo-report.ts';
import { checksTable, docsPages } from './docs-pages.ts';
import { codeBlock, excerpt } from './excerpt.ts';
import { guidesPage } from './guides.ts';
import { listZonesTable } from './list-zones.ts';

const root = new URL('../', import.meta.url);

/** @returns a map from the path of each generated text file in the repository to its text. */
export function generatedFiles(demo: DemoReport): Map<string, string> {
  const report = plainText(demo.colored);
  const readme = withPart(textOf('README.md'), 'excerpt', excerpt(demo.command, report));
  const guide = withPart(textOf('docs/report.md'), 'report', codeBlock(demo.command, report));
  return new Map([
    ...[...docsPages()].map(([path, text]) => [`docs/${path}`, text] as const),
    ...Object.entries(palettes).map(([scheme, palette]) => [castFile(scheme), demoCast(demo, palette)] as const),
    ['README.md', withPart(readme, 'checks', checksTable())],
    ['SECURITY.md', withPart(textOf('SECURITY.md'), 'lists', listZonesTable())],
    ['docs/README.md', guidesPage()],
    ['docs/ci.md', withVersion(textOf('docs/ci.md'))],
    ['docs/report.md', guide],
  ]);
}

/** @returns the text with the version of this package in each `package@version`. */
export function withVersion(text: string): string {
  const { name, version } = JSON.parse(textOf('package.json')) as { readonly name: string; readonly version: string };
  return text.replace(new RegExp(`(?<=\\b${name}@)\\d+\\.\\d+\\.\\d+(?:-[\\w.]+)?`, 'g'), version);
}

function castFile(scheme: string): string {
  return `docs/images/terminal-${scheme}.svg`;
}

/**
 * Puts a generated part into a page that people write, between `<!-- name: written by npm run generate -->` and
 * `<!-- /name -->`.
 *
 * @returns the page with the new part.
 * @throws Error for a page without both marks.
 */
export function withPart(page: string, name: string, part: string): string {
  const start = `<!-- ${name}: written by npm run generate -->\n`;
  const end = `<!-- /${name} -->`;
  const from = page.indexOf(start) + start.length;
  const to = page.indexOf(end, from);
  if (!page.includes(start) || to < 0) throw new Error(`there are no marks for the part "${name}"`);
  return `${page.slice(0, from)}${part}\n${page.slice(to)}`;
}

function textOf(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}
