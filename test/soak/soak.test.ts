/** A short soak, in a whole run only; `npm run soak` is the long one. */
import { beforeAll, expect, test } from 'vitest';
import { isWhole, seed } from '../sample.ts';
import { type SoakResult, soak } from './soak.ts';

const CHECKS = 36;
const wholeTest = test.runIf(isWhole);
const MiB = 1024 * 1024;

let result: SoakResult;

beforeAll(async () => {
  if (!isWhole) return;
  result = await soak({ checks: CHECKS, seed, measureEvery: CHECKS / 3 });
}, 180_000);

wholeTest('every report is valid, and says what is true or that it could not be seen', () => {
  expect(result.checks).toBe(CHECKS);
  expect(result.faults).toEqual([]);
});

wholeTest('the servers did fail, and not always', () => {
  expect(result.verdicts.healthy?.inconclusive).toBeGreaterThan(0);
  expect(result.verdicts.relay?.fail).toBeGreaterThan(0);
  expect(Object.keys(result.verdicts.relay ?? {}).every((verdict) => ['fail', 'inconclusive'].includes(verdict))).toBe(
    true,
  );
});

wholeTest('nothing is left open', () => {
  expect(result.left).toEqual([]);
});

wholeTest('the memory stays', () => {
  const [first = 0, ...rest] = result.heap;
  // A report is some 300 KB: one kept for each check between the two would be 7 MiB.
  expect((rest.at(-1) ?? 0) - first).toBeLessThan(4 * MiB);
});
