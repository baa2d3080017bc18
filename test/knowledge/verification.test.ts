/** When a fact is printed without a mark: by its date, its confidence, and the time of the run. */
import { expect, test } from 'vitest';
import { type Confidence, isConfirmed, MAX_AGE_DAYS } from '../../src/knowledge/verification.ts';
import { confirmationMark } from '../../src/report/confirmation.ts';

const DAY_MS = 86_400_000;
const VERIFIED = '2024-11-29';
const after = (days: number): number => Date.parse(VERIFIED) + days * DAY_MS;

test.each<[name: string, verifiedOn: string | null, confidence: Confidence, now: number, expected: boolean]>([
  ['a row checked today', VERIFIED, 'high', after(0), true],
  ['a row checked two years ago', VERIFIED, 'medium', after(MAX_AGE_DAYS), true],
  ['a row checked a day earlier than that', VERIFIED, 'high', after(MAX_AGE_DAYS + 1), false],
  ['a row without a date', null, 'high', after(0), false],
  ['a row of low confidence, however recent', VERIFIED, 'low', after(0), false],
  ['a row checked after the run, as in the replay of an old recording', VERIFIED, 'high', after(-1000), true],
])('%s', (_, verifiedOn, confidence, now, expected) => {
  expect(isConfirmed({ verifiedOn, confidence }, now)).toBe(expected);
});

test('a row that states no confidence goes by its date alone', () => {
  expect(isConfirmed({ verifiedOn: VERIFIED }, after(1))).toBe(true);
  expect(isConfirmed({ verifiedOn: null }, after(1))).toBe(false);
});

test('only what is not confirmed is marked', () => {
  expect(confirmationMark(true)).toBe('');
  expect(confirmationMark(false)).toBe(' (not confirmed)');
});
