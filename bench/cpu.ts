/** Measures the CPU time of a check in a warm process. The servers run in this process, so their time does not count. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { scenes } from '../test/world/scenes.ts';
import { startWorld } from '../test/world/world.ts';
import type { CpuPlan, CpuTime } from './cpu-driver.ts';
import { healthyPlan } from './healthy.ts';
import { median, type Row } from './table.ts';

const run = promisify(execFile);

const ROUNDS = 3;
const CHECKS = 100;
/** The checks that do not count, because V8 still compiles and optimizes the code. */
const WARM_UP = 100;
const FULL_MS = 35;
const DNS_ONLY_MS = 8;

/**
 * Runs a full check and a check of the DNS alone in turns, each many times in one process.
 *
 * @param root the root folder of the repository, with a slash at the end.
 * @param drivers the folder of the built drivers, with a slash at the end.
 * @returns the rows of the comparison with the targets, in milliseconds a check.
 */
export async function cpuRows(root: string, drivers: string): Promise<Row[]> {
  const world = await startWorld(scenes.healthy.world);
  try {
    const plan = healthyPlan(world);
    const measure = async (dnsOnly: boolean): Promise<number> => {
      const asked: CpuPlan = { ...plan, options: { ...plan.options, dnsOnly }, checks: CHECKS, warmUp: WARM_UP };
      const args = [`${drivers}cpu-driver.mjs`, `${root}dist/index.js`, JSON.stringify(asked)];
      const { stdout } = await run(process.execPath, args);
      // What only a connection can tell is inconclusive without one.
      const { verdicts, msPerCheck }: CpuTime = JSON.parse(stdout);
      if (verdicts.join() !== (dnsOnly ? 'inconclusive' : 'pass'))
        throw new Error(`the checks came to ${verdicts.join(', ')}`);
      return msPerCheck;
    };
    const times = { full: [] as number[], dnsOnly: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      times.full.push(await measure(false));
      times.dnsOnly.push(await measure(true));
    }
    const row = (what: string, own: number, target: number): Row => ({
      what: `CPU in a warm process: ${what}`,
      own: `${own.toFixed(1)} ms`,
      other: `${target} ms`,
      against: 'target',
      ratio: own / target,
      atMost: 1,
    });
    return [
      row('a full check', median(times.full), FULL_MS),
      row('a check with --dns-only', median(times.dnsOnly), DNS_ONLY_MS),
    ];
  } finally {
    await world.close();
  }
}
