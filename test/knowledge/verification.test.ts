/** Tests when a fact is confirmed: by its date, its confidence and the time of the run. */
import { expect, test } from 'vitest';
import { type Confidence, isConfirmed, MAX_AGE_DAYS } from '../../src/knowledge/verification.ts';
import { confirmationMark } from '../../src/report/confirmation.ts';

const DAY_MS = 86_400_000;
const VERIFIED = '2024-11-29';
const after = (days: number): number => Date.parse(VERIFIED) + days * DAY_MS;

test.each<[name: string, verifiedOn: string | null, confidence: Confidence, now: number, expected: boolean]>([
  ['a row checked on the day of the run', VERIFIED, 'high', after(0), true],
  ['a row checked two years ago', VERIFIED, 'medium', after(MAX_AGE_DAYS), true],
  ['a row checked two years and a day ago', VERIFIED, 'high', after(MAX_AGE_DAYS + 1), false],
  ['a row without a date', null, 'high', after(0), false],
  ['a row of low confidence checked on the day of the run', VERIFIED, 'low', after(0), false],
  ['a row checked after the run, as in the replay of an old recording', VERIFIED, 'high', after(-1000), true],
])('confirmation: %s', (_, verifiedOn, confidence, now, expected) => {
  expect(isConfirmed({ verifiedOn, confidence }, now)).toBe(expected);
});

test('confirmation: a row without a confidence is judged by its date alone', () => {
  expect(isConfirmed({ verifiedOn: VERIFIED }, after(1))).toBe(true);
  expect(isConfirmed({ verifiedOn: null }, after(1))).toBe(false);
});

test('confirmation: only a fact that is not confirmed is marked', () => {
  expect(confirmationMark(true)).toBe('');
  expect(confirmationMark(false)).toBe(' (not confirmed)');
});
