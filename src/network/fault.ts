/** A fault of mailcheck itself: never the end of a run, never kept quiet about. */
import { inspect } from 'node:util';

/**
 * Called with a fault of mailcheck itself. What it broke counts as not checked, and the run goes on.
 *
 * @param where the part that failed, such as `the check "tls"`.
 */
export type OnFault = (where: string, error: unknown) => void;

/** @returns what `work` gives; `fallback` where it fails, which `onFault` is told of. */
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

/** @returns the listener, made safe: what it throws itself is nobody's business here. */
export function quietly(onFault: OnFault | undefined): OnFault {
  return (where, error) => {
    try {
      onFault?.(where, error);
    } catch {
      // The run goes on.
    }
  };
}

/**
 * @returns the promise itself. Where it fails before anybody waits for it, or when nobody does any more, that must not
 *   end the process; whoever waits is told all the same.
 */
export function observed<T>(result: Promise<T>): Promise<T> {
  result.catch(() => {});
  return result;
}

/** @returns what was thrown, in one line of text. Anything can be thrown. */
export function faultText(error: unknown): string {
  try {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
    return text.replace(/\s+/g, ' ');
  } catch {
    return 'an error that cannot be shown';
  }
}

/** @returns whether the system refused something (it has an errno), as against a fault of mailcheck itself. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number';
}
