/**
 * The folder of `--state`: the run that is under way or was the last, and the journal of what it has judged. A run that was
 * interrupted goes on. Behind a run that is complete, a new one begins, and the reports of the last one are kept.
 */
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type FileJournal, openJournal } from '../../fleet/journal.ts';
import { fileErrorText, isSystemError } from '../../network/fault.ts';
import { jsonOf } from '../../report/json-of.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { warn, writeFileAtomically } from '../terminal/output.ts';
import { type Lock, takeLock } from './lock.ts';

/** The names of the files in the folder. */
export const STATE_FILES = {
  run: 'run.json',
  lock: 'lock',
  /** The journal of the run. */
  reports: 'reports.ndjson',
  /** The journal of the last run that was complete. */
  last: 'last.ndjson',
  /** The journal of a run that was given up for another one. */
  unfinished: 'unfinished.ndjson',
} as const;

/** The longest name of a run, in characters. */
const MAX_RUN_ID = 100;

const runSchema = z.object({
  runId: z.string().min(1).max(MAX_RUN_ID),
  startedAt: z.iso.datetime(),
  /** The fingerprint of the settings. */
  settings: z.string(),
  endedAt: z.iso.datetime().optional(),
});

type RunRecord = z.infer<typeof runSchema>;

/** What a run needs to know of itself. */
export interface RunIdentity {
  readonly runId: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** The run that is to go on or to begin. */
interface WantedRun {
  /** The name that the user gives it. */
  readonly runId: string | undefined;
  /** The fingerprint of the settings that decide what is judged, and how. */
  readonly settings: string;
  readonly now: Date;
  /** Whether an interrupted run with other settings is given up for a new one. Otherwise that is an error. */
  readonly mayGiveUp?: boolean;
  /** Whether this process has locked the folder already, for several runs. */
  readonly isLocked?: boolean;
}

/** The state of a run in its folder. */
export interface FleetState extends RunIdentity {
  readonly folder: string;
  readonly journal: FileJournal;
  /** Marks the run as complete. */
  finish(endedAt: string): Promise<void>;
  /** Closes the files, and lets other processes use the folder. */
  close(): Promise<void>;
}

/**
 * @param text the value of `--run-id`.
 * @throws UsageError for a name that is empty, too long, or has characters that nobody sees.
 */
export function parseRunId(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^[\x21-\x7e]{1,100}$/.test(text)) return text;
  throw new UsageError(
    `--run-id: ${quoteInput(text)} is not the name of a run. Type 1 to ${MAX_RUN_ID} letters, digits and signs, without blanks`,
  );
}

/** @returns the identity of a new run. Without a name, it is the time and a random number. */
export function newRun(runId: string | undefined, now: Date): RunIdentity {
  const startedAt = now.toISOString();
  const name = `${startedAt.slice(0, 19).replaceAll(':', '-')}Z-${randomBytes(3).toString('hex')}`;
  return { runId: runId ?? name, startedAt };
}

/** The lock of somebody who releases it later. */
const LOCKED: Lock = { release: async () => {} };

/**
 * Makes the folder if it is not there, and keeps other processes out of it.
 *
 * @throws UsageError if another process uses it, or if it cannot be made.
 */
export function lockState(folder: string): Promise<Lock> {
  return tryingIn(folder, () => lockFolder(folder));
}

async function lockFolder(folder: string): Promise<Lock> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return takeLock(join(folder, STATE_FILES.lock), folder);
}

/**
 * Opens the folder, and the run to go on with or to begin.
 *
 * @throws UsageError if another process uses the folder, if the run was begun with other settings, or if the folder cannot
 *   be read and written.
 */
export async function openState(folder: string, wanted: WantedRun): Promise<FleetState> {
  return tryingIn(folder, async () => {
    const lock = wanted.isLocked ? LOCKED : await lockFolder(folder);
    try {
      const before = await runIn(folder);
      return await openLocked(folder, lock, await chosenRun(folder, before, wanted));
    } catch (error) {
      await lock.release();
      throw error;
    }
  });
}

async function openLocked(folder: string, lock: Lock, run: RunRecord): Promise<FleetState> {
  const file = join(folder, STATE_FILES.reports);
  const journal = await openJournal(file, (line) => {
    warn(`${file}:${line}: the line is damaged, so its target is judged again`);
  });
  await syncFolder(folder);
  return {
    runId: run.runId,
    startedAt: run.startedAt,
    folder,
    journal: {
      ...journal,
      // A full disk is an error of the user's machine, and not of mailcheck.
      keep: (target, report) => tryingIn(folder, () => journal.keep(target, report)),
    },
    finish: (endedAt) => tryingIn(folder, () => writeRun(folder, { ...run, endedAt })),
    async close() {
      await journal.close();
      await lock.release();
    },
  };
}

/** Returns the run to go on with, or a new one, whose record is written. */
async function chosenRun(
  folder: string,
  before: RunRecord | undefined,
  { runId, settings, now, mayGiveUp = false }: WantedRun,
): Promise<RunRecord> {
  const isSame = before !== undefined && (runId === undefined ? before.endedAt === undefined : runId === before.runId);
  if (isSame && before.settings === settings) return before;
  if (isSame && !mayGiveUp) {
    throw new UsageError(
      `the run ${quoteInput(before.runId)} in ${quoteInput(folder)} was begun with other options. Use the same ones, or begin a new run: --run-id ${newRun(undefined, now).runId}`,
    );
  }
  if (before !== undefined) await putAside(folder, before);
  const run = { ...newRun(runId, now), settings };
  await writeRun(folder, run);
  return run;
}

/** Keeps the reports of the run before. */
async function putAside(folder: string, { runId, endedAt }: RunRecord): Promise<void> {
  if (endedAt === undefined) {
    warn(`the run ${quoteInput(runId)} was not complete; its reports are in ${join(folder, STATE_FILES.unfinished)}`);
  }
  const name = endedAt === undefined ? STATE_FILES.unfinished : STATE_FILES.last;
  try {
    await rename(join(folder, STATE_FILES.reports), join(folder, name));
  } catch (error) {
    // An interruption between this and the new record has moved it already.
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error;
  }
}

async function runIn(folder: string): Promise<RunRecord | undefined> {
  const file = join(folder, STATE_FILES.run);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) {
    const reports = join(folder, STATE_FILES.reports);
    if ((await lstat(reports).catch(() => undefined)) === undefined) return undefined;
    throw new UsageError(`${quoteInput(reports)} is not of a run of mailcheck. Use another folder for --state`);
  }
  const { success, data } = runSchema.safeParse(jsonOf(text));
  if (success) return data;
  throw new UsageError(`${quoteInput(file)} is not of a run of mailcheck. Use another folder for --state`);
}

async function writeRun(folder: string, run: RunRecord): Promise<void> {
  await writeFileAtomically(join(folder, STATE_FILES.run), `${JSON.stringify(run)}\n`, { mode: 0o600 });
  await syncFolder(folder);
}

/** Makes the names in a folder survive a loss of power, where the system can. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync().catch(() => {});
  } finally {
    await handle?.close();
  }
}

/** Runs a function, and names the folder in the error of the system. */
async function tryingIn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError(`cannot use ${quoteInput(folder)}: ${fileErrorText(error, 'write')}`);
  }
}
