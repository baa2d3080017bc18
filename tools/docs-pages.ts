/** Makes the pages of `docs/` about findings, and the table of checks in the README. */
import { explanations } from '../src/cli/explain/explanations.ts';
import { checkedBy } from '../src/knowledge/guides/guide.ts';
import { contents, page } from '../src/reporters/explanation-page.ts';
import { dnsHostsPage } from './dns-hosts.ts';

/** @returns a map from the path of each page below `docs/` to its text. */
export function docsPages(): Map<string, string> {
  return new Map([
    ['findings.md', contents(explanations)],
    ['dns-hosts.md', dnsHostsPage()],
    ...explanations.map((explanation) => [`${explanation.code}.md`, page(explanation)] as const),
  ]);
}

/** @returns a table in Markdown of all rules and what each of them checks, in the order of the report. */
export function checksTable(): string {
  const rules = [...new Set(explanations.map(({ rule }) => rule))];
  const rows = rules.map((rule) => `| \`${rule}\` | ${checkedBy(rule)} |`);
  return ['| check | what must be right |', '| --- | --- |', ...rows].join('\n');
}
