/**
 * Holds that ignorance improves no verdict. Each golden run is recorded once. Then it is replayed with one exchange
 * replaced by a failure, for a sample of the exchanges and failures. MAILCHECK_TESTS=long replays them all.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { randomOf } from '../random.ts';
import { isLong, isWhole, seed } from '../sample.ts';
import { recordIn } from '../world/check.ts';
import { fixedClock } from '../world/clock.ts';
import { zoneResolver } from '../world/zone-resolver.ts';
import { goldenRuns } from './golden-runs.ts';
import { drawnFrom, improvements, improvementsBy, replacementsOf, reportOf } from './one-failure.ts';
import { deniedElsewhere, isOfList } from './two-resolvers.ts';

const count = { runs: 0, exchanges: 0, replays: 0 };

describe.each(Object.entries(goldenRuns))('%s', (_, world) => {
  test('no failure of one exchange improves the verdict', { timeout: isLong ? 0 : 120_000 }, async () => {
    const { recorded } = await recordIn(world, { clock: fixedClock });
    const replacements = isLong
      ? replacementsOf(recorded)
      : drawnFrom(recorded, isWhole ? 12 : 8, randomOf(seed + recorded.exchanges.length));
    count.runs += 1;
    count.exchanges += recorded.exchanges.length;
    count.replays += replacements.length;
    expect(await improvementsBy(recorded, replacements, zoneResolver(world.dns))).toEqual([]);
  });

  test('no second resolver that denies the entries of a list improves the verdict', { timeout: 120_000 }, async () => {
    const { recorded } = await recordIn(world, { clock: fixedClock });
    const zone = zoneResolver(world.dns);
    const base = await reportOf(recorded, zone);
    const found: string[] = [];
    for (const [position, exchange] of recorded.exchanges.entries()) {
      if (!isOfList(exchange)) continue;
      const { run, resolver } = deniedElsewhere(recorded, position, zone);
      const by = { asked: exchange.asked, fault: 'not listed', anchors: 0 } as const;
      count.replays += 1;
      for (const { rule, what } of improvements(base, await reportOf(run, resolver), by)) {
        found.push(`${rule}: ${what}; by ${exchange.asked}`);
      }
    }
    expect(found).toEqual([]);
  });
});

afterAll(() => {
  console.log(`${count.runs} recorded runs, ${count.exchanges} exchanges, ${count.replays} replays`);
});
