/**
 * Writes commands of mailcheck itself that a user pastes into a shell. A command is whole: it has the target, and every
 * option of this run that matters to it.
 */
import { isHostName, parseDomain } from '../../network/domain.ts';
import type { Target } from '../target.ts';
import { type Command, commandOf, selectorName } from './pasted.ts';

/** The options that each command takes over from the run. The check takes over all of them. */
const TAKEN_OVER = {
  check: null,
  records: ['--helo', '--selector', '--dns', '--dns-host', '--rua'],
  pool: ['--dns', '--dnsbl', '--dnsbl-except', '--lists-direct', '--no-lists-direct'],
} as const;

/** A value that the user has to replace. If the user typed the option, the typed value stands in its place. */
const PLACEHOLDER = /^[A-Z]+(?:_[A-Z]+)+$/;

/** The options that an added one leaves no room for. */
const CONTRADICTS: Readonly<Record<string, readonly string[]>> = { '--on-host': ['--vantage'] };

/** The options whose values may come from the network, each with the test of its type. */
const TYPES: Readonly<Record<string, (value: string) => boolean>> = {
  '--helo': isHostName,
  '--dnsbl': (value) => parseDomain(value) !== undefined,
  '--dnsbl-except': (value) => parseDomain(value) !== undefined,
  '--selector': (value) => selectorName(value) !== undefined,
};

/** The target of a command. Its addresses may have one among them that the user has to replace. */
type CommandTarget = Omit<Target, 'ips'> & { readonly ips: readonly string[] };

/**
 * @param command the command, where `check` is the one without a name.
 * @param options the options that the command adds, each flag followed by its value. They replace those of the run.
 * @returns the command line alone, or nothing when a value is not of its type.
 */
export function ownCommand(
  target: CommandTarget,
  command: keyof typeof TAKEN_OVER,
  ...options: readonly string[]
): Command[] {
  const { domain, ips, ipSource, helo, selectors, given = [] } = target;
  const typed = new Map(given.map(([flag = '', value]) => [flag, value]));
  const added = options.map((value, index) =>
    PLACEHOLDER.test(value) ? (typed.get(options[index - 1] ?? '') ?? value) : value,
  );
  const own = [
    ...(helo !== undefined && isHostName(helo) ? [['--helo', helo]] : []),
    ...selectors.map((name) => ['--selector', name]),
  ];
  const known = TAKEN_OVER[command] as readonly string[] | null;
  const taken = [...own, ...given].filter(([flag = '']) => known?.includes(flag) ?? true);
  const isReplaced = ([flag = '']: readonly string[]): boolean =>
    options.some((option) => option === flag || CONTRADICTS[option]?.includes(flag) === true);
  const words = [...taken.filter((option) => !isReplaced(option)).flat(), ...added];
  const isTyped = words.every((value, index) => TYPES[words[index - 1] ?? '']?.(value) ?? true);
  if (!isTyped) return [];
  return commandOf([
    'mailcheck',
    ...(command === 'check' ? [] : [command]),
    domain,
    ...(command === 'check' ? (ipSource === 'mx' ? [] : ips) : ips.length > 0 ? ips : ['ADDRESS']),
    ...words,
  ]);
}
