/** Reads the values of `--format` and `--output`: where each format goes. */
import { resolve } from 'node:path';
import { UsageError } from '../../usage-error.ts';
import { parseFormat } from './choices.ts';

/** A format and the file it is written to. Without a file, it is written to stdout. */
export interface Output<F extends string> {
  readonly format: F;
  readonly file?: string;
}

/** What the outputs of a command are. */
interface OutputsOf<F extends string> {
  readonly formats: readonly F[];
  /** The format where the user names none. */
  readonly usual: F;
  /** @returns a name of a file for an error message. */
  readonly example: (format: F) => string;
  /** The same where the user types `=` and no name. */
  readonly exampleOfNone: (format: F) => string;
  /** Refuses an output that the command cannot write. */
  readonly refuse?: (output: Output<F>) => void;
}

/**
 * @param texts the values of `--format`, each `format` or `format=file`.
 * @param file the value of `--output`, for the format that names no file.
 * @throws UsageError for an unknown format, for two formats that would go to stdout or to the same file, or for a
 *   `file` that no format uses.
 */
export function parseOutputs<F extends string>(
  texts: readonly string[] | undefined,
  file: string | undefined,
  { formats, usual, example, exampleOfNone, refuse = () => {} }: OutputsOf<F>,
): Output<F>[] {
  const outputs = (texts ?? [usual]).map((text): Output<F> => {
    const [, name = '', own] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    const format = parseFormat(name.trim(), formats);
    if (own === '')
      throw new UsageError(
        `--format ${format}= has no file name. Type one: --format ${format}=${exampleOfNone(format)}`,
      );
    const place = own ?? file;
    const output: Output<F> = place === undefined ? { format } : { format, file: place };
    refuse(output);
    return output;
  });
  const places = outputs.map((output) => (output.file === undefined ? 'stdout' : resolve(output.file)));
  const twice = outputs.find((_, index) => places.indexOf(places[index] ?? '') < index);
  if (twice !== undefined) {
    throw new UsageError(
      `two formats for ${twice.file ?? 'stdout'}. Give one of them a file of its own: --format ${twice.format}=${example(twice.format)}`,
    );
  }
  if (file !== undefined && !outputs.some((output) => output.file === file)) {
    throw new UsageError('every --format has its own file, so --output is not needed');
  }
  return outputs;
}

/** @returns whether an output is the line of a plugin on stdout. */
export function isPluginLine({ format, file }: Output<string>): boolean {
  return format === 'nagios' && file === undefined;
}
