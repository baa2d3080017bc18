/**
 * What a row of the table of options says, and the types that follow from it. Whatever else there is about an option
 * (its place in the help, the manual page and the completion, its key in the configuration file, its type in the code)
 * is derived from its row.
 */
import type { Settings } from '../../check/settings.ts';
import type { Parsers } from './parsers.ts';

/** The values of the kinds of options, before they are parsed. */
interface ValueOfKind {
  /** Given or not; a row whose flags begin with `--no-` is given as `false`. */
  readonly flag: boolean;
  readonly text: string;
  /** One of the `choices` of the row. */
  readonly choice: string;
  /** The name of a file; from the folder of the configuration, where it stands in one. */
  readonly file: string;
  /** A number from 1 to 65535. */
  readonly port: string;
  readonly seconds: string;
  /** Seconds, or a number with a unit: `2m`. */
  readonly duration: string;
  /** Several texts: the option is repeated, or its value has commas in it. */
  readonly list: readonly string[];
  /** Several texts, which may have commas in them: the option is repeated. */
  readonly repeated: readonly string[];
  /** Several names of files. */
  readonly files: readonly string[];
  /** Several formats of the report, each perhaps with `=` and the name of a file. */
  readonly outputs: readonly string[];
  /** Ids with commas between, or `true` where the option has no value, which means all. */
  readonly 'all or ids': string | true;
}

export type Kind = keyof ValueOfKind;

/** A value as commander gives it. */
export type OptionValue = ValueOfKind[Kind] | false;

/** Where an option stands in the configuration file. */
interface ConfigEntry {
  readonly help: string;
  /** Its key, where that is not the name of the option. */
  readonly key?: string;
  /** Whether it holds for the whole run, and not for a target. */
  readonly level?: 'run';
  /** Whether its file holds a secret, which somebody may paste in the place of the file's name. */
  readonly isSecret?: true;
}

interface RowOf<K extends Kind> {
  /** As the help shows them: `-f, --format <format[=file]>`. The completion goes by the placeholder. */
  readonly flags: string;
  readonly help: string;
  readonly takes: K;
  /** What it is when it is not given, as somebody would type it. */
  readonly default?: string;
  /** Every value there is, for the completion. Commander holds a `choice` to them, and a parser any other kind. */
  readonly choices?: readonly string[];
  /** The help of the `--no-` form, which gives `false`. */
  readonly negation?: string;
  readonly config?: ConfigEntry;
  /** What to write into the configuration file in its place, for an option that has no key there. */
  readonly insteadInConfig?: string;
  /** Whether it may be typed beside `--replay`: it is about the report, and not about the run. */
  readonly isForReplay?: true;
  /**
   * Parses a value. Parsers are handed in, since a row is read by every start of the program, and parsers load much.
   *
   * @param flag the option as it is typed, for messages that show how. @throws UsageError
   */
  parse?(value: ValueOfKind[K], parsers: Parsers, flag: string): unknown;
  /** As `parse`, for an option that is a setting of the run: returns the settings that the value makes. */
  sets?(value: ValueOfKind[K], parsers: Parsers, flag: string): Partial<Settings> | Promise<Partial<Settings>>;
}

export type OptionRow = { readonly [K in Kind]: RowOf<K> }[Kind];

/** Options by their names: the long flag in camelCase. */
export type OptionRows = Readonly<Record<string, OptionRow>>;

/** The value of an option before it is parsed. */
type ValueOf<R extends OptionRow> =
  | (R extends { readonly takes: 'choice'; readonly choices: readonly (infer C)[] } ? C : ValueOfKind[R['takes']])
  | (R extends { readonly negation: string } ? false : never);

/** A row whose option always has a value. */
type HasDefault = { readonly default: string };

/** The options of a command as commander gives them, the defaults among them. */
export type Options<R extends OptionRows> = {
  readonly [N in keyof R as R[N] extends HasDefault ? N : never]: ValueOf<R[N]>;
} & {
  readonly [N in keyof R as R[N] extends HasDefault ? never : N]?: ValueOf<R[N]>;
};

/** What reading an option gives: what its parser returns, or its value where it has none. */
export type Parsed<R extends OptionRow> =
  | (R extends { parse(...given: never[]): infer P } ? Awaited<P> : ValueOf<R>)
  | (R extends HasDefault ? never : undefined);

/** @returns the long flag among the flags of a row: `--format`, `--no-asn-lookup`. */
export function flagOf(flags: string): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags;
}
