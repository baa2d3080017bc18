/** A file beside its place. It is moved there when it is whole, so that nothing is ever half written. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';

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
    await rename(this.path, this.#place);
    this.#isThere = false;
  }

  /** Removes the file, unless it is in its place. Never rejects. */
  async remove(): Promise<void> {
    await this.close().catch(() => {});
    if (this.#isThere) await rm(this.path, { force: true }).catch(() => {});
    this.#isThere = false;
  }
}
