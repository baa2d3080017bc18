/**
 * Writes the folder of `-f html=folder`: a page for each target as it ends, and the overview at the end. The rows of the
 * overview wait in a file of their own, so that no fleet is held in memory.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileErrorText, isSystemError } from '../../network/fault.ts';
import {
  fileNameOf,
  OVERVIEW_FILE,
  overviewFoot,
  overviewHead,
  overviewRow,
  targetPage,
} from '../../reporters/fleet/html.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { writeFileAtomically } from '../terminal/output.ts';
import type { Output } from './outputs.ts';

/**
 * @param folder the folder, which is made where there is none.
 * @param temporary gives the name of a file that nobody else uses.
 * @throws UsageError for a folder that cannot be written.
 */
export async function htmlOutput(folder: string, temporary: (file: string) => string): Promise<Output> {
  const overview = join(folder, OVERVIEW_FILE);
  const rowsFile = temporary(overview);
  const wholeFile = temporary(overview);
  const trying = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw new UsageError(`cannot write ${quoteInput(folder)}: ${fileErrorText(error, 'write')}`);
    }
  };
  let rows: FileHandle | undefined = await trying(async () => {
    await mkdir(folder, { recursive: true });
    return open(rowsFile, 'wx', 0o644);
  });
  const close = async (): Promise<void> => {
    const closing = rows;
    rows = undefined;
    await closing?.close();
  };
  return {
    entry: (entry) =>
      trying(async () => {
        await writeFileAtomically(join(folder, fileNameOf(entry)), targetPage(entry));
        await rows?.appendFile(overviewRow(entry));
      }),
    end: (summary) =>
      trying(async () => {
        await close();
        const whole = await open(wholeFile, 'wx', 0o644);
        try {
          await whole.appendFile(overviewHead(summary));
          for await (const chunk of createReadStream(rowsFile)) await whole.appendFile(chunk);
          await whole.appendFile(overviewFoot(summary));
        } finally {
          await whole.close();
        }
        await rename(wholeFile, overview);
      }),
    async abandon() {
      await close().catch(() => {});
      for (const file of [rowsFile, wholeFile]) await rm(file, { force: true }).catch(() => {});
    },
  };
}
