/** Prints the explanation of one finding, and the list of findings, for a terminal. */

import { type Explanation, triggerOf } from '../../reporters/explanation-page.ts';
import { wrap } from '../../reporters/layout.ts';
import type { Tones } from '../../reporters/tones.ts';

/** @returns the lines of the page of one finding. Text is wrapped at `width` columns. Records and commands stay whole. */
export function onePage(explained: Explanation, width: number, tones: Tones): string[] {
  const { code, severity, title, why, see, fix, reference, example } = explained;
  const part = (label: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', tones.bold(label), ...lines];
  const text = (words: string): string[] => wrap(words, width, '  ');
  const typed = (lines: readonly string[]): string[] => lines.map((line) => `  ${tones.typed(line)}`);
  return [
    `${tones.bold(code)} (${severity})`,
    ...wrap(title, width),
    ...part('What triggers it', example === null ? [] : typed(triggerOf(example))),
    ...part('Corrected', example === null ? [] : typed(example.corrected)),
    ...part('Why receivers care', text(why)),
    ...part('See it by hand', typed(see)),
    ...part('Fix it', text(fix)),
    ...part('Reference', text(reference)),
  ];
}

/** @returns the lines of the list of findings, grouped by rule. */
export function list(all: readonly Explanation[], width: number, tones: Tones): string[] {
  const indent = Math.max(...all.map(({ code }) => code.length)) + 2;
  return all.flatMap(({ code, rule, ruleTitle, title }, index) => [
    ...(all[index - 1]?.rule === rule ? [] : [`${index === 0 ? '' : '\n'}${tones.bold(ruleTitle)}`]),
    ...wrap(title, width, ' '.repeat(indent + 2), `  ${code.padEnd(indent)}`),
  ]);
}
