/** Tests that the rows of the lists are consistent. */
import { expect, test } from 'vitest';
import { allLists, deadLists } from '../../../src/knowledge/lists/catalogue.ts';

test('lists: no zone belongs to two lists or to two closed lists', () => {
  const zones = allLists.map(({ zone }) => zone);
  expect(zones).toHaveLength(new Set(zones).size);
  const dead = deadLists.flatMap((row) => row.zones);
  expect(dead).toHaveLength(new Set(dead).size);
});

test('lists: Barracuda is the only default list that needs a registration, and no default list is dead', () => {
  const wrong = allLists.filter(
    (row) => row.default === true && (row.status === 'dead' || row.access.registration !== 'none'),
  );
  expect(wrong.map(({ id }) => id)).toEqual(['barracuda']);
});
