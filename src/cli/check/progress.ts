/** Shows progress while the checks run. It goes to stderr, and only if that is a terminal. */
import type { ProgressEvent } from '../../check/run-rules.ts';

/** The progress line of a run. */
export interface Progress {
  /** Whether progress is shown at all. */
  readonly isShown: boolean;
  /** Shows which checks are still running. */
  show(event: ProgressEvent): void;
  /** Replaces the progress line by this text, which must be safe to print. */
  say(text: string): void;
  stop(): void;
}

/** The narrowest terminal, in columns, in which a progress line is readable. */
const MIN_COLUMNS = 20;

const SILENT: Progress = { isShown: false, show: () => {}, say: () => {}, stop: () => {} };

/**
 * Starts the progress line.
 *
 * @param quiet whether the user asked for no progress.
 * @param subject the name of the checked targets.
 * @returns the progress, which shows nothing if the user asked for none or stderr is no usable terminal.
 */
export async function startProgress(quiet: boolean, subject: string): Promise<Progress> {
  // A terminal that says it has no columns (some CI and container terminals) sends the spinner into an endless loop.
  const { isTTY, columns } = process.stderr;
  if (quiet || !isTTY || !(columns >= MIN_COLUMNS)) return SILENT;
  const { default: ora } = await import('ora');
  const spinner = ora({ text: `Checking ${subject}`, stream: process.stderr, discardStdin: false });
  spinner.start();
  return {
    isShown: true,
    say: (text) => {
      spinner.text = text;
    },
    show: (event) => {
      if (event.kind !== 'finished') return;
      spinner.text = progressWords(event.waiting);
    },
    stop: () => {
      if (spinner.isSpinning) spinner.stop();
    },
  };
}

/** @returns which checks still run, in words. */
export function progressWords(waiting: readonly string[]): string {
  return waiting.length === 0 ? 'Writing the report' : `Waiting for: ${waiting.join(', ')}`;
}
