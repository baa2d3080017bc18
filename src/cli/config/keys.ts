/** Which key of the configuration file stands for which option of the check, derived from the table of options. */
import type { OptionRow } from '../options/row.ts';
import { isOptionName, OPTIONS, type OptionName } from '../options/table.ts';

/** Whether a key stands in a target, and for all targets beside them; or for the whole run alone. */
export type Level = 'target' | 'run';

/** The key of an option at a level, `never` where it has none. */
type KeyAt<L extends Level, N extends OptionName> = (typeof OPTIONS)[N] extends { readonly config: infer C }
  ? (C extends { readonly level: 'run' } ? 'run' : 'target') extends L
    ? C extends { readonly key: infer K extends string }
      ? K
      : N
    : never
  : never;

/** Each key of a level, with the name of its option. */
export type OptionsByKey<L extends Level> = { readonly [N in OptionName as KeyAt<L, N>]: N };

/** The keys of a target, and of all targets, in the order of the help. */
export const TARGET_KEYS: ReadonlyMap<string, OptionName> = keysAt('target');

/** The keys of the whole run. */
export const RUN_KEYS: ReadonlyMap<string, OptionName> = keysAt('run');

function keysAt(level: Level): ReadonlyMap<string, OptionName> {
  return new Map(
    Object.keys(OPTIONS)
      .filter(isOptionName)
      .flatMap((name) => {
        const { config }: OptionRow = OPTIONS[name];
        return config === undefined || (config.level ?? 'target') !== level
          ? []
          : [[config.key ?? name, name] as const];
      }),
  );
}
