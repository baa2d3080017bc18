/** A short soak, shorter still in a sample; `npm run soak` is the long one. */
import { beforeAll, expect, test } from 'vitest';
import { isWhole, seed } from '../sample.ts';
import { type SoakResult, soak } from './soak.ts';

const CHECKS = isWhole ? 36 : 12;
const MiB = 1024 * 1024;

let result: SoakResult;

beforeAll(async () => {
  result = await soak({ checks: CHECKS, seed, measureEvery: CHECKS / 3 });
}, 180_000);

test('every report is valid, and says what is true or that it could not be seen', () => {
  expect(result.checks).toBe(CHECKS);
  expect(result.faults).toEqual([]);
});

test('the servers did fail, and not always', () => {
  expect(result.verdicts.healthy?.inconclusive).toBeGreaterThan(0);
  expect(result.verdicts.relay?.fail).toBeGreaterThan(0);
  expect(Object.keys(result.verdicts.relay ?? {}).every((verdict) => ['fail', 'inconclusive'].includes(verdict))).toBe(
    true,
  );
});

test('nothing is left open', () => {
  expect(result.left).toEqual([]);
});

// A sample has too few checks to tell what is kept from what the first ones compile.
test.runIf(isWhole)('the memory stays', () => {
  const [first = 0, ...rest] = result.heap;
  // A report is some 300 KB: one kept for each check between the two would be 7 MiB.
  expect((rest.at(-1) ?? 0) - first).toBeLessThan(4 * MiB);
});
