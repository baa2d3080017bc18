/** A recording as a value or a text: made of runs, and read with distrust. */
import { UsageError } from '../usage-error.ts';
import { VERSION } from '../version.ts';
import { RECORDING_VERSION, type RecordedRun, type Recording, recordingSchema } from './schema.ts';

export function recordingOf(runs: readonly RecordedRun[]): Recording {
  return { recordingVersion: RECORDING_VERSION, tool: { name: 'mailcheck', version: VERSION }, runs };
}

/** @param what the recording is called where it is refused. @throws UsageError */
export function parseRecording(text: string, what = 'the text'): Recording {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${what} is not JSON. Give it what was recorded before, as a whole`);
  }
  return readRecording(value, what);
}

/** As `parseRecording`, of a value that is parsed already. @throws UsageError */
export function readRecording(value: unknown, what = 'the value'): Recording {
  const version = typeof value === 'object' && value !== null && 'recordingVersion' in value && value.recordingVersion;
  if (version === false) throw new UsageError(`${what} is not a recording. Give it what was recorded before`);
  if (version !== RECORDING_VERSION) {
    const named = Number.isSafeInteger(version) ? `recording version ${version}` : 'a recording version';
    throw new UsageError(
      `${what} has ${named} that this mailcheck does not know: it reads version ${RECORDING_VERSION}`,
    );
  }
  const read = recordingSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new UsageError(`${what} is damaged: ${issue?.path.map(String).join('.')}: ${issue?.message}`);
}
