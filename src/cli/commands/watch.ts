/** Runs `mailcheck watch`: checks a fleet now and then again after some time, until it is ended. */
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../../report/status.ts';
import { printable } from '../../reporters/printable.ts';
import { UsageError } from '../../usage-error.ts';
import { runFleetOnce } from '../fleet/fleet.ts';
import { parseFleetOutputs } from '../fleet/outputs.ts';
import { lockState } from '../fleet/state.ts';
import { optionReader } from '../options/read.ts';
import { WATCH_OPTIONS, type WatchOptions } from '../options/watch-options.ts';
import { reportFault } from '../terminal/faults.ts';
import { interruptible } from '../terminal/interrupt.ts';
import { warn, writeText } from '../terminal/output.ts';
import { runLines, timeText } from '../watch/line.ts';
import { nextRun, scheduleOf } from '../watch/schedule.ts';

/** The shortest time between the starts of two runs, in milliseconds. */
const MIN_EVERY_MS = 1000;

/**
 * Runs the fleet until a signal arrives. A run that was interrupted goes on first.
 *
 * @param file the input, which each run reads anew.
 * @param typed the names of the options on the command line.
 * @returns the exit code: 0 after a signal.
 * @throws UsageError for an error in the first run. A later run that fails is told, and the next one begins at its time.
 */
export async function watchCommand(file: string, options: WatchOptions, typed: ReadonlySet<string>): Promise<number> {
  const { every, jitter, format = [], ...forRuns } = options;
  const reader = optionReader(WATCH_OPTIONS, options);
  const schedule = scheduleOf(await reader.read('every'), await reader.read('jitter'));
  if (schedule.everyMs < MIN_EVERY_MS) throw new UsageError('--every: type 1 s or more, such as --every 6h');
  const lock = await lockState(await usableState(file, options));
  const runOptions = { ...forRuns, format, quiet: true };
  const interrupt = interruptible();
  const { signal } = interrupt;
  try {
    let due = Date.now();
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const lines = await oneRun(isFirst);
      if (signal.aborted) break;
      const next = nextRun(due, Date.now(), schedule, Math.random());
      due = next.due;
      const text = [...lines, `  next run at ${timeText(next.start)}`].map((line) => `${printable(line)}\n`).join('');
      await writeText(process.stdout, text, signal).catch(ignoreAbort);
      await sleep(next.start - Date.now(), undefined, { signal }).catch(ignoreAbort);
    }
  } finally {
    interrupt.stop();
    await lock.release();
  }
  return EXIT.ok;

  async function oneRun(isFirst: boolean): Promise<string[]> {
    try {
      const { summary, changed } = await runFleetOnce(file, runOptions, typed, { signal, isWatched: true });
      return runLines(summary, changed);
    } catch (error) {
      if (signal.aborted) return [];
      // The first run shows whether the options can be used at all.
      if (isFirst) throw error;
      if (error instanceof UsageError) warn(error.message);
      else reportFault('a run', error);
      return [`${timeText(Date.now())} the run failed`];
    }
  }

  function ignoreAbort(error: unknown): void {
    if (!signal.aborted) throw error;
  }
}

/**
 * @returns the state folder.
 * @throws UsageError without one, for an input that cannot be read again, or an output that no run can write anew.
 */
async function usableState(file: string, { state, format = [] }: WatchOptions): Promise<string> {
  if (state === undefined)
    throw new UsageError('mailcheck watch needs a folder to remember its runs: --state <folder>');
  const found = file === '-' ? undefined : await stat(file).catch(() => undefined);
  if (file === '-' || (found !== undefined && !found.isFile())) {
    throw new UsageError('each run reads the input anew, so it must be a file');
  }
  const bare = parseFleetOutputs([...format], undefined).find(({ file }) => file === undefined);
  if (bare === undefined) return state;
  throw new UsageError(
    `--format ${bare.format}: each run writes it anew. Name a file: --format ${bare.format}=result.${bare.format}`,
  );
}
