/** Writes the file of `--record`, and reads that of `--replay`. */
import type { RecordedRun, Recording } from '../../recording/schema.ts';
import { jsonText } from '../../reporters/json-text.ts';
import { quoteInput } from '../../usage-error.ts';
import { readOptionText } from '../options/files.ts';
import { ofValue } from '../options/value-error.ts';
import { writeFileAtomically } from '../terminal/output.ts';

/** The file mode of a recording. Others may not read it, because it shows the user's network from the inside. */
const OWNER_ONLY = 0o600;

/** Collects the recorded run of each target for `--record`. */
export interface Recordings<T> {
  /** Keeps the run of a target. A later run of the same target replaces it. */
  keep(target: T, run: RecordedRun): void;
  /**
   * Writes the file, with the runs in the order of the targets.
   *
   * @param signal ends a write that blocks.
   * @throws UsageError if the file cannot be written, and the reason of the signal when it is aborted.
   */
  write(targets: readonly T[], signal: AbortSignal): Promise<void>;
}

/**
 * @param transcript whether a replay's report contains the DNS and SMTP dialogues. The recorded run itself may have
 *   needed them for `--wait`.
 */
export function recordingsTo<T>(file: string, transcript: boolean): Recordings<T> {
  const runs = new Map<T, RecordedRun>();
  return {
    keep: (target, run) => runs.set(target, { ...run, transcript }),
    async write(targets, signal) {
      const { recordingOf } = await import('../../recording/read.ts');
      const recording = recordingOf(targets.flatMap((target) => runs.get(target) ?? []));
      await writeFileAtomically(file, jsonText(recording, 1), { mode: OWNER_ONLY, signal });
    },
  };
}

/**
 * @returns the recording in a file.
 * @throws ValueError for a file that cannot be read, or that is no recording.
 */
export async function readRecordingFile(file: string): Promise<Recording> {
  const text = await readOptionText(file);
  const { parseRecording } = await import('../../recording/read.ts');
  return ofValue(() => parseRecording(text, quoteInput(file)));
}
