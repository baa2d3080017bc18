/**
 * Writes commands of mailcheck itself that a user pastes into a shell. A command is whole: it has the target, and every
 * option of this run that matters to it.
 */
import { isHostName } from '../../network/domain.ts';
import type { Target } from '../target.ts';

/** Letters, digits and `. : _ - / = @ ,`, starting with a letter, digit, `_`, `.`, `/` or `-`. Any shell reads it as one word. */
const PLAIN_WORD = /^[A-Za-z0-9_./-][A-Za-z0-9._:/=@,-]*$/;

/** The options that each command takes over from the run. The check takes over all of them. */
const TAKEN_OVER = { check: null, records: ['--dns', '--rua'] } as const;

/**
 * @param command the command, where `check` is the one without a name.
 * @param options the options that the command adds, each flag followed by its value. They replace those of the run.
 * @returns the command line.
 */
export function ownCommand(target: Target, command: keyof typeof TAKEN_OVER, ...options: readonly string[]): string {
  const { domain, ips, ipSource, helo, selectors, given = [] } = target;
  const own = [
    ...(helo !== undefined && isHostName(helo) ? [['--helo', helo]] : []),
    ...selectors.map((name) => ['--selector', name]),
  ];
  const taken = TAKEN_OVER[command] as readonly string[] | null;
  const others = given.filter(([flag = '']) => taken?.includes(flag) ?? true);
  const isReplaced = ([flag = '']: readonly string[]): boolean => options.includes(flag);
  const kept = [...own, ...others].filter((words) => !isReplaced(words)).flat();
  const words = [
    'mailcheck',
    ...(command === 'check' ? [] : [command]),
    domain,
    ...(command === 'check' && ipSource === 'mx' ? [] : ips),
    ...kept,
    ...options,
  ];
  return words.map((word) => shellWord(word) ?? 'VALUE').join(' ');
}

/**
 * @returns the text as one word of a POSIX shell, quoted if necessary, or `undefined` when it has control characters.
 */
export function shellWord(text: string): string | undefined {
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return undefined;
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
