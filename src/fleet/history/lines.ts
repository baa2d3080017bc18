/** Reads the lines of a large file: first all of them one after the other, then any of them again. */
import { closeSync, openSync, readSync } from 'node:fs';
import { fileErrorText } from '../../network/fault.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';

/** The longest line, in bytes. A report is far smaller. */
const MAX_LINE = 32 * 1024 * 1024;
const CHUNK = 256 * 1024;
const NEWLINE = 10;

/** Where a line stands. */
export interface LinePlace {
  /** From 1. */
  readonly number: number;
  /** The byte it begins at. */
  readonly offset: number;
  readonly bytes: number;
}

/** A file whose lines can be read again. */
export class LineFile {
  readonly #name: string;
  readonly #descriptor: number;

  /** @throws UsageError if the file cannot be opened. */
  constructor(name: string) {
    this.#name = name;
    try {
      this.#descriptor = openSync(name, 'r');
    } catch (error) {
      throw unreadable(name, error);
    }
  }

  /**
   * Reads the file from its beginning, and holds one line in memory.
   *
   * @returns the lines without empty ones. A last line that no line break ends is marked: it may be torn.
   * @throws UsageError for a line above `MAX_LINE`, or if the file cannot be read.
   */
  *lines(): Generator<LinePlace & { readonly text: string; readonly isTorn: boolean }> {
    let rest = Buffer.alloc(0);
    let offset = 0;
    let number = 0;
    const chunk = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const read = this.#read(chunk, offset + rest.length);
      const data = Buffer.concat([rest, chunk.subarray(0, read)]);
      let begin = 0;
      // No line break is in what was left of the chunk before.
      for (let end = data.indexOf(NEWLINE, rest.length); end >= 0; end = data.indexOf(NEWLINE, begin)) {
        number += 1;
        const text = data.toString('utf8', begin, end);
        if (text.trim() !== '') yield { number, offset: offset + begin, bytes: end - begin, text, isTorn: false };
        begin = end + 1;
      }
      offset += begin;
      rest = data.subarray(begin);
      if (rest.length > MAX_LINE)
        throw new UsageError(`line ${number + 1} of ${quoteInput(this.#name)} is longer than ${MAX_LINE >> 20} MiB`);
      if (read === 0) break;
    }
    const text = rest.toString('utf8');
    if (text.trim() !== '') yield { number: number + 1, offset, bytes: rest.length, text, isTorn: true };
  }

  /** @returns the text of a line. */
  at({ offset, bytes }: Pick<LinePlace, 'offset' | 'bytes'>): string {
    const buffer = Buffer.allocUnsafe(bytes);
    for (let filled = 0; filled < bytes; ) {
      const read = this.#read(buffer.subarray(filled), offset + filled);
      if (read === 0) throw new UsageError(`${quoteInput(this.#name)} became shorter while it was read`);
      filled += read;
    }
    return buffer.toString('utf8');
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #read(buffer: Buffer, position: number): number {
    try {
      return readSync(this.#descriptor, buffer, 0, buffer.length, position);
    } catch (error) {
      throw unreadable(this.#name, error);
    }
  }
}

function unreadable(name: string, error: unknown): UsageError {
  return new UsageError(`cannot read ${quoteInput(name)}: ${fileErrorText(error, 'read')}`);
}
