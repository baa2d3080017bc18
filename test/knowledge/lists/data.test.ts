/** The rows of the lists agree with one another. */
import { expect, test } from 'vitest';
import { allLists, deadLists } from '../../../src/knowledge/lists/catalogue.ts';

test('a zone is of one list, and of one list that has closed', () => {
  const zones = allLists.map(({ zone }) => zone);
  expect(zones).toHaveLength(new Set(zones).size);
  const dead = deadLists.flatMap((row) => row.zones);
  expect(dead).toHaveLength(new Set(dead).size);
});

test('no list that is dead or needs a key is asked by default', () => {
  const wrong = allLists.filter(
    (row) => row.default === true && (row.status === 'dead' || row.access.registration !== 'none'),
  );
  expect(wrong.map(({ id }) => id)).toEqual(['barracuda']);
});
