/**
 * The journal of a run: a file with one line for each judged target, which is only ever appended to. A line counts when it
 * is on the disk. What a crash leaves of a last line is cut off when the file is opened again.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, truncate } from 'node:fs/promises';
import type { Report } from '../report/status.ts';
import { linesOf } from './input/lines.ts';
import type { Journal } from './run-fleet.ts';
import type { FleetTarget } from './target.ts';

/** A judged target as the journal has it. */
export interface JournalEntry extends Pick<FleetTarget, 'id' | 'place' | 'tags'> {
  readonly report: Report;
}

/** The journal in a file. */
export interface FileJournal extends Journal<Report> {
  /**
   * Reads what was judged before, one target at a time, each once. It cuts off what a crash left of a last line. It must
   * be read to its end before anything is kept.
   */
  entries(): AsyncIterable<JournalEntry>;
  /** Waits for what is being written, and closes the file. */
  close(): Promise<void>;
}

/** The longest line that is read, in bytes. A report of a hundred addresses has some megabytes. */
const MAX_ENTRY_BYTES = 64 * 1024 * 1024;

/** The file mode: a report shows the network of the user from the inside. */
const OWNER_ONLY = 0o600;

/**
 * Opens a journal, which need not exist.
 *
 * @param onDamaged is called with the number of each line that cannot be read. Its target is judged again.
 * @throws the error of the system for a file that cannot be opened.
 */
export async function openJournal(file: string, onDamaged: (line: number) => void): Promise<FileJournal> {
  const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW = 0 } = constants;
  const handle = await open(file, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, OWNER_ONLY);
  const ids = new Set<string>();
  const writer = writerOf(handle);
  return {
    has: (id) => ids.has(id),
    async *entries() {
      let size = 0;
      for await (const line of linesOf(handle.createReadStream({ start: 0, autoClose: false }), MAX_ENTRY_BYTES)) {
        if (!line.isEnded) break;
        size += line.bytes;
        const entry = line.isTooLong ? undefined : entryOf(line.text);
        if (entry === undefined) onDamaged(line.number);
        else if (!ids.has(entry.id)) {
          ids.add(entry.id);
          yield entry;
        }
      }
      // On Windows, which has no such flag, a file that is opened for appending cannot be cut by its handle.
      await (O_NOFOLLOW === 0 ? truncate(file, size) : handle.truncate(size));
    },
    async keep({ id, place, tags }, report) {
      await writer.write(`${JSON.stringify({ id, place, tags, report } satisfies JournalEntry)}\n`);
      ids.add(id);
    },
    async close() {
      await writer.settled();
      await handle.close();
    },
  };
}

/** Returns the entry in a line, or `undefined` for a line that is none. Only this program writes the file. */
function entryOf(text: string): JournalEntry | undefined {
  try {
    const entry: Partial<JournalEntry> | null = JSON.parse(text);
    const isEntry =
      typeof entry?.id === 'string' &&
      typeof entry.place === 'string' &&
      Array.isArray(entry.tags) &&
      Array.isArray(entry.report?.rules) &&
      typeof entry.report.target?.domain === 'string';
    return isEntry ? (entry as JournalEntry) : undefined;
  } catch {
    return undefined;
  }
}

interface Waiting {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Appends texts. All that wait at the same time are written and synchronised together. */
function writerOf(handle: FileHandle) {
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        if (failure !== undefined) throw failure.error;
        await handle.appendFile(batch.map(({ text }) => text).join(''));
        await handle.datasync();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        // What is behind an incomplete line would be lost with it, so nothing more is written.
        failure ??= { error };
        for (const { reject } of batch) reject(error);
      }
    }
    writing = undefined;
  };

  return {
    write: (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        waiting.push({ text, resolve, reject });
        writing ??= writeAll();
      }),
    settled: async (): Promise<void> => writing,
  };
}
