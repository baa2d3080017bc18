/**
 * Writes reports to a stream, which its reader may close at any time, or to a file, which is complete or does not
 * exist.
 */
import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { Chalk, type ChalkInstance } from 'chalk';
import { printable } from '../../reporters/printable.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';

/**
 * @returns whether to use colours. FORCE_COLOR decides if it is set, then NO_COLOR (no-color.org). Otherwise colours
 *   are used if the stream is a terminal.
 */
export function useColor(stream: Pick<WriteStream, 'isTTY'>): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: term } = process.env;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if (none !== undefined && none !== '') return false;
  return stream.isTTY === true && term !== 'dumb';
}

/** @returns chalk for stdout. It adds colours only if `useColor` allows them for stdout. */
export function stdoutPaint(): ChalkInstance {
  return new Chalk({ level: useColor(process.stdout) ? 1 : 0 });
}

/** Writes a warning to stderr, as one line that is safe to print. */
export function warn(text: string): void {
  process.stderr.write(`mailcheck: ${printable(text)}\n`);
}

/** Writes all of `text`. If the reader has closed the stream, the promise resolves all the same. */
export function writeText(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      const { code } = (error ?? {}) as NodeJS.ErrnoException;
      if (error && code !== 'EPIPE' && code !== 'ERR_STREAM_DESTROYED') reject(error);
      else resolve();
    });
  });
}

/**
 * Writes a file. It first writes a temporary file in the same folder, so that a full disk or an interrupt leaves no
 * incomplete report. A device or pipe, such as `/dev/stderr`, is written to directly.
 *
 * @param mode the file mode of a new file, to which the umask applies.
 * @throws UsageError if the file cannot be written.
 */
export async function writeFileAtomically(file: string, text: string, mode = 0o644): Promise<void> {
  const isSpecial = await stat(file).then(
    (found) => !found.isFile(),
    () => false,
  );
  const path = isSpecial ? file : `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    // The flag `wx` refuses an existing temporary file, which somebody else may have put there, and also a symbolic
    // link.
    const handle = await open(path, isSpecial ? 'w' : 'wx', mode);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    if (!isSpecial) await rename(path, file);
  } catch (error) {
    if (!isSpecial) await rm(path, { force: true });
    throw new UsageError(`cannot write ${quoteInput(file)}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
