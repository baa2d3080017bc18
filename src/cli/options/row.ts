/**
 * Defines the row of the table of options, and the types that are derived from it. Everything about an option comes
 * from its row: its place in the help, the manual page and the completion, its key in the configuration file, and its
 * type.
 */
import type { Settings } from '../../check/settings.ts';
import type { Parsers } from './parsers.ts';

/** The type of an option of each kind, before it is parsed. */
interface ValueOfKind {
  /** Whether the flag is given. A flag that begins with `--no-` gives `false`. */
  readonly flag: boolean;
  readonly text: string;
  /** One of the `choices` of the row. */
  readonly choice: string;
  /** The name of a file. In a configuration file it is relative to the folder of that file. */
  readonly file: string;
  /** A number from 1 to 65535. */
  readonly port: string;
  readonly seconds: string;
  /** A number of seconds, or a number with a unit such as `2m`. */
  readonly duration: string;
  /** Several texts. The user repeats the option or separates the texts by commas. */
  readonly list: readonly string[];
  /** Several texts that may contain commas. The user repeats the option. */
  readonly repeated: readonly string[];
  /** Several names of files. */
  readonly files: readonly string[];
  /** Several report formats, each optionally followed by `=` and the name of a file. */
  readonly outputs: readonly string[];
  /** Ids separated by commas, or `true` for an option without a value, which means all. */
  readonly 'all or ids': string | true;
}

/** The name of a kind of option. */
export type Kind = keyof ValueOfKind;

/** The value of an option as commander gives it. */
export type OptionValue = ValueOfKind[Kind] | false;

/** The key of an option in the configuration file. */
interface ConfigEntry {
  readonly help: string;
  /** The key. The default is the name of the option. */
  readonly key?: string;
  /** The level `run` means that the key holds for the whole run and cannot be set for one target. */
  readonly level?: 'run';
  /** Whether the file contains a secret, which a user may paste by mistake instead of the file name. */
  readonly isSecret?: true;
  /** Whether only a configuration that the user names may have the key. One that was found may not. */
  readonly isForNamedFile?: true;
}

interface RowOf<K extends Kind> {
  /** The flags in the help: `-f, --format <format[=file]>`. The completion uses the placeholder to offer values. */
  readonly flags: string;
  readonly help: string;
  readonly takes: K;
  /** The default value, as a user would type it. */
  readonly default?: string;
  /**
   * All possible values. Commander checks them for the kind `choice`. For any other kind the parser must check them.
   */
  readonly choices?: readonly string[];
  /** The help of the `--no-` form, which gives `false`. */
  readonly negation?: string;
  readonly config?: ConfigEntry;
  /** What to write in the configuration file instead, for an option that has no key there. */
  readonly insteadInConfig?: string;
  /** Whether the option is allowed with `--replay`, because it concerns the report and not the run. */
  readonly isForReplay?: true;
  /** Whether few users need the option, so that the help lists it last. */
  readonly isRare?: true;
  /** Whether the option matters to one run only, so that the commands that a report prints leave it out. */
  readonly isForOneRun?: true;
  /**
   * Parses a value. The parsers are an argument, because every start of the program loads the rows, and the parsers
   * need large modules.
   *
   * @param flag the flag of the option, which an error message may show.
   * @throws UsageError for a value that cannot be used.
   */
  parse?(value: ValueOfKind[K], parsers: Parsers, flag: string): unknown;
  /** Parses a value as `parse` does, and returns the settings of the run that follow from it. */
  sets?(value: ValueOfKind[K], parsers: Parsers, flag: string): Partial<Settings> | Promise<Partial<Settings>>;
}

/** The row of an option of any kind. */
export type OptionRow = { readonly [K in Kind]: RowOf<K> }[Kind];

/** Rows by the names of their options, which are the long flags in camelCase. */
export type OptionRows = Readonly<Record<string, OptionRow>>;

/** Options under one heading of the help. */
export type OptionGroup = readonly [heading: string, rows: OptionRows];

/** The value of an option before it is parsed. */
type ValueOf<R extends OptionRow> =
  | (R extends { readonly takes: 'choice'; readonly choices: readonly (infer C)[] } ? C : ValueOfKind[R['takes']])
  | (R extends { readonly negation: string } ? false : never);

/** A row whose option always has a value. */
type HasDefault = { readonly default: string };

/** The options of a command as commander gives them, with the defaults. */
export type Options<R extends OptionRows> = {
  readonly [N in keyof R as R[N] extends HasDefault ? N : never]: ValueOf<R[N]>;
} & {
  readonly [N in keyof R as R[N] extends HasDefault ? never : N]?: ValueOf<R[N]>;
};

/** The type of an option after it is read: the result of its parser, or its value if it has no parser. */
export type Parsed<R extends OptionRow> =
  | (R extends { parse(...given: never[]): infer P } ? Awaited<P> : ValueOf<R>)
  | (R extends HasDefault ? never : undefined);

/** @returns the long flag among the flags of a row: `--format`, `--no-asn-lookup`. */
export function flagOf(flags: string): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags;
}
