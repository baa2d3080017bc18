/** Writes a file piece by piece beside its place, and moves it there at the end, so that the file is always whole. */
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { fileErrorText } from '../../network/fault.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { FileBeside } from '../terminal/beside.ts';
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
  const beside = await trying(() => FileBeside.open(file, 0o644));
  return {
    write: (text) => trying(() => beside.append(text)),
    finish: () => trying(() => beside.move()),
    async *take() {
      await trying(() => beside.close());
      try {
        yield* createReadStream(beside.path, 'utf8');
      } finally {
        await beside.remove();
      }
    },
    abandon: () => beside.remove(),
  };
}
