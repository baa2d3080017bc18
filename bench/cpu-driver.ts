/**
 * Checks the same host many times in one process, one check after the other, and prints the CPU time of a check.
 *
 *     node cpu-driver.mjs <library> <options as JSON>
 */
import { pathToFileURL } from 'node:url';
import type { CheckPlan } from './healthy.ts';

/** The checks that the driver makes. */
export interface CpuPlan extends CheckPlan {
  readonly checks: number;
  /** The number of checks before these, which do not count. */
  readonly warmUp: number;
}

/** The result of the driver. */
export interface CpuTime {
  readonly verdicts: readonly string[];
  /** Milliseconds of all threads of the process: the code, its compilation and the garbage collection. */
  readonly msPerCheck: number;
}

const [, , library = '', plan = '{}'] = process.argv;
const { check } = (await import(pathToFileURL(library).href)) as typeof import('../src/index.ts');
const { domain, ips, options, connectTo, checks, warmUp }: CpuPlan = JSON.parse(plan);
const verdicts = new Set<string>();

async function run(count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let made = 0; made < count; made += 1) {
    const { verdict } = await check(domain, ips, { ...options, connectTo: new Map(connectTo) });
    verdicts.add(verdict);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / count;
}

await run(warmUp);
const time: CpuTime = { msPerCheck: await run(checks), verdicts: [...verdicts] };
process.stdout.write(`${JSON.stringify(time)}\n`);
