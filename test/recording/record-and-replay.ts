/** Checks a case in its test world, and replays the recording. */

import type { RunOptions } from '../../src/check/run.ts';
import { parseRecording, recordingOf } from '../../src/recording/read.ts';
import { replayRun } from '../../src/recording/replay.ts';
import type { RecordedRun } from '../../src/recording/schema.ts';
import type { Report } from '../../src/report/status.ts';
import { type CheckCase, recordIn } from '../world/check.ts';

export interface Both {
  readonly report: Report;
  /** The report of the recorded run as JSON, with the DNS and SMTP dialogues. */
  readonly live: string;
  /** The report of the replay as JSON. */
  readonly replayed: string;
  /** The text of the recording file. */
  readonly file: string;
  readonly run: RecordedRun;
}

/** @returns the reports of a recorded run and of its replay, and the recording itself. */
export async function recordAndReplay(world: CheckCase, options: Partial<RunOptions> = {}): Promise<Both> {
  const { report, recorded } = await recordIn(world, { transcript: true, ...options });
  const file = JSON.stringify(recordingOf([recorded]));
  const [run] = parseRecording(file).runs;
  if (run === undefined) throw new Error('nothing was recorded');
  const again = await replayRun(run);
  return { report, live: text(report), replayed: text(again.report), file, run };
}

const text = (report: Report): string => JSON.stringify(report, null, 1);
