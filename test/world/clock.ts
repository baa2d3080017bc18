/**
 * The fixed time of runs whose words depend on the age of the data. No row that the tests name becomes too old while
 * this time stays the same.
 */
export const NOW = Date.parse('2026-11-29T00:00:00Z');

export const fixedClock = { now: () => NOW };

/** @returns the environment that fixes the clock of a Node.js process before it loads anything else. */
export function standingAt(now: number): { readonly NODE_OPTIONS: string } {
  return { NODE_OPTIONS: `--import=data:text/javascript,Date.now=()=>${now}` };
}
