import { expect, test } from 'vitest';
import deadZones from '../../../src/knowledge/lists/data/dead-zones.json' with { type: 'json' };
import data from '../../../src/knowledge/lists/data/lists.json' with { type: 'json' };
import { deadZoneSchema, listSchema } from '../../../src/knowledge/lists/schema.ts';

test.each(data.lists.map((row) => [row.id, row] as const))('list %s has codes, scope, access and source', (_, row) => {
  expect(listSchema.safeParse(row).error?.issues ?? []).toEqual([]);
});

test.each(deadZones.deadZones.map((row) => [row.zone, row] as const))('dead zone %s says why', (_, row) => {
  expect(deadZoneSchema.safeParse(row).error?.issues ?? []).toEqual([]);
});

test('ids and zones are unique', () => {
  const ids = data.lists.map(({ id }) => id);
  const zones = data.lists.map(({ zone }) => zone);
  expect(ids).toHaveLength(new Set(ids).size);
  expect(zones).toHaveLength(new Set(zones).size);
});

test('no list that is dead or needs a key is asked by default', () => {
  const wrong = data.lists.filter(
    (row) => row.default === true && (row.status === 'dead' || row.access.registration !== 'none'),
  );
  expect(wrong.map(({ id }) => id)).toEqual(['barracuda']);
});

test.each(['codes', 'access', 'sources'])('a row without %s is refused', (key) => {
  const [first] = data.lists;
  const { [key as keyof typeof first]: _, ...incomplete } = first ?? {};
  expect(listSchema.safeParse(incomplete).success).toBe(false);
});
