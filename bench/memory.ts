/** Measures memory: the peak of one full check, and the growth of the heap over a thousand checks in one process. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scenes } from '../test/world/scenes.ts';
import { startWorld } from '../test/world/world.ts';
import { healthyPlan } from './healthy.ts';
import type { MemoryGrowth, MemoryPlan } from './memory-driver.ts';
import { median, type Row } from './table.ts';

const run = promisify(execFile);

const ROUNDS = 7;
const PEAK_MIB = 60;
const CHECKS = 1000;
const WARM_UP = 200;
/**
 * The most growth, in MiB. 800 checks reach it if each leaks 5 KB. A leaked report would be a hundred times as large.
 */
const GROWTH_MIB = 4;
const MIB = 1024 * 1024;

/**
 * Measures the peak and the growth.
 *
 * @param cli the path of the built command line.
 * @param root the root folder of the repository, with a slash at the end.
 * @param drivers the folder of the built drivers, with a slash at the end.
 * @param directory a folder for temporary files.
 * @returns the rows of the comparison, in MiB.
 */
export async function memoryRows(cli: string, root: string, drivers: string, directory: string): Promise<Row[]> {
  const { args, world: script } = scenes.healthy;
  const world = await startWorld(script);
  try {
    const hook = join(directory, 'peak.mjs');
    // maxRSS is in KiB (getrusage(2)). The command line ends by process.exit, which still calls this handler.
    writeFileSync(
      hook,
      String.raw`process.on('exit', () => process.stderr.write('\npeak ' + process.resourceUsage().maxRSS * 1024 + '\n'));`,
    );
    const peak = async (...words: readonly string[]): Promise<number> => {
      const { stderr } = await run(process.execPath, ['--import', hook, ...words]);
      return Number(/^peak (\d+)$/m.exec(stderr)?.[1]) / MIB;
    };
    const peaks: number[] = [];
    const nothing: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      peaks.push(await peak(cli, ...args, ...world.args));
      nothing.push(await peak('-e', '0'));
    }
    const own = median(peaks);
    const growth = await growthOver(`${root}dist/index.js`, drivers, {
      ...healthyPlan(world),
      checks: CHECKS,
      warmUp: WARM_UP,
    });
    const grown = (growth.heap[1] - growth.heap[0]) / MIB;
    const mib = (value: number): string => `${value.toFixed(1)} MiB`;
    return [
      {
        what: 'memory: peak of a full check',
        own: mib(own),
        other: `${PEAK_MIB} MiB`,
        against: 'target',
        ratio: own / PEAK_MIB,
        atMost: 1,
      },
      {
        what: 'memory: peak of a full check',
        own: mib(own),
        other: mib(median(nothing)),
        against: 'node -e 0',
        ratio: own / median(nothing),
      },
      {
        what: `memory: heap, check ${WARM_UP} to ${CHECKS} of one process`,
        own: `${grown < 0 ? '' : '+'}${mib(grown)}`,
        other: `+${GROWTH_MIB} MiB`,
        against: `target; peak ${mib(growth.peakBytes / MIB)}`,
        ratio: Math.max(0, grown) / GROWTH_MIB,
        atMost: 1,
      },
    ];
  } finally {
    await world.close();
  }
}

async function growthOver(library: string, drivers: string, plan: MemoryPlan): Promise<MemoryGrowth> {
  const args = ['--expose-gc', `${drivers}memory-driver.mjs`, library, JSON.stringify(plan)];
  const { stdout } = await run(process.execPath, args);
  const growth: MemoryGrowth = JSON.parse(stdout);
  if (growth.verdicts.join() !== 'pass') throw new Error(`the checks came to ${growth.verdicts.join(', ')}`);
  if (growth.resources.length > 0) throw new Error(`left open: ${growth.resources.join(', ')}`);
  return growth;
}
