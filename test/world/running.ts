/**
 * The servers and processes that a test has started and not ended. A test that times out never reaches its own clean-up;
 * what it leaves would answer the next test's questions and take its processor. test/after-each.ts ends it.
 */

type End = () => Promise<void>;

const running = new Set<End>();

/**
 * Notes that something has started.
 *
 * @param end ends it.
 * @returns ends it too, and may be called twice.
 */
export function started(end: End): End {
  let ending: Promise<void> | undefined;
  const endOnce: End = () => {
    running.delete(endOnce);
    ending ??= end();
    return ending;
  };
  running.add(endOnce);
  return endOnce;
}

/** Notes that something has ended by itself. */
export function ended(end: End): void {
  running.delete(end);
}

/** @returns what is running now. */
export function runningNow(): ReadonlySet<End> {
  return new Set(running);
}

/** Ends what has started since `before` was read and is still running. */
export async function endAllSince(before: ReadonlySet<End>): Promise<void> {
  await Promise.all([...running].filter((end) => !before.has(end)).map((end) => end()));
}
