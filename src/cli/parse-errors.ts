/** Says in mailcheck's own words what commander says about wrong arguments. */
import { quoteInput } from '../usage-error.ts';

type Words = (match: RegExpExecArray, help: string) => string;

/** The messages of commander, each with the words that replace it. */
const MESSAGES: readonly (readonly [message: RegExp, words: Words])[] = [
  [
    /^unknown option '(.+?)'(?:\s+\(Did you mean (.+?)\?\))?$/s,
    ([, typed = '', meant], help) =>
      `there is no option ${bare(typed)}${meant === undefined ? `. Type: ${help}` : ` (did you mean ${meant}?)`}`,
  ],
  [/^missing required argument '(.+)'$/s, ([, name = ''], help) => `<${name}> is missing. Type: ${help}`],
  [
    /^option '(?:-\w, )?((--[a-z-]+).*)' argument missing$/s,
    ([, usage = '', flag = '']) => `${flag} needs a value: ${usage}`,
  ],
  [
    /^option '(.+?)' argument '(.*)' is invalid\. Allowed choices are (.+)\.$/s,
    ([, flags = '', typed = '', choices = '']) =>
      `${/--[a-z-]+/.exec(flags)?.[0] ?? flags}: ${quoteInput(typed)} is not possible. Type one of: ${choices}`,
  ],
  [
    /^too many arguments(?: for '.*')?\. Expected (\d+) arguments? but got (\d+)\.$/s,
    ([, expected = '', given = ''], help) =>
      `too many arguments: ${given} instead of ${expected === '0' ? 'none' : `at most ${expected}`}. Type: ${help}`,
  ],
];

/** Returns the option in quotes if it contains more than letters, digits and dashes. */
function bare(option: string): string {
  return /^[\w=-]+$/.test(option) ? option : quoteInput(option);
}

/**
 * @param text the error as commander prints it.
 * @param help what to type to see how the command is used.
 * @returns the error in mailcheck's words. A message that commander did not write stays as it is.
 */
export function parseErrorText(text: string, help: string): string {
  const message = text.trim().replace(/^error:\s*/i, '');
  for (const [pattern, words] of MESSAGES) {
    const match = pattern.exec(message);
    if (match !== null) return words(match, help);
  }
  return message;
}
