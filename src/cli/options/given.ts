/** Writes the options of the command line again, for the commands that a report prints. */
import { flagOf, type OptionRow } from './row.ts';
import { type CheckArguments, isOptionName, OPTIONS, type OptionName } from './table.ts';

/** The options that the target of a run holds, so that it gives them to a command itself. */
const OF_TARGET: readonly OptionName[] = ['helo', 'selector'];

/**
 * @returns the options of the command line that a command for the same target needs again, each as a flag and its value.
 */
export function givenOptions({
  options,
  typed,
}: {
  readonly options: CheckArguments;
  readonly typed: ReadonlySet<string>;
}): string[][] {
  return [...typed]
    .filter(isOptionName)
    .filter((name) => !OF_TARGET.includes(name))
    .flatMap((name) => {
      const row: OptionRow = OPTIONS[name];
      const value: unknown = options[name];
      if (row.isForReplay || row.isForOneRun) return [];
      const flag = flagOf(row.flags);
      if (value === true) return [[flag]];
      if (value === false) return [[flag.startsWith('--no-') ? flag : flag.replace('--', '--no-')]];
      const values = Array.isArray(value) ? value : [value];
      return values.map((one) => [flag, String(one)]);
    });
}
