/** Writes the explanation of a finding code as a page of `docs/`. */

import { type Example, PLAIN_CHECK } from '../knowledge/guides/example.ts';
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
  /** The records that cause it and the corrected ones. `null` when records alone do not show it. */
  readonly example: Example | null;
}

/** @returns the records of an example that cause the finding, and the check if it has options. */
export function triggerOf({ check, trigger }: Example): readonly string[] {
  return check === PLAIN_CHECK ? trigger : [...trigger, `; ${check}`];
}

/** @returns the page in Markdown. Its path below `docs/` is `<code>.md`. */
export function page({ code, ruleTitle, severity, title, why, see, fix, reference, example }: Explanation): string {
  const parts = [
    `# ${code}`,
    `**${title}.** Severity: ${severity}. Check: ${ruleTitle}.`,
    ...(example === null ? [] : [block('What triggers it', triggerOf(example)), block('Corrected', example.corrected)]),
    `## Why receivers care\n\n${why}`,
    ...(see.length > 0 ? [block('See it by hand', see)] : []),
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

/** Writes a chapter of lines that are shown as they are. */
function block(title: string, lines: readonly string[]): string {
  return `## ${title}\n\n\`\`\`\n${lines.join('\n')}\n\`\`\``;
}

/** Escapes angle brackets, which Markdown would treat as HTML. */
function escaped(text: string): string {
  return text.replaceAll('<', '\\<');
}
