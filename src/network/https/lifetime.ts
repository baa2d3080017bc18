/** The time that a request has. It ends with the run, too. This file has all timers of the HTTPS client. */
import type { HttpsFailure } from './types.ts';

/** The failure of everything that the end of the run has ended. */
export const ABORTED: HttpsFailure = { status: 'aborted', detail: 'the run was cut short' };

/** The lifetime of one request. */
export class Lifetime {
  /** Why the request has ended before its response. `null` while it goes on. */
  failure: HttpsFailure | null = null;
  readonly #timer: NodeJS.Timeout;
  readonly #forgetRun: () => void;
  readonly #ends = new Set<() => void>();

  /**
   * @param timeoutMs the milliseconds for the whole request.
   * @param onAbort registers a function to call when the run ends, and returns the function that unregisters it.
   */
  constructor(timeoutMs: number, onAbort: (end: () => void) => () => void) {
    this.#forgetRun = onAbort(() => this.#end(ABORTED));
    this.#timer = setTimeout(() => {
      this.#end({ status: 'timeout', detail: `no complete response within ${timeoutMs} ms` });
    }, timeoutMs);
  }

  /**
   * Registers a function to call when the request ends early. It is called at once when that has happened.
   *
   * @returns the function that unregisters it.
   */
  onEnd(end: () => void): () => void {
    const entry = () => end();
    if (this.failure !== null) entry();
    else this.#ends.add(entry);
    return () => {
      this.#ends.delete(entry);
    };
  }

  /**
   * Waits for a result, for the end of the request, or for a time.
   *
   * @param timeoutMs milliseconds. Without it, the request alone limits the wait.
   * @returns the result, or the failure.
   */
  async within<T>(coming: Promise<T>, complaint: string, timeoutMs?: number): Promise<T | HttpsFailure> {
    let timer: NodeJS.Timeout | undefined;
    let forget = () => {};
    const early = new Promise<HttpsFailure>((resolve) => {
      const detail = `${complaint} within ${timeoutMs} ms`;
      if (timeoutMs !== undefined) timer = setTimeout(() => resolve({ status: 'timeout', detail }), timeoutMs);
      forget = this.onEnd(() => {
        if (this.failure !== null) resolve(this.failure);
      });
    });
    try {
      return await Promise.race([coming, early]);
    } finally {
      clearTimeout(timer);
      forget();
    }
  }

  /** Says that the request is over. No timer and no listener is left. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#forgetRun();
  }

  #end(failure: HttpsFailure): void {
    if (this.failure !== null) return;
    this.failure = failure;
    for (const end of [...this.#ends]) end();
    this.#ends.clear();
  }
}
