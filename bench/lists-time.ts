/** Measures all default lists over a wire with 20 ms of delay, against one lookup with the test entries in parallel. */
import { emptyDefaultLists, RESOLVER, startLists } from '../test/lab/lists-servers.ts';
import type { Timing } from './lists-timing-driver.ts';
import type { Row } from './table.ts';

const DELAY_MS = 20;

/**
 * Starts the lists, and measures the lookups.
 *
 * @param drivers the folder of the built drivers, with a slash at the end.
 * @returns the row of the comparison, with times in milliseconds.
 */
export async function listRows(drivers: string): Promise<Row[]> {
  const lab = await startLists(emptyDefaultLists(), { delayMs: DELAY_MS });
  try {
    const { stdout, stderr } = await lab.client.run([process.execPath, `${drivers}lists-timing-driver.mjs`, RESOLVER]);
    const timing: Timing = JSON.parse(stdout || JSON.stringify({ error: stderr }));
    if (timing.clean !== timing.asked) throw new Error(`${timing.clean} of ${timing.asked} lists are clean ${stderr}`);
    return [
      {
        what: `lists: all ${timing.asked} lookups of the default lists, 20 ms away`,
        own: `${timing.allMs.toFixed(0)} ms`,
        other: `${timing.floorMs.toFixed(0)} ms`,
        against: 'one round trip, test entries beside it',
        ratio: timing.ratio,
        atMost: 1.3,
      },
    ];
  } finally {
    await lab.close();
  }
}
