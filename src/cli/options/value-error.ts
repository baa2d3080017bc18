/** An error about the value of an option, before it is known where that value was written. */
import { UsageError } from '../../usage-error.ts';

/**
 * A value that an option cannot take. The message begins with the value; whoever reads the option puts before it where
 * the value stands: the flag on the command line, or the line and key of the configuration file.
 */
export class ValueError extends UsageError {}

/**
 * Runs a parser of another folder, which knows nothing of options and whose message begins with the value.
 *
 * @returns what the parser returns. @throws ValueError in the place of a UsageError
 */
export async function ofValue<T>(parse: () => T | Promise<T>): Promise<T> {
  try {
    return await parse();
  } catch (error) {
    throw error instanceof UsageError ? new ValueError(error.message) : error;
  }
}
