/** The error about the value of an option, before its place is known: the command line or the configuration file. */
import { UsageError } from '../../usage-error.ts';

/**
 * An error about a value that an option cannot take. The message begins with the value. The reader of the options
 * prefixes the message with the place: the flag on the command line, or the line and key of the configuration file.
 */
export class ValueError extends UsageError {}

/**
 * Runs a parser that knows nothing about options and whose error message begins with the value.
 *
 * @returns the result of the parser.
 * @throws ValueError with the message of the parser's UsageError.
 */
export async function ofValue<T>(parse: () => T | Promise<T>): Promise<T> {
  try {
    return await parse();
  } catch (error) {
    throw error instanceof UsageError ? new ValueError(error.message) : error;
  }
}
