/**
 * Reads the options of a command. The parser of the row reads each value, and an error says where the value was
 * written.
 */
import type { Settings } from '../../check/settings.ts';
import { UsageError } from '../../usage-error.ts';
import { type Parsers, parsers } from './parsers.ts';
import { flagOf, type OptionRows, type Options, type OptionValue, type Parsed } from './row.ts';
import { ValueError } from './value-error.ts';

/** Reads the options of one command. */
export interface OptionReader<R extends OptionRows> {
  /**
   * @returns the parsed value of an option, or `undefined` if the option is not given.
   * @throws UsageError with the place of the value.
   */
  read<N extends keyof R & string>(name: N): Promise<Parsed<R[N]>>;
  /**
   * @returns the settings of all options together.
   * @throws UsageError with the place of the value.
   */
  settings(): Promise<Partial<Settings>>;
  /**
   * Runs a function that checks or uses the value of an option.
   *
   * @throws UsageError with the place of the value, if the function throws a UsageError.
   */
  about<T>(name: keyof R & string, run: (flag: string) => T | Promise<T>): Promise<T>;
}

/**
 * A row whose parser takes any value. Commander and the configuration schema ensure that the value has the row's kind.
 */
interface ReadableRow {
  readonly flags: string;
  parse?(value: OptionValue, parsers: Parsers, flag: string): unknown;
  sets?(value: OptionValue, parsers: Parsers, flag: string): Partial<Settings> | Promise<Partial<Settings>>;
}

/** The settings that the readers of several targets share, by option and value. A file of all targets is read once. */
export type SettingsMemory = Map<string, Promise<Partial<Settings>>>;

interface ReaderOptions<R extends OptionRows> {
  /** @returns the place of a value in the configuration file, or `undefined` for a value of the command line. */
  readonly placeOf?: (name: keyof R & string) => string | undefined;
  readonly memory?: SettingsMemory;
}

/**
 * @param rows the options of the command.
 * @param given the values as commander gives them.
 */
export function optionReader<R extends OptionRows>(
  rows: R,
  given: Options<R>,
  { placeOf = () => undefined, memory = new Map() }: ReaderOptions<R> = {},
): OptionReader<R> {
  const values = new Map<string, OptionValue | undefined>(Object.entries(given));
  const readable: Readonly<Record<string, ReadableRow>> = rows;
  const about = <T>(name: keyof R & string, run: (flag: string) => T | Promise<T>): Promise<T> => {
    const flag = flagOf(readable[name]?.flags ?? name);
    return placed(
      () => placeOf(name),
      flag,
      () => run(flag),
    );
  };
  const setting = (name: keyof R & string, value: OptionValue): Promise<Partial<Settings>> => {
    const sets = readable[name]?.sets;
    const read = async (): Promise<Partial<Settings>> =>
      about(name, async (flag) => sets?.(value, parsers, flag) ?? {});
    if (typeof value !== 'string') return read();
    const key = `${name} ${value}`;
    const known = memory.get(key) ?? read();
    memory.set(key, known);
    return known;
  };
  return {
    about,
    async read(name) {
      const value = values.get(name);
      const parse = readable[name]?.parse;
      const parsed =
        value === undefined || parse === undefined ? value : await about(name, (flag) => parse(value, parsers, flag));
      // `Parsed` is derived from the same row: it is the parser's result, or the value itself without a parser.
      return parsed as Parsed<R[typeof name]>;
    },
    async settings() {
      const parts: Partial<Settings>[] = [];
      for (const name of Object.keys(rows)) {
        const value = values.get(name);
        if (value !== undefined) parts.push(await setting(name, value));
      }
      return Object.assign({}, ...parts);
    },
  };
}

/**
 * Runs a function, and prefixes its UsageError with the place of the value: the place in the configuration file, or the
 * flag. The flag is added only to a ValueError, whose message begins with the value.
 */
export async function placed<T>(
  placeOf: () => string | undefined,
  flag: string | undefined,
  run: () => T | Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const before = placeOf() ?? (error instanceof ValueError ? flag : undefined);
    if (before === undefined) throw error;
    throw new UsageError(`${before}: ${error.message}`);
  }
}
