/** Ctrl-C and SIGTERM end the run cleanly: everything under way is aborted; a second Ctrl-C ends the process at once. */

/** Exit code of a process ended by a signal, as shells give it. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Aborted when the signal came, or after so many milliseconds. */
  within(timeoutMs: number): AbortSignal;
  /** The exit code that tells which signal came. */
  exitCode(): number;
  stop(): void;
}

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
    within: (timeoutMs) => AbortSignal.any([controller.signal, AbortSignal.timeout(timeoutMs)]),
    exitCode: () => code,
    stop: () => {
      for (const { name, handler } of handlers) process.off(name, handler);
    },
  };
}
