/**
 * Runs properties over random input: a fixed number of cases with a fixed seed in the tests, and as long as wanted with a
 * new seed by `npm run fuzz`. A failure prints the seed, and the smallest case that fails.
 *
 *     FUZZ_SEED=1 FUZZ_SECONDS=60 npx vitest run test/fuzz
 */
import fc from 'fast-check';
import { test } from 'vitest';

/** The same every time, so that a failure of the tests is a change of the code. */
const DEFAULT_SEED = 9;
const SECOND = 1000;

const seconds = process.env.FUZZ_SECONDS === undefined ? undefined : Number(process.env.FUZZ_SECONDS);

/** Of this run; printed with every failure. */
export const seed = Number(process.env.FUZZ_SEED ?? DEFAULT_SEED);

/** Milliseconds until a test is called hung: whatever it is given, and room for the machine to be slow. */
export const PATIENCE_MS = 60 * SECOND + (seconds ?? 0) * SECOND;

/**
 * Declares a test of one property.
 *
 * @param runs cases in the ordinary tests; by hand, as many as fit into the time.
 */
export function fuzz<T>(
  title: string,
  runs: number,
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => Promise<void> | void,
): void {
  test(
    title,
    () =>
      fc.assert(
        fc.asyncProperty(arbitrary, async (value) => holds(value)),
        seconds === undefined
          ? { seed, numRuns: runs }
          : { seed, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * SECOND },
      ),
    PATIENCE_MS,
  );
}
