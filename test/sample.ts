/**
 * Tests that are long by nature (random input, every string in every format, a thousand subsets) run a sample when a
 * person types `npm test`, and run whole where the environment has MAILCHECK_TESTS=whole, as in .ci/run.
 *
 * The seed is the same in every run. So the sample is the same too, and a test that fails today and passed yesterday
 * fails because the code has changed. FUZZ_SEED sets another seed, which draws another sample and other random input.
 */
import { randomOf } from './random.ts';

const DEFAULT_SEED = 9;
/** A property with a thousand runs has a hundred in a sample. */
const SHARE_OF_RUNS = 10;
const FEWEST_RUNS = 2;

/** Whether the tests that take many minutes run whole: MAILCHECK_TESTS=long, by hand only. All others run whole then. */
export const isLong = process.env.MAILCHECK_TESTS === 'long';

/** Whether the long tests run whole. */
export const isWhole = isLong || process.env.MAILCHECK_TESTS === 'whole';

/** The seed of every sample and of all random input. fast-check prints it with every failure. */
export const seed = Number(process.env.FUZZ_SEED ?? DEFAULT_SEED);

/** @returns one line that says how much of the long tests runs, and with which seed. */
export function sampleNotice(whole = isWhole): string {
  return whole
    ? `The long tests run whole, with seed ${seed}.`
    : `The long tests run a sample, with seed ${seed}. MAILCHECK_TESTS=whole runs all of them.`;
}

/**
 * Draws the cases of a long table of cases.
 *
 * @param size number of cases in a sample.
 * @returns all cases in a whole run; else the `size` cases that the seed draws, in the order of the table.
 */
export function sample<T>(cases: readonly T[], size: number, whole = isWhole): readonly T[] {
  if (whole) return cases;
  const random = randomOf(seed);
  const drawn = cases.map((one, index) => ({ one, index, draw: random() })).sort((a, b) => a.draw - b.draw);
  return drawn
    .slice(0, size)
    .sort((a, b) => a.index - b.index)
    .map(({ one }) => one);
}

/**
 * Counts the random inputs of a property.
 *
 * @param count random inputs in a whole run.
 * @returns `count` in a whole run; else a tenth of it, and two at least.
 */
export function runs(count: number, whole = isWhole): number {
  return whole ? count : Math.min(count, Math.max(FEWEST_RUNS, Math.ceil(count / SHARE_OF_RUNS)));
}
