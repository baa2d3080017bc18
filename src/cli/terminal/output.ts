/** Where reports go: a stream that may be closed any time, or a file that is either whole or not there. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { Chalk, type ChalkInstance } from 'chalk';
import { quoteInput, UsageError } from '../../usage-error.ts';

/** @returns whether to colour: FORCE_COLOR, then NO_COLOR (no-color.org), then whether the stream is a terminal. */
export function useColor(stream: Pick<WriteStream, 'isTTY'>): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: term } = process.env;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if (none !== undefined && none !== '') return false;
  return stream.isTTY === true && term !== 'dumb';
}

/** @returns chalk for stdout, which paints only where colour is wanted there. */
export function stdoutPaint(): ChalkInstance {
  return new Chalk({ level: useColor(process.stdout) ? 1 : 0 });
}

/** Writes all of `text`; a reader that has gone away is not an error. */
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
 * Writes a file by way of a temporary one beside it, so that a full disk or an interruption leaves no half report. A
 * device or pipe (`/dev/stderr`, a FIFO) is written to directly.
 *
 * @param mode who may read a file that is new, before the umask.
 * @throws UsageError when it cannot be written.
 */
export async function writeFileAtomically(file: string, text: string, mode = 0o644): Promise<void> {
  const isSpecial = await stat(file).then(
    (found) => !found.isFile(),
    () => false,
  );
  const path = isSpecial ? file : `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    // Of the temporary file: never one that somebody else has put there, nor through a link.
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
