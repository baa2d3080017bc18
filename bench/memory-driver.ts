/**
 * Checks the same host many times in one process, and prints how much the heap has grown.
 *
 *     node --expose-gc memory-driver.mjs <library> <options as JSON>
 */
import { pathToFileURL } from 'node:url';
import type { CheckPlan } from './healthy.ts';

/** The checks that the driver makes. */
export interface MemoryPlan extends CheckPlan {
  readonly checks: number;
  /** The number of first checks that do not count, because they compile code and fill caches. */
  readonly warmUp: number;
}

/** The result of the driver. */
export interface MemoryGrowth {
  readonly verdicts: readonly string[];
  /** The size of the heap after garbage collection, in bytes: after the warm-up, and at the end. */
  readonly heap: readonly [number, number];
  readonly peakBytes: number;
  readonly resources: readonly string[];
}

const LANES = 4;

const [, , library = '', plan = '{}'] = process.argv;
const { check } = (await import(pathToFileURL(library).href)) as typeof import('../src/index.ts');
const { domain, ips, options, connectTo, checks, warmUp }: MemoryPlan = JSON.parse(plan);
const verdicts = new Set<string>();

async function run(count: number): Promise<number> {
  let left = count;
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      while (left > 0) {
        left -= 1;
        const { verdict } = await check(domain, ips, { ...options, connectTo: new Map(connectTo) });
        verdicts.add(verdict);
      }
    }),
  );
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const heap = [await run(warmUp), await run(checks - warmUp)] as const;
const growth: MemoryGrowth = {
  verdicts: [...verdicts],
  heap,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  resources: process.getActiveResourcesInfo().filter((name) => /^(?:TCP|UDP|TLS|Timeout)/.test(name)),
};
process.stdout.write(`${JSON.stringify(growth)}\n`);
