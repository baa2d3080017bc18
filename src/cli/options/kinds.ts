/** The kinds of options: how the words of the command line become a value, and a value of the configuration file one. */
import type { Kind, OptionValue } from './row.ts';

interface KindOfOption {
  /** Joins the value of a repeated option to those before it. */
  readonly collect?: (value: string, previous?: readonly string[]) => string[];
  /** @returns a value of the configuration file in the form that the command line gives it. */
  readonly fromConfig: (value: unknown, near: (file: string) => string) => unknown;
  /** @returns a value of the command line in the form that the configuration file gives it. */
  readonly toConfig: (value: OptionValue) => unknown;
}

const asItIs = { fromConfig: (value: unknown): unknown => value, toConfig: (value: OptionValue): unknown => value };

/** What is written as a number in the file, and as any text on the command line. */
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

export const KINDS: Readonly<Record<Kind, KindOfOption>> = {
  flag: asItIs,
  text: asItIs,
  choice: asItIs,
  file: { ...asItIs, fromConfig: (value, near) => (typeof value === 'string' ? near(value) : value) },
  port: number,
  seconds: number,
  duration: number,
  list: { ...asItIs, collect: byCommas },
  repeated: { ...asItIs, collect: oneByOne },
  files: { ...asItIs, collect: oneByOne, fromConfig: (value, near) => textsOf(value).map(near) },
  outputs: {
    ...asItIs,
    collect: oneByOne,
    fromConfig: (value, near) =>
      textsOf(value).map((text) => text.replace(/=(.+)$/s, (_, file: string) => `=${near(file)}`)),
  },
  'all or ids': {
    fromConfig: (value) => (value === true ? true : value === false ? undefined : textsOf(value).join(',')),
    toConfig: (value) => (typeof value === 'string' ? value.split(',') : value),
  },
};

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
