/** Runs `mailcheck explain [code]`, which explains a finding and its fix, or lists all findings. */
import type { ChalkInstance } from 'chalk';
import { EXIT } from '../../report/status.ts';
import type { Explanation } from '../../reporters/explanation-page.ts';
import { jsonText } from '../../reporters/json-text.ts';
import { wrap } from '../../reporters/layout.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { explanationOf, explanations } from '../explain/explanations.ts';
import { EXPLAIN_OPTIONS, type ExplainOptions } from '../options/command-options.ts';
import { nearest } from '../options/nearest.ts';
import { optionReader } from '../options/read.ts';
import { stdoutPaint, writeText } from '../terminal/output.ts';

/**
 * Prints the explanation of a finding, or the list of all.
 *
 * @returns the exit code.
 * @throws UsageError for an unknown code or format.
 */
export async function explainCommand(code: string | undefined, options: ExplainOptions): Promise<number> {
  const format = await optionReader(EXPLAIN_OPTIONS, options).read('format');
  const shown = code === undefined ? explanations : known(code);
  const paint = stdoutPaint();
  const text =
    format === 'json'
      ? jsonText(shown)
      : `${('code' in shown ? onePage(shown, paint) : list(shown, paint)).join('\n')}\n`;
  await writeText(process.stdout, text);
  return EXIT.ok;
}

function known(code: string): Explanation {
  const found = explanationOf(code.trim().toLowerCase());
  if (found) return found;
  const codes = explanations.map((explanation) => explanation.code);
  throw new UsageError(`there is no finding ${quoteInput(code)}${nearest(code, codes)}. Type: mailcheck explain`);
}

function list(all: readonly Explanation[], paint: ChalkInstance): string[] {
  const width = Math.max(...all.map(({ code }) => code.length)) + 2;
  return all.flatMap(({ code, rule, ruleTitle, title }, index) => [
    ...(all[index - 1]?.rule === rule ? [] : [`${index === 0 ? '' : '\n'}${paint.bold(ruleTitle)}`]),
    ...wrap(title, 100, ' '.repeat(width + 2), `  ${code.padEnd(width)}`),
  ]);
}

function onePage({ code, severity, title, why, see, fix, reference }: Explanation, paint: ChalkInstance): string[] {
  const part = (label: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', paint.bold(label), ...lines];
  return [
    `${paint.bold(code)} (${severity})`,
    ...wrap(title, 80),
    ...part('Why receivers care', wrap(why, 80, '  ')),
    ...part(
      'See it by hand',
      see.map((command) => `  ${paint.cyan(command)}`),
    ),
    ...part('Fix it', wrap(fix, 80, '  ')),
    ...part('Reference', wrap(reference, 80, '  ')),
  ];
}
