/** Judges the targets of a fleet in this process. */
import { run } from '../../check/run.ts';
import { openProcess } from '../../check/world.ts';
import type { FleetTarget } from '../../fleet/target.ts';
import { abortListeners } from '../../network/abort-listeners.ts';
import type { Report } from '../../report/status.ts';
import { reportFault } from '../terminal/faults.ts';
import type { FleetPlan, TargetRun } from './plan.ts';

/** What judges the targets of a run. */
export interface Judge {
  /** @returns the report of a target. The promise rejects when the run is aborted. */
  judge(target: FleetTarget): Promise<Report>;
  /** Waits until another target may be started. */
  admit?(): Promise<void>;
  /** The most targets under way, where the user says nothing. */
  readonly concurrency: number;
  /** Ends what the judge holds open. */
  close?(): Promise<void>;
}

/** The most targets under way in one process, where the user says nothing. */
const CONCURRENCY = 16;

/**
 * @param runOf gives the run of a target.
 * @returns the judge that runs the checks in this process, with one world for all targets.
 */
export function localJudge(
  { judgement }: Pick<FleetPlan, 'judgement'>,
  runOf: (target: FleetTarget) => TargetRun,
  signal: AbortSignal,
): Judge {
  const shared = openProcess();
  const onAbort = abortListeners(signal);
  return {
    concurrency: CONCURRENCY,
    async judge(target) {
      signal.throwIfAborted();
      const { target: named, run: given } = runOf(target);
      const own = new AbortController();
      const forget = onAbort(() => own.abort(signal.reason));
      try {
        return await run(named, { ...given, judgement, process: shared, signal: own.signal, onFault: reportFault });
      } finally {
        forget();
      }
    },
  };
}
