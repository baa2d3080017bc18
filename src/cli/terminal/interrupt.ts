/**
 * Handles Ctrl-C, Ctrl-Break on Windows, and SIGTERM. The first signal aborts the run cleanly. The second ends the process
 * at once.
 */

import { untilEnd } from '../../network/until-end.ts';

/** The exit code for each signal, as shells report it: 128 plus the number of the signal. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGBREAK: 149 } as const;

/** The state of the signal handlers of a run. */
export interface Interrupt {
  /** Aborted by the first Ctrl-C or other signal. */
  readonly signal: AbortSignal;
  /** @returns the exit code for the signal that arrived. */
  exitCode(): number;
  /** Removes the signal handlers. */
  stop(): void;
}

/** Installs the signal handlers. The caller must call `stop` at the end of the run. */
export function interruptible(): Interrupt {
  const controller = new AbortController();
  let code: number = SIGNALS.SIGINT;
  const handlers = Object.entries(SIGNALS).map(([name, exit]) => {
    const handler = (): void => {
      if (controller.signal.aborted) process.exit(exit);
      code = exit;
      controller.abort(new Error(`ended by ${name}`));
    };
    process.on(name, handler);
    return { name, handler };
  });
  return {
    signal: controller.signal,
    exitCode: () => code,
    stop: () => {
      for (const { name, handler } of handlers) process.off(name, handler);
    },
  };
}

/**
 * Makes a signal end process 1 of a container where no run handles it. For any other process the kernel does that by
 * itself.
 */
export function endOnSignals(): void {
  if (process.pid !== 1) return;
  for (const [name, exit] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (process.listenerCount(name) === 1) process.exit(exit);
    });
  }
}

/**
 * @returns the result of the work.
 * @throws the reason of the signal, as soon as it is aborted. The work may then still go on.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return untilEnd(signal, work, () => {
    throw signal.reason;
  });
}
