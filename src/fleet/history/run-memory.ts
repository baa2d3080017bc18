/**
 * Keeps what is remembered of all targets in a folder: `history.ndjson`, one line a target. A run writes a new file
 * beside it, which takes its place when the run is complete. The file of the run before stays as `history.last.ndjson`,
 * so that a run that is interrupted at its very end is compared with the same runs again.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileErrorText } from '../../network/fault.ts';
import type { FleetChanges, FleetEntry, TargetChange } from '../../report/fleet.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { LineFile } from './lines.ts';
import { firstMemory, recall, settleByTwo } from './memory.ts';
import { idIn, type MemoryLine, readHeader, readLine, textOfHeader, textOfLine } from './memory-text.ts';
import { Offsets } from './offsets.ts';
import { Tally } from './tally.ts';

/** What is written at once, in characters. */
const BATCH = 256 * 1024;

/** The file mode: what is remembered shows the network of the user from the inside. */
const OWNER_ONLY = 0o600;

/** The memory of the runs in one folder. */
export class RunMemory {
  readonly #file: string;
  readonly #last: string;
  readonly #new: string;
  readonly #before: Before | undefined;
  readonly #tally = new Tally();
  readonly #out: number;
  #waiting: string[] = [];
  #waitingSize = 0;

  /**
   * @param folder a folder that exists.
   * @param runId the run that is compared and remembered.
   * @throws UsageError if the folder cannot be written to, or what it remembers is damaged.
   */
  constructor(folder: string, runId: string) {
    this.#file = join(folder, 'history.ndjson');
    this.#last = join(folder, 'history.last.ndjson');
    this.#new = join(folder, 'history.new.ndjson');
    this.#before = openBefore(this.#file, runId) ?? openBefore(this.#last, runId);
    this.#out = this.#writing(() => {
      rmSync(this.#new, { force: true });
      return openSync(this.#new, 'wx', OWNER_ONLY);
    });
    this.#write(textOfHeader(runId));
  }

  /** @returns what changed since the earlier runs. It is `undefined` if there was none. */
  changeOf({ id, report }: Pick<FleetEntry, 'id' | 'report'>): TargetChange | undefined {
    const before = this.#before?.lineOf(id);
    const { memory, change } =
      before === undefined
        ? { memory: firstMemory(report), change: { state: 'new' as const, worse: [], better: [] } }
        : recall(before.memory, report, settleByTwo);
    this.#write(textOfLine({ id, domain: report.target.domain, memory }));
    if (this.#before === undefined) return undefined;
    this.#tally.add(change);
    return change;
  }

  /** Keeps what is remembered of a target of the input that this run does not judge. */
  leave(id: string): void {
    const before = this.#before?.lineOf(id);
    if (before !== undefined) this.#write(textOfLine(before));
  }

  /**
   * @param isComplete whether every target of the input was judged or left. Otherwise no target counts as gone, and the
   *   others are remembered as they were.
   * @returns what changed in all targets. It is `undefined` if there was no earlier run.
   */
  end(isComplete: boolean): FleetChanges | undefined {
    this.#before?.eachUnused((read) => {
      if (isComplete) this.#tally.gone(() => read().domain);
      else this.#write(textOfLine(read()));
    });
    return this.#before === undefined ? undefined : this.#tally.changes();
  }

  /** Makes this run the last one. Called when it is complete. */
  keep(): void {
    this.#writing(() => {
      this.#flush();
      fsyncSync(this.#out);
      if (this.#before?.file === this.#file) renameSync(this.#file, this.#last);
      renameSync(this.#new, this.#file);
    });
  }

  /** Closes the files. What `keep` has not kept is removed. */
  close(): void {
    this.#before?.close();
    closeSync(this.#out);
    rmSync(this.#new, { force: true });
  }

  #write(line: string): void {
    this.#waiting.push(line);
    this.#waitingSize += line.length;
    if (this.#waitingSize >= BATCH) this.#writing(() => this.#flush());
  }

  #flush(): void {
    let rest = Buffer.from(this.#waiting.join(''));
    while (rest.length > 0) rest = rest.subarray(writeSync(this.#out, rest));
    this.#waiting = [];
    this.#waitingSize = 0;
  }

  #writing<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw new UsageError(`cannot write ${quoteInput(this.#new)}: ${fileErrorText(error, 'write')}`);
    }
  }
}

/** What the runs before remember. */
class Before {
  readonly file: string;
  readonly runId: string;
  readonly #lines: LineFile;
  readonly #offsets = new Offsets();
  readonly #numbers = new Map<string, number>();

  /** @throws UsageError if the file is damaged. */
  constructor(file: string) {
    this.file = file;
    this.#lines = new LineFile(file);
    try {
      this.runId = this.#index();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #index(): string {
    let runId: string | undefined;
    for (const { text, isTorn, ...place } of this.#lines.lines()) {
      if (runId === undefined) runId = readHeader(text) ?? this.#fail();
      else if (isTorn) this.#fail();
      else this.#numbers.set(idIn(text) ?? this.#fail(), this.#offsets.add(place));
    }
    return runId ?? this.#fail();
  }

  /** @returns what is remembered of a target. It does not count as gone then. */
  lineOf(id: string): MemoryLine | undefined {
    const number = this.#numbers.get(id);
    if (number === undefined) return undefined;
    this.#offsets.use(number);
    return this.#read(number);
  }

  /** Calls the function for each target that nobody asked for, with what reads its line. */
  eachUnused(call: (read: () => MemoryLine) => void): void {
    for (const number of this.#offsets.unused()) call(() => this.#read(number));
  }

  close(): void {
    this.#lines.close();
  }

  #read(number: number): MemoryLine {
    return readLine(this.#lines.at(this.#offsets.at(number))) ?? this.#fail();
  }

  #fail(): never {
    throw new UsageError(`${quoteInput(this.file)} is damaged. Remove it: the next runs are then compared anew`);
  }
}

/** @returns what the file remembers. It is `undefined` if there is no such file, or it is of this run itself. */
function openBefore(file: string, runId: string): Before | undefined {
  if (!existsSync(file)) return undefined;
  const before = new Before(file);
  if (before.runId !== runId) return before;
  before.close();
  return undefined;
}
