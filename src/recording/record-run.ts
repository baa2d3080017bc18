/** Runs a check and records it. */

import { type RunOptions, run } from '../check/run.ts';
import type { RunTarget } from '../check/target.ts';
import { openWorld } from '../check/world.ts';
import { orElse, quietly } from '../network/fault.ts';
import type { Report } from '../report/status.ts';
import { startRecorder } from './recorder.ts';
import type { RecordedRun } from './schema.ts';

/** The options of a recorded run. */
export interface RecordOptions extends RunOptions {
  /** Whether the report contains the waterfall: which exchange waited for which. */
  readonly timing?: boolean;
}

/** The result of a recorded run. */
export interface Recorded {
  readonly report: Report;
  /** Everything that a replay needs of the run. It is `undefined` if an internal error lost the recording. */
  readonly recorded: RecordedRun | undefined;
}

/**
 * Checks one target as `run` does, and records what the run received from the network and the machine.
 *
 * @returns the report and the recording. The promise rejects when that of `run` would.
 */
export async function recordRun(target: RunTarget, options: RecordOptions): Promise<Recorded> {
  options.signal?.throwIfAborted();
  const onFault = quietly(options.onFault);
  const world = options.world ?? openWorld({ ...options, onFault, domain: target.domain });
  try {
    const recorder = startRecorder(world, target, options);
    const report = await run(target, { ...options, onFault, world: recorder.world });
    const kept = await orElse('the recording', onFault, () => recorder.recorded(), undefined);
    if (kept === undefined) return { report, recorded: undefined };
    const recorded = kept.run;
    if (!options.timing) return { report, recorded };
    const withTiming = await orElse(
      'the timing',
      onFault,
      async () => (await import('./waterfall/waterfall.ts')).withWaterfall(report, recorded, kept.clockings),
      report,
    );
    return { report: withTiming, recorded };
  } finally {
    world.end();
  }
}
