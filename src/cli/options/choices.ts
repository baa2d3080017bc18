/** Parses the values of options that have a fixed set of values. */
import { quoteInput, UsageError } from '../../usage-error.ts';
import { nearest } from './nearest.ts';
import { ValueError } from './value-error.ts';

/**
 * @param formats the formats of the command.
 * @returns the format that the user typed.
 * @throws UsageError for an unknown format. The message suggests the nearest one.
 */
export function parseFormat<F extends string>(text: string, formats: readonly F[]): F {
  const format = formats.find((candidate) => candidate === text);
  if (format !== undefined) return format;
  throw new UsageError(
    `unknown format ${quoteInput(text)}${nearest(text, formats)}. Type one of: ${formats.join(', ')}`,
  );
}

/**
 * @returns the text, as one of the choices.
 * @throws ValueError for any other text.
 */
export function oneOf<C extends string>(text: string, choices: readonly C[]): C {
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw new ValueError(`${quoteInput(text)} is not possible. Type one of: ${choices.join(', ')}`);
}
