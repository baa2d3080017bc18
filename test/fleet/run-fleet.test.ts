/** The engine of a fleet: what it judges, and that it holds nothing of a target behind its end. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { targetOf } from '../../src/fleet/input/fields.ts';
import { runFleet } from '../../src/fleet/run-fleet.ts';
import type { FleetTarget } from '../../src/fleet/target.ts';

const ignoring = { signal: new AbortController().signal, onJudged: async () => {} };

function target(domain: string, tags: readonly string[] = []): FleetTarget {
  const read = targetOf({ domain, tags }, domain);
  if ('error' in read) throw new Error(read.error);
  return read;
}

test('judges a target that only a later line names with a wanted tag', async () => {
  const judged: (readonly string[])[] = [];
  async function* source() {
    for (const tags of [['dev'], ['prod'], ['prod', 'web'], ['dev']]) yield target('example.com', tags);
  }
  const { repeated } = await runFleet({
    ...ignoring,
    source: source(),
    isWanted: ({ tags }) => tags.includes('prod'),
    judge: async ({ tags }) => judged.push(tags),
    concurrency: 2,
  });
  expect(judged).toEqual([['prod']]);
  expect(repeated).toBe(1);
});

test('holds no target behind its end', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const given: WeakRef<FleetTarget>[] = [];
  let alive = Number.NaN;
  async function* source() {
    for (let index = 0; index < 500; index += 1) {
      const one = target(`t${index}.example`);
      given.push(new WeakRef(one));
      yield one;
    }
    // A weak reference holds its object until the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    alive = given.filter((one) => one.deref() !== undefined).length;
  }
  await runFleet({ ...ignoring, source: source(), judge: async () => null, concurrency: 4 });
  expect(alive).toBeLessThan(50);
});
