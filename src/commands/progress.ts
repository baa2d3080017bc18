/** Progress while the checks run: on stderr, and only to a terminal. */

export interface Progress {
  /** Shows which checks are still waiting. */
  show(waiting: readonly string[]): void;
  stop(): void;
}

const SILENT: Progress = { show: () => {}, stop: () => {} };

export async function startProgress(quiet: boolean, subject: string): Promise<Progress> {
  if (quiet || !process.stderr.isTTY) return SILENT;
  const { default: ora } = await import('ora');
  const spinner = ora({ text: `Checking ${subject}`, stream: process.stderr, discardStdin: false });
  spinner.start();
  return {
    show: (waiting) => {
      spinner.text = waiting.length === 0 ? 'Writing the report' : `Waiting for: ${waiting.join(', ')}`;
    },
    stop: () => {
      if (spinner.isSpinning) spinner.stop();
    },
  };
}
