/**
 * Runs `mailcheck explain [code...]`, which explains a finding, the findings of one check, or the replies in a bounce.
 * Without an argument it lists all findings.
 */

import { EXIT } from '../../report/status.ts';
import type { Explanation } from '../../reporters/explanation-page.ts';
import { jsonText } from '../../reporters/json-text.ts';
import type { Tones } from '../../reporters/tones.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { type Bounce, explainBounce } from '../explain/bounce/bounce.ts';
import { bounceText } from '../explain/bounce/bounce-text.ts';
import { explanationOf, explanations } from '../explain/explanations.ts';
import { list, onePage } from '../explain/page.ts';
import { EXPLAIN_OPTIONS, type ExplainOptions } from '../options/command-options.ts';
import { nearest } from '../options/nearest.ts';
import { optionReader } from '../options/read.ts';
import { terminalWidth } from '../terminal/look.ts';
import { stdoutTones, writeText } from '../terminal/output.ts';
import { readStdin } from '../terminal/stdin.ts';

/**
 * Prints what the words stand for.
 *
 * @param words the code of a finding, the id of a check, `-` for a text on standard input, or the words of a bounce.
 * @returns the exit code, which is 0 for every bounce in which a reply was found, whether it is known or not.
 * @throws UsageError for an unknown code or format, and for a text without an SMTP reply.
 */
export async function explainCommand(words: readonly string[], options: ExplainOptions): Promise<number> {
  const format = await optionReader(EXPLAIN_OPTIONS, options).read('format');
  const shown = await shownFor(words);
  const text = format === 'json' ? jsonText(shown) : explanationText(shown, terminalWidth(), stdoutTones());
  await writeText(process.stdout, text);
  return EXIT.ok;
}

type Shown = Explanation | readonly Explanation[] | Bounce;

/** @returns the explanation as text with a final newline. */
export function explanationText(shown: Shown, width: number, tones: Tones): string {
  const lines =
    'replies' in shown
      ? bounceText(shown, width, tones)
      : 'code' in shown
        ? onePage(shown, width, tones)
        : list(shown, width, tones);
  return `${lines.join('\n')}\n`;
}

async function shownFor(words: readonly string[]): Promise<Shown> {
  const typed = words.join(' ').trim();
  if (words.length === 0) return explanations;
  if (typed === '-') return bounceIn(await readStdin('the bounce or the SMTP reply'), 'standard input');
  return explained(typed);
}

/**
 * @param text the code of a finding, the id of a check, or a bounce.
 * @throws UsageError for an unknown code, and for a text without an SMTP reply.
 */
export function explained(text: string): Shown {
  const name = text.toLowerCase();
  const own = explanations.filter(({ rule }) => rule === name.replace(/\/$/, ''));
  const found = explanationOf(name) ?? (own.length > 0 ? own : explainBounce(text));
  if (found !== undefined) return found;
  if (/\s/.test(text)) return bounceIn(text, 'the text');
  const names = [...explanations.map(({ code }) => code), ...new Set(explanations.map(({ rule }) => rule))];
  throw new UsageError(`there is no finding ${quoteInput(text)}${nearest(name, names)}. Type: mailcheck explain`);
}

/** @throws UsageError when the text has no reply. */
function bounceIn(text: string, place: string): Bounce {
  const bounce = explainBounce(text);
  if (bounce !== undefined) return bounce;
  throw new UsageError(
    `${place} has no SMTP reply such as 550 5.7.25. Paste the whole bounce, or the line with the code`,
  );
}
