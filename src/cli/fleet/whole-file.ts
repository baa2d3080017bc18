/** Writes a file piece by piece beside its place, and moves it there at the end, so that the file is always whole. */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { fileErrorText } from '../../network/fault.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { openFileOf } from '../terminal/open-files.ts';

/** A file that is not in its place yet. */
export interface WholeFile {
  /** @throws UsageError if the file cannot be written, as everything else here. */
  write(text: string): Promise<void>;
  /** Puts what was written in its place. */
  finish(): Promise<void>;
  /** Gives what was written, and leaves nothing behind. */
  take(): AsyncIterable<string>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** @throws UsageError for a place that cannot be written to, and for one that is no regular file. */
export async function openWholeFile(file: string): Promise<WholeFile> {
  const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  const failure = (error: unknown): UsageError =>
    new UsageError(`cannot write ${quoteInput(file)}: ${fileErrorText(error, 'write')}`);
  const trying = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw failure(error);
    }
  };
  const found = await lstat(file).catch(() => undefined);
  if (openFileOf(file) !== undefined || (found !== undefined && !found.isFile() && !found.isSymbolicLink())) {
    throw failure(new Error('it is not a regular file'));
  }
  // The flag `wx` refuses a file that somebody else has put there, and also a symbolic link.
  let handle: FileHandle | undefined = await trying(() => open(temporary, 'wx', 0o644));
  let isThere = true;
  const close = async (): Promise<void> => {
    const closing = handle;
    handle = undefined;
    await closing?.close();
  };
  const remove = async (): Promise<void> => {
    await close().catch(() => {});
    if (isThere) await rm(temporary, { force: true }).catch(() => {});
    isThere = false;
  };
  return {
    async write(text) {
      if (text !== '') await trying(async () => handle?.appendFile(text));
    },
    finish: () =>
      trying(async () => {
        await close();
        await rename(temporary, file);
        isThere = false;
      }),
    async *take() {
      await trying(close);
      try {
        yield* createReadStream(temporary, 'utf8');
      } finally {
        await remove();
      }
    },
    abandon: remove,
  };
}
