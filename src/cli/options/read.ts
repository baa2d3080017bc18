/** Reads the options of one command: each value by the parser of its row, and each error with the place of its value. */
import type { Settings } from '../../check/settings.ts';
import { UsageError } from '../../usage-error.ts';
import { type Parsers, parsers } from './parsers.ts';
import { flagOf, type OptionRows, type Options, type OptionValue, type Parsed } from './row.ts';
import { ValueError } from './value-error.ts';

export interface OptionReader<R extends OptionRows> {
  /** @returns what an option gives, `undefined` where it is not given. @throws UsageError with the place of the value */
  read<N extends keyof R & string>(name: N): Promise<Parsed<R[N]>>;
  /** @returns the settings that all options make together. @throws UsageError with the place of the value */
  settings(): Promise<Partial<Settings>>;
  /** Runs something about the value of an option. @throws UsageError with the place of the value */
  about<T>(name: keyof R & string, run: (flag: string) => T | Promise<T>): Promise<T>;
}

/** A row, given a value of its own kind: commander and the schema of the configuration see to that. */
interface ReadableRow {
  readonly flags: string;
  parse?(value: OptionValue, parsers: Parsers, flag: string): unknown;
  sets?(value: OptionValue, parsers: Parsers, flag: string): Partial<Settings> | Promise<Partial<Settings>>;
}

/**
 * @param rows of the command.
 * @param given the options as commander gives them.
 * @param placeOf says where a value stands in the configuration, `undefined` for one of the command line.
 */
export function optionReader<R extends OptionRows>(
  rows: R,
  given: Options<R>,
  placeOf: (name: keyof R & string) => string | undefined = () => undefined,
): OptionReader<R> {
  const values = new Map<string, OptionValue | undefined>(Object.entries(given));
  const readable: Readonly<Record<string, ReadableRow>> = rows;
  const about = <T>(name: keyof R & string, run: (flag: string) => T | Promise<T>): Promise<T> => {
    const flag = flagOf(readable[name]?.flags ?? name);
    return placed(placeOf(name), flag, () => run(flag));
  };
  return {
    about,
    async read(name) {
      const value = values.get(name);
      const parse = readable[name]?.parse;
      const parsed =
        value === undefined || parse === undefined ? value : await about(name, (flag) => parse(value, parsers, flag));
      // The type says what the parser of the row returns, or what its kind of option gives.
      return parsed as Parsed<R[typeof name]>;
    },
    async settings() {
      const parts: Partial<Settings>[] = [];
      for (const name of Object.keys(rows)) {
        const value = values.get(name);
        const sets = readable[name]?.sets;
        if (value !== undefined && sets) parts.push(await about(name, (flag) => sets(value, parsers, flag)));
      }
      return Object.assign({}, ...parts);
    },
  };
}

/**
 * Puts before an error where the value stands: the place in the configuration, or else the flag before a message that
 * begins with the value.
 */
export async function placed<T>(
  place: string | undefined,
  flag: string | undefined,
  run: () => T | Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const before = place ?? (error instanceof ValueError ? flag : undefined);
    if (before === undefined || !(error instanceof UsageError)) throw error;
    throw new UsageError(`${before}: ${error.message}`);
  }
}
