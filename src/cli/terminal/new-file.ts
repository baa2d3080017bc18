/** Writes files that must not exist yet. */
import { randomBytes } from 'node:crypto';
import { link, lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileErrorText, isSystemError } from '../../network/fault.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { refusalOfName } from './special-file.ts';

/** @returns whether there is anything with this name. */
export async function isThere(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined)) !== undefined;
}

/** @throws UsageError if there is anything with this name. */
export async function refuseExisting(file: string): Promise<void> {
  if (await isThere(file)) throw existing(file);
}

function existing(file: string): UsageError {
  return new UsageError(`${quoteInput(file)} exists already, and is never overwritten. Rename it, or use --output-dir`);
}

/**
 * Writes a new file, and the folders around it. The text is written under another name first, so that an interrupt
 * leaves no incomplete file.
 *
 * @throws UsageError if the file exists already or cannot be written.
 */
export async function writeNewFile(file: string, text: string): Promise<void> {
  const path = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const refusal = refusalOfName(file);
    if (refusal !== undefined) throw new Error(refusal);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(path, text, { flag: 'wx', mode: 0o644 });
    // Unlike rename(2), link(2) fails if somebody has made the file in the meantime.
    await link(path, file);
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') throw existing(file);
    throw new UsageError(`cannot write ${quoteInput(file)}: ${fileErrorText(error, 'write')}`);
  } finally {
    await rm(path, { force: true }).catch(() => {});
  }
}
