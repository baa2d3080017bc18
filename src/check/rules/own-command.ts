/**
 * Writes commands of mailcheck itself that a user pastes into a shell. A command is whole: it has the target, and every
 * option of this run that matters to it.
 */
import { isHostName, parseDomain } from '../../network/domain.ts';
import type { Target } from '../target.ts';
import { type Command, commandOf, selectorName } from './pasted.ts';

/** The options that each command takes over from the run. The check takes over all of them. */
const TAKEN_OVER = { check: null, records: ['--dns', '--rua'] } as const;

/** The options that an added one leaves no room for. */
const CONTRADICTS: Readonly<Record<string, readonly string[]>> = { '--on-host': ['--vantage'] };

/** The options whose values may come from the network, each with the test of its type. */
const TYPES: Readonly<Record<string, (value: string) => boolean>> = {
  '--helo': isHostName,
  '--dnsbl': (value) => parseDomain(value) !== undefined,
  '--dnsbl-except': (value) => parseDomain(value) !== undefined,
  '--selector': (value) => selectorName(value) !== undefined,
};

/**
 * @param command the command, where `check` is the one without a name.
 * @param options the options that the command adds, each flag followed by its value. They replace those of the run.
 * @returns the command line alone, or nothing when a value is not of its type.
 */
export function ownCommand(target: Target, command: keyof typeof TAKEN_OVER, ...options: readonly string[]): Command[] {
  const { domain, ips, ipSource, helo, selectors, given = [] } = target;
  const own = [
    ...(helo !== undefined && isHostName(helo) ? [['--helo', helo]] : []),
    ...selectors.map((name) => ['--selector', name]),
  ];
  const taken = TAKEN_OVER[command] as readonly string[] | null;
  const others = given.filter(([flag = '']) => taken?.includes(flag) ?? true);
  const isReplaced = ([flag = '']: readonly string[]): boolean =>
    options.some((option) => option === flag || CONTRADICTS[option]?.includes(flag) === true);
  const words = [...[...own, ...others].filter((option) => !isReplaced(option)).flat(), ...options];
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
