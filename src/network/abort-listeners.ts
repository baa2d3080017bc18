/** Shares one listener on an abort signal among everything that waits. */

/** Registers what to call when a signal aborts. Returns the function that unregisters it. */
export type WhenAborted = (end: () => void) => () => void;

/**
 * @returns the function that registers what to call when the signal aborts. It returns the function that unregisters
 *   it. No listener is left on the signal when nothing waits.
 */
export function abortListeners(signal: AbortSignal): WhenAborted {
  const waiting = new Set<() => void>();
  const endAll = () => {
    for (const end of [...waiting]) end();
  };
  return (end) => {
    if (waiting.size === 0) signal.addEventListener('abort', endAll);
    // The set needs a new function for each call, because callers may register the same function twice.
    const entry = () => end();
    waiting.add(entry);
    return () => {
      waiting.delete(entry);
      if (waiting.size === 0) signal.removeEventListener('abort', endAll);
    };
  };
}
