/**
 * Maps the keys of the configuration file to the options of the check. The map is derived from the table of options.
 */
import type { OptionRow } from '../options/row.ts';
import { isOptionName, OPTIONS, type OptionName } from '../options/table.ts';

/**
 * The level of a key. A `target` key may be set for one target, or at the top of the file for all targets. A `run` key
 * may be set only at the top.
 */
export type Level = 'target' | 'run';

/** The key of an option at a level. It is `never` for an option that has no key at this level. */
type KeyAt<L extends Level, N extends OptionName> = (typeof OPTIONS)[N] extends { readonly config: infer C }
  ? (C extends { readonly level: 'run' } ? 'run' : 'target') extends L
    ? C extends { readonly key: infer K extends string }
      ? K
      : N
    : never
  : never;

/** Maps each key of a level to the name of its option. */
export type OptionsByKey<L extends Level> = { readonly [N in OptionName as KeyAt<L, N>]: N };

/** The keys of the level `target`, each with its option, in the order of the help. */
export const TARGET_KEYS: ReadonlyMap<string, OptionName> = keysAt('target');

/** The keys of the level `run`, each with its option, in the order of the help. */
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
