/** Everything in the repository that is written by `npm run generate`. */
import { readFileSync } from 'node:fs';
import { demoReport } from './demo-report.ts';
import { checksTable, docsPages } from './docs-pages.ts';
import { listZonesTable } from './list-zones.ts';

const root = new URL('../', import.meta.url);

/** @returns the text of each generated file as it should be, by its path in the repository. Needs a build. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const readme = withPart(textOf('README.md'), 'report', await demoReport());
  return new Map([
    ...[...docsPages()].map(([path, text]) => [`docs/${path}`, text] as const),
    ['README.md', withPart(readme, 'checks', checksTable())],
    ['SECURITY.md', withPart(textOf('SECURITY.md'), 'lists', listZonesTable())],
  ]);
}

/**
 * Puts a generated part into a page that people write, between `<!-- name: written by npm run generate -->` and
 * `<!-- /name -->`.
 *
 * @throws when the page does not hold both marks.
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
