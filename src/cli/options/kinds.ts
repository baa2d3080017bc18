/**
 * Defines the kinds of options: how repeated words are joined, and how a value is written in the configuration file.
 */
import type { Kind, OptionValue } from './row.ts';

interface KindOfOption {
  /** Adds the value of a repeated option to the previous values. */
  readonly collect?: (value: string, previous?: readonly string[]) => string[];
  /**
   * @param near resolves a file name from the folder of the configuration file.
   * @returns the value of the configuration file in the form that the command line gives it.
   */
  readonly fromConfig: (value: unknown, near: (file: string) => string) => unknown;
  /** @returns the names of the files in a value of the command line. */
  readonly filesIn?: (value: unknown) => readonly string[];
  /** @returns the value of the command line in the form that it has in the configuration file. */
  readonly toConfig: (value: OptionValue) => unknown;
}

const asItIs = { fromConfig: (value: unknown): unknown => value, toConfig: (value: OptionValue): unknown => value };

/** Converts a value that is a number in the configuration file and a text on the command line. */
const number = {
  fromConfig: (value: unknown): unknown => (typeof value === 'number' ? String(value) : value),
  toConfig: (value: OptionValue): unknown => (Number.isFinite(Number(value)) ? Number(value) : value),
};

const byCommas = (value: string, previous: readonly string[] = []): string[] => [
  ...previous,
  ...value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
];

const oneByOne = (value: string, previous: readonly string[] = []): string[] => [...previous, value];

/** The conversions of each kind of option. */
export const KINDS: Readonly<Record<Kind, KindOfOption>> = {
  flag: asItIs,
  text: asItIs,
  choice: asItIs,
  file: {
    ...asItIs,
    fromConfig: (value, near) => (typeof value === 'string' ? near(value) : value),
    filesIn: (value) => (typeof value === 'string' ? [value] : []),
  },
  port: number,
  seconds: number,
  duration: number,
  list: { ...asItIs, collect: byCommas },
  repeated: { ...asItIs, collect: oneByOne },
  files: {
    ...asItIs,
    collect: oneByOne,
    fromConfig: (value, near) => textsOf(value).map(near),
    filesIn: textsOf,
  },
  outputs: {
    ...asItIs,
    collect: oneByOne,
    fromConfig: (value, near) =>
      textsOf(value).map((text) => text.replace(/=(.+)$/s, (_, file: string) => `=${near(file)}`)),
    filesIn: (value) => textsOf(value).flatMap((text) => /=(.+)$/s.exec(text)?.[1] ?? []),
  },
  'all or ids': {
    fromConfig: (value) => (value === true ? true : value === false ? undefined : textsOf(value).join(',')),
    toConfig: (value) => (typeof value === 'string' ? value.split(',') : value),
  },
};

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
