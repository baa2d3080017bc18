/** Changes a JSON value in random places: replaces, leaves out or doubles any part of it, or all that have one key. */
import fc from '../fast-check.ts';
import { HOSTILE_VALUES } from '../world/hostile-evidence.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

type Holder = Json[] | { [key: string]: Json };

/** Every place in the value, as the object that holds it and its key. */
function placesIn(value: Json): { holder: Holder; key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [
    { holder: value, key },
    ...placesIn((value as Record<string, Json>)[key] ?? null),
  ]);
}

const replacement = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    0,
    -1,
    1e308,
    2 ** 53,
    '',
    'answer',
    'nxdomain',
    [],
    {},
    [[[]]],
    'x'.repeat(70_000),
  ),
  fc.constantFrom<Json>(
    ...HOSTILE_VALUES,
    '\x1b[2J',
    '\u009b31m',
    '__proto__',
    '../../etc/passwd',
    '::1',
    'x'.repeat(300),
  ),
  fc.string().map((text): Json => text),
  fc.integer().map((number): Json => number),
);

interface Change {
  readonly at: number;
  readonly how: 'replace' | 'replace all' | 'delete' | 'double';
  readonly by: Json;
}

/** Some changes of a value. `replace all` replaces every text that stands under the same key. */
export const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    at: fc.nat(),
    how: fc.constantFrom('replace', 'replace', 'replace all', 'delete', 'double'),
    by: replacement,
  }),
  { minLength: 1, maxLength: 3 },
);

/** @returns the value with the changes made in it. */
export function changed(value: Json, edits: readonly Change[]): Json {
  for (const { at, how, by } of edits) {
    const places = placesIn(value);
    const place = places[at % Math.max(1, places.length)];
    if (place === undefined) continue;
    if (how !== 'replace all') changeOne(place.holder, place.key, how, by);
    else {
      const alike = places.filter(({ holder, key }) => key === place.key && !Array.isArray(holder));
      for (const { holder, key } of alike) changeOne(holder, key, 'replace', by);
    }
  }
  return value;
}

function changeOne(holder: Holder, key: string, how: 'replace' | 'delete' | 'double', by: Json): void {
  if (Array.isArray(holder)) {
    const index = Number(key);
    if (how === 'delete') holder.splice(index, 1);
    else if (how === 'double') holder.splice(index, 0, structuredClone(holder[index] ?? null));
    else holder[index] = by;
  } else if (how === 'delete') delete holder[key];
  else holder[key] = how === 'double' ? [holder[key] ?? null] : by;
}
