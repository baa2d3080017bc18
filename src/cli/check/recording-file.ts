/** The file of `--record` and `--replay`. */
import type { RecordedRun, Recording } from '../../recording/schema.ts';
import { quoteInput } from '../../usage-error.ts';
import { readOptionText } from '../options/files.ts';
import { ofValue } from '../options/value-error.ts';
import { writeFileAtomically } from '../terminal/output.ts';

/** It shows a network from within. */
const OWNER_ONLY = 0o600;

/** What `--record` keeps: a run for each target, of those that are reported. */
export interface Recordings<T> {
  keep(target: T, run: RecordedRun): void;
  /** Writes the file, in the order of the targets. @throws UsageError */
  write(targets: readonly T[]): Promise<void>;
}

/** @param transcript whether the dialogues are in the report: a run may have kept them for itself. */
export function recordingsTo<T>(file: string, transcript: boolean): Recordings<T> {
  const runs = new Map<T, RecordedRun>();
  return {
    keep: (target, run) => runs.set(target, { ...run, transcript }),
    async write(targets) {
      const { recordingOf } = await import('../../recording/read.ts');
      const recording = recordingOf(targets.flatMap((target) => runs.get(target) ?? []));
      await writeFileAtomically(file, `${JSON.stringify(recording, null, 1)}\n`, OWNER_ONLY);
    },
  };
}

/** @returns the recording in a file. @throws ValueError for a file that cannot be read, or is no recording. */
export async function readRecordingFile(file: string): Promise<Recording> {
  const text = await readOptionText(file);
  const { parseRecording } = await import('../../recording/read.ts');
  return ofValue(() => parseRecording(text, quoteInput(file)));
}
