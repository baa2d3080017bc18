/**
 * Waits for what belongs to several runs, until the end of this one.
 *
 * @param signal aborts at the end of the run.
 * @param ended gives the result if that comes first, or throws what the wait then rejects with.
 */
export function untilEnd<T>(signal: AbortSignal, pending: Promise<T>, ended: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const onEnd = (): void => {
      try {
        resolve(ended());
      } catch (error) {
        reject(error);
      }
    };
    const stop = (): void => signal.removeEventListener('abort', onEnd);
    signal.addEventListener('abort', onEnd);
    pending.then(
      (result) => {
        stop();
        resolve(result);
      },
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
    if (signal.aborted) onEnd();
  });
}
