/** Writes the explanation of a finding code as a page of `docs/`. */

import type { Advice } from '../knowledge/guides/guide.ts';
import type { FindingResult } from '../report/status.ts';

/** The explanation of a finding code: its meaning, why receivers care, how to see it by hand and how to fix it. */
export interface Explanation extends Advice {
  readonly code: string;
  readonly rule: string;
  readonly ruleTitle: string;
  readonly severity: FindingResult['severity'];
  readonly title: string;
  /** The reason why receivers care. */
  readonly why: string;
  readonly reference: string;
}

/** @returns the page in Markdown. Its path below `docs/` is `<code>.md`. */
export function page({ code, ruleTitle, severity, title, why, see, fix, reference }: Explanation): string {
  const parts = [
    `# ${code}`,
    `**${title}.** Severity: ${severity}. Check: ${ruleTitle}.`,
    `## Why receivers care\n\n${why}`,
    ...(see.length > 0 ? [`## See it by hand\n\n\`\`\`\n${see.join('\n')}\n\`\`\``] : []),
    `## Fix it\n\n${escaped(fix)}`,
    `## Reference\n\n${reference}`,
    `\`mailcheck explain ${code}\` prints this page. Names and addresses are examples.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** @returns the table of contents in Markdown, with a table of the finding codes of each rule. */
export function contents(explanations: readonly Explanation[]): string {
  const rules = [...new Set(explanations.map(({ rule }) => rule))];
  const lists = rules.map((rule) => {
    const own = explanations.filter((explanation) => explanation.rule === rule);
    const rows = own.map(({ code, severity, title }) => `| [${code}](${code}.md) | ${severity} | ${title} |`);
    return `## ${own[0]?.ruleTitle ?? rule}\n\n| code | severity | what it says |\n| --- | --- | --- |\n${rows.join('\n')}`;
  });
  return `# Findings\n\nEvery code that a report can hold. Written by \`npm run generate\` from the words of the rules and guides.\n\n${lists.join('\n\n')}\n`;
}

/** Escapes angle brackets, which Markdown would treat as HTML. */
function escaped(text: string): string {
  return text.replaceAll('<', '\\<');
}
