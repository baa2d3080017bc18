/** Checks a case in its world, and once more from what was recorded of it. */
import { replayRun } from '../../src/recording/replay.ts';
import { type RecordedRun, recordingSchema } from '../../src/recording/schema.ts';
import type { Report } from '../../src/report.ts';
import type { RunOptions } from '../../src/run.ts';
import { type CheckCase, checkIn } from '../world/check.ts';

export interface Both {
  /** As JSON, the DNS and SMTP dialogues included. */
  readonly live: string;
  readonly replayed: string;
  readonly missing: readonly string[];
  readonly report: Report;
  /** The recording, as it would be in a file. */
  readonly file: string;
}

export async function recordAndReplay(world: CheckCase, options: Partial<RunOptions> = {}): Promise<Both> {
  const recorded: RecordedRun[] = [];
  const report = await checkIn(world, { ...options, transcript: true, onRecorded: (run) => recorded.push(run) });
  const file = JSON.stringify({ recordingVersion: 1, tool: { name: 'mailcheck', version: '0.0.0' }, runs: recorded });
  const [run] = recordingSchema.parse(JSON.parse(file)).runs;
  if (run === undefined) throw new Error('nothing was recorded');
  const again = await replayRun(run);
  return { live: text(report), replayed: text(again.report), missing: again.missing, report, file };
}

const text = (report: Report): string => JSON.stringify(report, null, 1);
