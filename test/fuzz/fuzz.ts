/**
 * Runs properties over random input: a fixed number of cases with a fixed seed in the tests (a sample of them or all, see
 * test/sample.ts), and as long as wanted with a new seed by `npm run fuzz`. A failure prints the seed, and the smallest
 * case that fails.
 *
 *     FUZZ_SEED=1 FUZZ_SECONDS=60 npx vitest run test/fuzz
 */

import { test } from 'vitest';
import fc from '../fast-check.ts';
import { runs, seed } from '../sample.ts';

const SECOND = 1000;

const seconds = process.env.FUZZ_SECONDS === undefined ? undefined : Number(process.env.FUZZ_SECONDS);

/** Milliseconds until a test is called hung: whatever it is given, and room for the machine to be slow. */
export const PATIENCE_MS = 60 * SECOND + (seconds ?? 0) * SECOND;

/**
 * Declares a test of one property.
 *
 * @param count cases in a whole run of the tests; by hand, as many as fit into the time.
 */
export function fuzz<T>(
  title: string,
  count: number,
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => Promise<void> | void,
): void {
  test(
    title,
    ({ signal }) =>
      fc.assert(
        fc.asyncProperty(arbitrary, async (value) => {
          // A test that has timed out gives up: its next case would run beside the next test.
          signal.throwIfAborted();
          await holds(value);
        }),
        seconds === undefined
          ? { seed, numRuns: runs(count) }
          : { seed, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * SECOND },
      ),
    PATIENCE_MS,
  );
}
