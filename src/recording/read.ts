/** Makes a recording from runs, and reads one from untrusted text or an untrusted value. */
import { UsageError } from '../usage-error.ts';
import { VERSION } from '../version.ts';
import { RECORDING_VERSION, type RecordedRun, type Recording, recordingSchema } from './schema.ts';

/** @returns the recording that contains these runs, in their order. */
export function recordingOf(runs: readonly RecordedRun[]): Recording {
  return { recordingVersion: RECORDING_VERSION, tool: { name: 'mailcheck', version: VERSION }, runs };
}

/**
 * Reads a recording from JSON text.
 *
 * @param what the name of the recording in error messages.
 * @throws UsageError for text that is not JSON, and as `readRecording` does.
 */
export function parseRecording(text: string, what = 'the text'): Recording {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${what} is not JSON. Give it what was recorded before, as a whole`);
  }
  return readRecording(value, what);
}

/**
 * Reads a recording from a parsed JSON value.
 *
 * @param what the name of the recording in error messages.
 * @throws UsageError for a value that is no recording, has another recording version, or does not match the schema.
 */
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
