/** The guides: the pages of `docs/` that people write for users. */
import { readFileSync } from 'node:fs';

/** The guides in the order in which a reader may need them: `docs/<name>.md`. */
export const guides = [
  'first-mail-server',
  'report',
  'laptop',
  'dns-plan',
  'ci',
  'container',
  'dns-as-code',
  'configuration',
  'fleet',
  'baseline-and-waiting',
  'watch',
  'queue',
  'dkim-rotation',
  'formats',
  'exit-codes',
  'monitoring/README',
  'block-lists',
  'transport-security',
  'recording',
  'library',
  'editors',
  'privacy',
] as const;

/** The other pages that people write. */
const more = ['security', 'architecture', 'scale'] as const;

/** @returns the page `docs/README.md`: every guide with its title and its first sentence. */
export function guidesPage(): string {
  const row = (name: string): string => {
    const [, title, summary] = /^# (.+)\n\n([\s\S]+?(?:\?|(?=\.)))(?:\.?\s|\.?$)/.exec(textOf(name)) ?? [];
    if (title === undefined || summary === undefined)
      throw new Error(`docs/${name}.md has no title and first sentence`);
    return `| [${title}](${name}.md) | ${summary.replaceAll('\n', ' ')} |`;
  };
  return [
    '# Documentation',
    '',
    '| guide | what it says |',
    '| --- | --- |',
    ...guides.map(row),
    '| [Findings](findings.md) | Every code that a report can hold has a page |',
    '| [DNS hosts](dns-hosts.md) | The DNS hosts for which a report prints commands |',
    ...more.map(row),
    '',
    'Written by `npm run generate` from the first lines of each guide.',
    '',
  ].join('\n');
}

function textOf(name: string): string {
  return readFileSync(new URL(`../docs/${name}.md`, import.meta.url), 'utf8');
}
