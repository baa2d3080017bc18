/**
 * Writes reports to a stream, which its reader may close at any time, or to a file, which is complete or does not
 * exist.
 */
import { constants } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { fileErrorText, isSystemError } from '../../network/fault.ts';
import { printable } from '../../reporters/printable.ts';
import { type Tones, tonesFor } from '../../reporters/tones.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { FileBeside } from './beside.ts';
import { untilAborted } from './interrupt.ts';
import { useColor } from './look.ts';
import { openFileOf } from './open-files.ts';
import { refusalOfSpecial, writeOpenFile, writeWithoutBlocking } from './special-file.ts';

/** @returns the tones for stdout. They add colours only if `useColor` allows them for stdout. */
export function stdoutTones(): Tones {
  return tonesFor(useColor(process.stdout));
}

/** Writes a warning to stderr, as one line that is safe to print. */
export function warn(text: string): void {
  process.stderr.write(`mailcheck: ${printable(text)}\n`);
}

/**
 * Writes all of `text`. If the reader has closed the stream, the promise resolves all the same.
 *
 * @param signal ends a write that blocks, because nobody reads the pipe or the terminal is stopped.
 * @throws the reason of the signal when it is aborted.
 */
export async function writeText(stream: Writable, text: string, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return written(stream, text);
  // Node.js blocks the whole process while it writes to a terminal, so that no signal would be handled.
  if (stream === process.stdout && process.stdout.isTTY) {
    const error = await writeOpenFile(STDOUT, text, signal).catch((thrown: unknown) => thrown);
    signal.throwIfAborted();
    if (error === undefined) return;
  }
  await untilAborted(written(stream, text), signal);
}

const STDOUT = 1;

function written(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      const { code } = (error ?? {}) as NodeJS.ErrnoException;
      if (error && code !== 'EPIPE' && code !== 'ERR_STREAM_DESTROYED') reject(error);
      else resolve();
    });
  });
}

interface WriteOptions {
  /** The file mode of a new file, to which the umask applies. */
  readonly mode?: number;
  /** Ends a write that blocks. */
  readonly signal?: AbortSignal;
}

/**
 * Writes a file. It first writes a temporary file in the same folder, so that a full disk or an interrupt leaves no
 * incomplete report. A symbolic link is replaced, wherever it leads. A pipe or device that the user names is written to
 * directly, unless it belongs to another user. So is an open file of the process, such as `/dev/stderr`.
 *
 * @throws UsageError if the file cannot be written, and the reason of the signal when it is aborted.
 */
export async function writeFileAtomically(
  file: string,
  text: string,
  { mode = 0o644, signal }: WriteOptions = {},
): Promise<void> {
  try {
    const opened = openFileOf(file);
    if (opened?.refusal !== undefined) throw new Error(opened.refusal);
    if (opened !== undefined) await toOpenFile(opened.number, text, signal);
    else if (await isReplaced(file)) await replaceFile(file, text, mode);
    else await toSpecialFile(file, text, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw new UsageError(`cannot write ${quoteInput(file)}: ${fileErrorText(error, 'write')}`);
  }
}

/** Returns whether a new file takes the place of the one with this name, which need not exist. */
async function isReplaced(file: string): Promise<boolean> {
  try {
    const found = await lstat(file);
    return found.isFile() || found.isSymbolicLink();
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return true;
    throw error;
  }
}

async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  const beside = await FileBeside.open(file, mode);
  try {
    await beside.append(text);
    await beside.move();
  } catch (error) {
    await beside.remove();
    throw error;
  }
}

async function toOpenFile(number: number, text: string, signal: AbortSignal | undefined): Promise<void> {
  const stream = [undefined, process.stdout, process.stderr][number];
  if (stream === undefined) await writeOpenFile(number, text, signal);
  else await writeText(stream, text, signal);
}

async function toSpecialFile(file: string, text: string, signal: AbortSignal | undefined): Promise<void> {
  const refusal = refusalOfSpecial(await lstat(file));
  if (refusal !== undefined) throw new Error(refusal);
  await writeWithoutBlocking(file, text, {
    signal,
    flags: constants.O_NOFOLLOW ?? 0,
    isAllowed: (opened) => !opened.isFile() && refusalOfSpecial(opened) === undefined,
  });
}
