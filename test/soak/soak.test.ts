/** A short soak; `npm run soak` is the long one. */
import { beforeAll, expect, test } from 'vitest';
import { type SoakResult, soak } from './soak.ts';

const CHECKS = 36;
const MiB = 1024 * 1024;

let result: SoakResult;

beforeAll(async () => {
  result = await soak({ checks: CHECKS, seed: 9, measureEvery: 12 });
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

test('nothing is left open, and the memory stays', () => {
  expect(result.left).toEqual([]);
  const [first = 0, ...rest] = result.heap;
  // A report is some 300 KB: one kept for each check between the two would be 7 MiB.
  expect((rest.at(-1) ?? 0) - first).toBeLessThan(4 * MiB);
});
