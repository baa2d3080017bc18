/** The file of `--record` and `--replay`. */
import { createReadStream } from 'node:fs';
import type { RecordedRun, Recording } from '../../recording/schema.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { writeFileAtomically } from '../terminal/output.ts';

/** The largest recordings, of many targets with all their neighbours, have some megabytes. */
const MAX_BYTES = 64 * 1024 * 1024;

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

/** @throws UsageError for a file that cannot be read, or is no recording. */
export async function readRecordingFile(file: string): Promise<Recording> {
  const { parseRecording } = await import('../../recording/read.ts');
  return parseRecording(await readBounded(file), `--replay: ${quoteInput(file)}`);
}

/** A device or pipe has no size beforehand. */
async function readBounded(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of createReadStream(file)) {
      size += chunk.length;
      if (size > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--replay: cannot read ${quoteInput(file)}: ${reason}`);
  }
  if (size > MAX_BYTES) throw new UsageError(`--replay: ${quoteInput(file)} is larger than 64 MiB`);
  return Buffer.concat(chunks).toString('utf8');
}
