/** A file beside its place. It is moved there when it is whole, so that nothing is ever half written. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSystemError } from '../../network/fault.ts';
import { refusalOfName } from './special-file.ts';

/** A file that is not in its place yet. Its methods throw what the system says. */
export class FileBeside {
  /** Where it stands until then. */
  readonly path: string;
  readonly #place: string;
  #handle: FileHandle | undefined;
  #isThere = true;

  private constructor(place: string, path: string, handle: FileHandle) {
    this.#place = place;
    this.path = path;
    this.#handle = handle;
  }

  /** @param mode the file mode, to which the umask applies. */
  static async open(place: string, mode: number): Promise<FileBeside> {
    const refusal = refusalOfName(place);
    if (refusal !== undefined) throw new Error(refusal);
    const path = `${place}.${randomBytes(4).toString('hex')}.tmp`;
    // The flag `wx` refuses a file that somebody else has put there, and also a symbolic link.
    return new FileBeside(place, path, await open(path, 'wx', mode));
  }

  async append(text: string): Promise<void> {
    if (text !== '') await this.#handle?.appendFile(text);
  }

  /** Closes the file, which stays where it is. */
  async close(): Promise<void> {
    const closing = this.#handle;
    this.#handle = undefined;
    await closing?.close();
  }

  /** Moves the file to its place. A symbolic link there is replaced. */
  async move(): Promise<void> {
    await this.close();
    await moved(() => rename(this.path, this.#place));
    this.#isThere = false;
  }

  /** Removes the file, unless it is in its place. Never rejects. */
  async remove(): Promise<void> {
    await this.close().catch(() => {});
    if (this.#isThere) await rm(this.path, { force: true }).catch(() => {});
    this.#isThere = false;
  }
}

/** The errors of Windows for a file that another program has open, as virus scanners do with new files for a moment. */
const IN_USE = ['EACCES', 'EBUSY', 'EPERM'];

/** Milliseconds before each further attempt. */
const PAUSES_MS = [20, 100, 500];

/**
 * Moves a file, and tries again where that may help.
 *
 * @throws the error of the last attempt.
 */
export async function moved(move: () => Promise<void>, platform: NodeJS.Platform = process.platform): Promise<void> {
  for (const pause of platform === 'win32' ? PAUSES_MS : []) {
    try {
      return await move();
    } catch (error) {
      if (!isSystemError(error) || !IN_USE.includes(error.code ?? '')) throw error;
    }
    await sleep(pause);
  }
  await move();
}
