/** Recordings that were changed: refused in one line, or replayed to a valid report; never a crash and never a wait. */

import { beforeAll, expect } from 'vitest';
import { replay } from '../../src/index.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { UsageError } from '../../src/usage-error.ts';
import { cpuMs } from '../cpu-time.ts';
import fc from '../fast-check.ts';
import { recordAndReplay } from '../recording/record-and-replay.ts';
import { scenes } from '../world/scenes.ts';
import { worldAuthority } from '../world/world.ts';
import { fuzz, PATIENCE_MS } from './fuzz.ts';

let recorded = '';

beforeAll(async () => {
  const { world } = scenes.relay;
  const settings = { extraRoots: [worldAuthority.certificate] };
  const rules = ['spf', 'dkim', 'mx', 'tls', 'open-relay', 'ptr'];
  const { file } = await recordAndReplay({ ...world, domain: 'example.org', ips: ['192.0.2.25'], rules, settings });
  recorded = file;
}, PATIENCE_MS);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every place in the value, as the object that holds it and its key. */
function placesIn(value: Json): (() => { holder: Json[] | { [key: string]: Json }; key: string })[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [
    () => ({ holder: value, key }),
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
    '',
    '\x1b[2J',
    'answer',
    'nxdomain',
    [],
    {},
    [[[]]],
    'x'.repeat(70_000),
  ),
  fc.string().map((text): Json => text),
  fc.integer().map((number): Json => number),
);

const edits = fc.array(
  fc.record({
    at: fc.nat(),
    how: fc.constantFrom('replace', 'replace', 'delete', 'double'),
    by: replacement,
  }),
  { minLength: 1, maxLength: 3 },
);

fuzz('a recording with pieces replaced, left out or doubled', 60, edits, async (changes) => {
  const value = JSON.parse(recorded) as Json;
  for (const { at, how, by } of changes) {
    const places = placesIn(value);
    const place = places[at % Math.max(1, places.length)]?.();
    if (place === undefined) continue;
    const { holder, key } = place;
    if (Array.isArray(holder)) {
      const index = Number(key);
      if (how === 'delete') holder.splice(index, 1);
      else if (how === 'double') holder.splice(index, 0, structuredClone(holder[index] ?? null));
      else holder[index] = by;
    } else if (how === 'delete') delete holder[key];
    else holder[key] = how === 'double' ? [holder[key] ?? null] : by;
  }
  const started = cpuMs();
  try {
    for (const report of await replay(value)) expect(reportSchema.safeParse(report).error).toBeUndefined();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error.message.length).toBeLessThan(1000);
  }
  expect(cpuMs() - started).toBeLessThan(10_000);
});
