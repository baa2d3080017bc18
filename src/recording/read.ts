/** A recording as a value or a text: made of runs, and read with distrust. */
import { UsageError } from '../target.ts';
import { VERSION } from '../version.ts';
import { RECORDING_VERSION, type RecordedRun, type Recording, recordingSchema } from './schema.ts';

export function recordingOf(runs: readonly RecordedRun[]): Recording {
  return { recordingVersion: RECORDING_VERSION, tool: { name: 'mailcheck', version: VERSION }, runs };
}

/** @throws UsageError with a line that goes on from the file's name. */
export function parseRecording(text: string): Recording {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError('is not JSON. Type the file that --record has written');
  }
  return readRecording(value);
}

/** @throws UsageError as `parseRecording`. */
export function readRecording(value: unknown): Recording {
  const version = typeof value === 'object' && value !== null && 'recordingVersion' in value && value.recordingVersion;
  if (version === false) throw new UsageError('is not a recording. Type the file that --record has written');
  if (version !== RECORDING_VERSION) {
    const named = Number.isSafeInteger(version) ? `recording version ${version}` : 'a recording version';
    throw new UsageError(`has ${named} that this mailcheck does not know: it reads version ${RECORDING_VERSION}`);
  }
  const read = recordingSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new UsageError(`is damaged: ${issue?.path.map(String).join('.')}: ${issue?.message}`);
}
