/** A run with a recorder around it. */

import { type RunOptions, type RunTarget, run } from '../check/run.ts';
import { openWorld } from '../check/world.ts';
import { orElse, quietly } from '../network/fault.ts';
import type { Report } from '../report/status.ts';
import { startRecorder } from './recorder.ts';
import type { RecordedRun } from './schema.ts';

export interface RecordOptions extends RunOptions {
  /** Keep in the report what waited for what. */
  readonly timing?: boolean;
}

export interface Recorded {
  readonly report: Report;
  /** All that the run took from the world, to be replayed; `undefined` where mailcheck failed to keep it. */
  readonly recorded: RecordedRun | undefined;
}

/**
 * Checks one target as `run` does, and keeps what it took from the world.
 *
 * @returns the report and the recording. Rejects as `run` does.
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
