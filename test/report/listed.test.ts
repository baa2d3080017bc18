/** Tests lists in a sentence. */
import { expect, test } from 'vitest';
import { listed } from '../../src/report/listed.ts';

test.each([
  [[], ''],
  [['A'], 'A'],
  [['A', 'B'], 'A and B'],
  [['A', 'B', 'C'], 'A, B and C'],
])('listed: %j', (words, text) => {
  expect(listed(words)).toBe(text);
});

test('listed: alternatives', () => {
  expect(listed(['A', 'B', 'C'], 'or')).toBe('A, B or C');
});
