/** Reads a text that the user pastes or pipes to the program. */
import type { Readable } from 'node:stream';
import { UsageError } from '../../usage-error.ts';
import { warn } from './output.ts';

const MIB = 1024 * 1024;

/** The most bytes that are read. A bounce has its replies before the mail that it returns. */
const MAX_BYTES = MIB;

/** The keys that end the input in a terminal. */
export const END_OF_INPUT = process.platform === 'win32' ? 'Ctrl-Z and Enter' : 'Ctrl-D';

/** Where a text is read from: `process.stdin`, or a stream in its place. */
export type Input = Readable & { readonly isTTY?: boolean };

/**
 * Reads all of standard input. If it is a terminal, it says on stderr what it waits for.
 *
 * @param what what the user is to paste, such as `the bounce`.
 * @returns the text, decoded as UTF-8. Of more than 1 MiB it is the beginning, which is said on stderr.
 * @throws UsageError when standard input cannot be read.
 */
export async function readStdin(what: string, input: () => Input = () => process.stdin): Promise<string> {
  const content = await beginningOfStdin(what, MAX_BYTES, input);
  if (content.length > MAX_BYTES) warn(`standard input has more than ${MAX_BYTES / MIB} MiB; the rest is not read`);
  return content.subarray(0, MAX_BYTES).toString('utf8');
}

/**
 * Reads all of standard input. If it is a terminal, it says on stderr what it waits for.
 *
 * @param what what the user is to paste, such as `the bounce`.
 * @throws UsageError when standard input cannot be read, or has more than `maxBytes`.
 */
export async function readStdinBytes(
  what: string,
  maxBytes: number,
  input: () => Input = () => process.stdin,
): Promise<Buffer> {
  const content = await beginningOfStdin(what, maxBytes, input);
  if (content.length > maxBytes) throw new UsageError(`standard input is larger than ${maxBytes / MIB} MiB`);
  return content;
}

/** Returns standard input, or a beginning of it that is longer than `maxBytes`. */
async function beginningOfStdin(what: string, maxBytes: number, input: () => Input): Promise<Buffer> {
  try {
    const stream = input();
    if (stream.isTTY) warn(`paste ${what}, then press Enter and ${END_OF_INPUT}`);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream) {
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size > maxBytes) break;
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw new UsageError(`cannot read standard input: ${error instanceof Error ? error.message : String(error)}`);
  }
}
