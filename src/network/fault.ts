/** Faults of mailcheck itself. A fault never ends the run, and it is always reported. */
import { inspect } from 'node:util';

/**
 * Receives a fault of mailcheck itself. The part that failed counts as not checked, and the run continues.
 *
 * @param where the part that failed, such as `the check "tls"`.
 */
export type OnFault = (where: string, error: unknown) => void;

/**
 * Runs `work`, and reports its error to `onFault` when it fails.
 *
 * @returns the result of `work`, or `fallback` when it fails.
 */
export async function orElse<T>(
  where: string,
  onFault: OnFault | undefined,
  work: () => T | Promise<T>,
  fallback: T,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    onFault?.(where, error);
    return fallback;
  }
}

/** @returns a listener that calls `onFault` and ignores every error that `onFault` throws. */
export function quietly(onFault: OnFault | undefined): OnFault {
  return (where, error) => {
    try {
      onFault?.(where, error);
    } catch {
      // A faulty listener must not end the run.
    }
  };
}

/**
 * Marks a promise as handled. Node ends the process when a promise rejects while no code awaits it. Callers that await
 * the promise still receive its rejection.
 *
 * @returns the same promise.
 */
export function observed<T>(result: Promise<T>): Promise<T> {
  result.catch(() => {});
  return result;
}

/** @returns one line of text about a thrown value, which need not be an Error. Never throws. */
export function faultText(error: unknown): string {
  try {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
    return text.replace(/\s+/g, ' ');
  } catch {
    return 'an error that cannot be shown';
  }
}

/** @returns whether the operating system reported the error (it has an errno); other errors are faults of mailcheck. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number';
}
