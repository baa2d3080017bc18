/** The pages of `docs/` about findings, and what else the guides say of the rules. */
import { explanations } from '../src/cli/explain/explanations.ts';
import { checkedBy } from '../src/knowledge/guides/guide.ts';
import { contents, page } from '../src/reporters/explanation-page.ts';

/** @returns the text of each page, by its path below `docs/`. */
export function docsPages(): Map<string, string> {
  return new Map([
    ['README.md', contents(explanations)],
    ...explanations.map((explanation) => [`${explanation.code}.md`, page(explanation)] as const),
  ]);
}

/** @returns a table of all rules in the order of the report, with what each one makes sure of. */
export function checksTable(): string {
  const rules = [...new Set(explanations.map(({ rule }) => rule))];
  const rows = rules.map((rule) => `| \`${rule}\` | ${checkedBy(rule)} |`);
  return ['| check | what must be right |', '| --- | --- |', ...rows].join('\n');
}
