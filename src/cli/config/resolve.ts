/**
 * Resolves the options of a run. An option on the command line overrides the option of a target. That overrides the
 * option for all targets, which overrides the default.
 */
import { dirname, resolve } from 'node:path';
import { KINDS } from '../options/kinds.ts';
import { type CheckArguments, OPTIONS, type OptionName, RIVALS } from '../options/table.ts';
import { RUN_KEYS, TARGET_KEYS } from './keys.ts';
import type { LoadedConfig } from './load.ts';
import type { Path } from './path.ts';
import { shownFile } from './source.ts';

/** Where the value of an option comes from. */
export type Origin = 'command line' | 'file' | 'default';

/** The options of a run or a target, each with its origin. */
export interface Resolved {
  readonly options: CheckArguments;
  origin(option: OptionName): Origin;
  /** @returns the place of the option's value in the configuration file, or `undefined` if it comes from elsewhere. */
  place(option: OptionName): string | undefined;
}

/** The options of the command line. */
export interface Typed {
  readonly options: CheckArguments;
  /** The names of the options on the command line. The other options have their defaults. */
  readonly typed: ReadonlySet<string>;
}

interface FromFile {
  readonly value: unknown;
  readonly path: Path;
}

type Layer = ReadonlyMap<OptionName, FromFile>;

/**
 * Resolves the options of one target, or those for all targets.
 *
 * @param index the position of the target in the configuration file. If it is undefined, no target's own options apply.
 * @returns the options in the form that the command line gives them.
 */
export function resolveOptions({ options, typed }: Typed, loaded: LoadedConfig | undefined, index?: number): Resolved {
  const layers = loaded === undefined ? [] : layersOf(loaded, index);
  const values = new Map<OptionName, FromFile>();
  const isTyped = (option: OptionName): boolean => typed.has(option);
  const above: ((option: OptionName) => boolean)[] = [isTyped];
  for (const layer of layers) {
    for (const [option, found] of layer) {
      const isOverridden = above.some(
        (has) => has(option) || RIVALS.some(([upper, lower]) => lower === option && has(upper)),
      );
      if (!isOverridden) values.set(option, found);
    }
    above.push((option) => layer.has(option));
  }
  const fromFile = Object.fromEntries([...values].map(([option, { value }]) => [option, value]));
  return {
    options: { ...options, ...fromFile },
    origin: (option) => (values.has(option) ? 'file' : isTyped(option) ? 'command line' : 'default'),
    place: (option) => {
      const found = values.get(option);
      return found === undefined ? undefined : loaded?.place(found.path);
    },
  };
}

/** Returns the layers of the configuration file. The first one overrides the second. */
function layersOf({ config, file }: LoadedConfig, index: number | undefined): Layer[] {
  const target = index === undefined ? undefined : config.targets?.[index];
  const run = layer(config, [], new Map([...TARGET_KEYS, ...RUN_KEYS]), dirname(file));
  return target === undefined ? [run] : [layer(target, ['targets', index ?? 0], TARGET_KEYS, dirname(file)), run];
}

function layer(values: object, path: Path, keys: ReadonlyMap<string, OptionName>, directory: string): Layer {
  const near = (file: string): string => shownFile(resolve(directory, file));
  return new Map(
    Object.entries(values).flatMap(([key, value]) => {
      const option = keys.get(key);
      if (option === undefined || value === undefined) return [];
      const typed = KINDS[OPTIONS[option].takes].fromConfig(value, near);
      return [[option, { value: typed, path: [...path, key] }] as const];
    }),
  );
}
