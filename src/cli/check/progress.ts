/** Progress while the checks run: on stderr, and only to a terminal. */
import type { ProgressEvent } from '../../check/run-rules.ts';

export interface Progress {
  /** Whether anybody sees it. */
  readonly isShown: boolean;
  /** Shows which checks are still running. */
  show(event: ProgressEvent): void;
  /** Shows one line in its place; safe text. */
  say(text: string): void;
  stop(): void;
}

/** Narrower than this, progress would be more noise than news. */
const MIN_COLUMNS = 20;

const SILENT: Progress = { isShown: false, show: () => {}, say: () => {}, stop: () => {} };

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
      const { waiting } = event;
      spinner.text = waiting.length === 0 ? 'Writing the report' : `Waiting for: ${waiting.join(', ')}`;
    },
    stop: () => {
      if (spinner.isSpinning) spinner.stop();
    },
  };
}
