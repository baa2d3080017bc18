/**
 * Writes to pipes, devices and open files of the process. A write to them can block for ever: nobody may read the pipe,
 * or the terminal may be stopped. Node.js cannot end a blocked write, not even with the process, so nothing here blocks.
 */
import { constants, fstat, type Stats, writeFile } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { win32 } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isSystemError } from '../../network/fault.ts';

/** Time between two attempts to write, in milliseconds. */
const PAUSE_MS = 20;

/** The number of the memory devices on Linux, such as `/dev/null`. In a container they may belong to nobody. */
const MEMORY_DEVICES = 1;

/**
 * @param user the user whose pipes and devices are written to besides those of root.
 * @returns why a file that is neither regular nor a link is not written to, in words, or `undefined`.
 */
export function refusalOfSpecial(found: Stats, user = process.geteuid?.()): string | undefined {
  if (found.isDirectory()) return 'it is a folder';
  if (found.isSocket()) return 'it is a socket';
  if (found.isBlockDevice()) return 'it is a disk';
  const isForAll = found.isCharacterDevice() && found.rdev >> 8 === MEMORY_DEVICES;
  if (user === undefined || isForAll || found.uid === user || found.uid === 0) return undefined;
  return `it is a ${found.isFIFO() ? 'pipe' : 'device'} of another user (number ${found.uid})`;
}

/**
 * @returns why no file can have this name on Windows, in words, or `undefined`. Node.js would make one that hardly any
 *   other program can remove, or hide the text behind a file with a shorter name.
 */
export function refusalOfName(file: string, platform: NodeJS.Platform = process.platform): string | undefined {
  if (platform !== 'win32') return undefined;
  const name = win32.basename(file);
  if (/^(?:con|prn|aux|nul|com\d|lpt\d)(?:[. ]|$)/i.test(name)) return 'Windows keeps this name for a device';
  return name.includes(':') ? 'a file name cannot have a colon on Windows' : undefined;
}

/** Writes to an open file of the process. A regular file is continued where it ends, as a shell's redirection says. */
export async function writeOpenFile(number: number, text: string, signal: AbortSignal | undefined): Promise<void> {
  const found = await promisify(fstat)(number);
  if (found.isSocket()) throw new Error('it is a socket');
  if (found.isFile()) await promisify(writeFile)(number, text);
  else await writeWithoutBlocking(`/dev/fd/${number}`, text, { signal });
}

/**
 * Writes all of a text to a pipe or device. It waits for a reader of the pipe.
 *
 * @param options.isAllowed is asked about the file that was opened, which may not be the one that was looked at before.
 * @throws the reason of the signal when it is aborted, and else the error of the system.
 */
export async function writeWithoutBlocking(
  file: string,
  text: string,
  {
    signal,
    isAllowed = () => true,
    flags = 0,
  }: { signal: AbortSignal | undefined; isAllowed?: (opened: Stats) => boolean; flags?: number },
): Promise<void> {
  const mode = constants.O_WRONLY | (constants.O_NONBLOCK ?? 0) | flags;
  // A pipe without a reader cannot be opened in this mode (ENXIO, open(2)). A device with this error never can.
  const isPipe = (): Promise<boolean> => stat(file).then((found) => found.isFIFO());
  const handle = await repeated('ENXIO', () => open(file, mode), signal, isPipe);
  try {
    if (!isAllowed(await handle.stat())) throw new Error('somebody has put another file in its place');
    await writeAll(handle, Buffer.from(text), signal);
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, octets: Buffer, signal: AbortSignal | undefined): Promise<void> {
  for (let done = 0; done < octets.length; ) {
    const { bytesWritten } = await repeated('EAGAIN', () => handle.write(octets, done), signal);
    done += bytesWritten;
  }
}

/**
 * Repeats what fails with this error of the system, until it succeeds or the signal is aborted.
 *
 * @param mayPass tells whether the error may pass.
 */
async function repeated<T>(
  code: string,
  attempt: () => Promise<T>,
  signal: AbortSignal | undefined,
  mayPass: () => Promise<boolean> = async () => true,
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!isSystemError(error) || error.code !== code || !(await mayPass())) throw error;
    }
    await sleep(PAUSE_MS, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  }
}
