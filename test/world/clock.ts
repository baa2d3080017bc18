/**
 * The time of runs whose words depend on the age of the data: on this day no row that tests name has just turned old, and
 * none will while this stands still.
 */
export const NOW = Date.parse('2026-11-29T00:00:00Z');

export const fixedClock = { now: () => NOW };

/** @returns the environment in which the clock of a Node.js process stands still, before anything else is loaded. */
export function standingAt(now: number): { readonly NODE_OPTIONS: string } {
  return { NODE_OPTIONS: `--import=data:text/javascript,Date.now=()=>${now}` };
}
