/** Tests that the rows of the lists are consistent. */
import { expect, test } from 'vitest';
import { allLists, deadLists } from '../../../src/knowledge/lists/catalogue.ts';
import { listSchema } from '../../../src/knowledge/lists/schema.ts';
import { sharedResolvers } from '../../../src/knowledge/lists/shared-resolvers.ts';

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

test('lists: the check needs those that large receivers rely on, and no allow list', () => {
  for (const { id, kind, impact, gates } of allLists) {
    expect([id, gates]).toEqual([id, kind !== 'allow' && (impact === 'critical' || impact === 'high')]);
  }
  expect(allLists.find(({ zone }) => zone === 'zen.spamhaus.org')?.gates).toBe(true);
});

test('lists: a row that says that an allow list gates the check is refused', () => {
  const row = allLists.find(({ kind }) => kind === 'allow');
  expect(listSchema.safeParse(row).success).toBe(true);
  expect(listSchema.safeParse({ ...row, gates: true }).success).toBe(false);
});

test('resolvers: an address that several clouds use is named for none of them', () => {
  expect(sharedResolvers.find(({ addresses }) => addresses.includes('169.254.169.254'))?.name).toBe(
    'the cloud’s own resolver',
  );
});
