/** A fault of mailcheck itself: never the end of a run, never kept quiet about. */

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
