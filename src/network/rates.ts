/**
 * Spaces what goes to one authority: the questions to a block list, the connections to a block of addresses. A place in
 * the order is reserved at once, and whoever reserves waits for it (the generic cell rate algorithm).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { forgetOldest } from './forget.ts';

/** The rates that runs share: those of one process, or of all workers of a queue. */
export interface Rates {
  /**
   * Reserves the next place at an authority.
   *
   * @param key the authority: `list zen.example`, `block 203.0.113.0/24`.
   * @param perSecond how many places a second it has.
   * @param burst how many places may be taken at once where none was taken for long. One when absent.
   * @returns the milliseconds to wait for the place.
   */
  reserve(key: string, perSecond: number, burst?: number): number | Promise<number>;
  /** @returns the longest wait for a place that is reserved now, in milliseconds. New targets wait while it is long. */
  backlogMs(): number;
}

/** How often one authority may be asked. */
export interface Allowance {
  /** The authority, as `Rates` names it. */
  readonly key: string;
  readonly perSecond: number;
  readonly burst?: number;
}

/** The most authorities that are remembered. One whose places are all over is forgotten first. */
const MAX_AUTHORITIES = 20_000;

/** The rates of one process. */
export class LocalRates implements Rates {
  readonly #now: () => number;
  /** The time from which each authority has a free place, in milliseconds. */
  readonly #free = new Map<string, number>();
  #latest = 0;

  /** @param now milliseconds of a clock that only goes forward. */
  constructor(now: () => number) {
    this.#now = now;
  }

  reserve(key: string, perSecond: number, burst = 1): number {
    const now = this.#now();
    const apart = 1000 / perSecond;
    const free = Math.max(now, this.#free.get(key) ?? 0);
    const at = Math.max(now, free - (burst - 1) * apart);
    // The order of the map is that of the last use.
    this.#free.delete(key);
    this.#free.set(key, free + apart);
    this.#latest = Math.max(this.#latest, at);
    forgetOldest(this.#free, MAX_AUTHORITIES, (next) => next <= now);
    return at - now;
  }

  backlogMs(): number {
    return Math.max(0, this.#latest - this.#now());
  }
}

/** When a place at each authority was last used, by the rates that the place was reserved of. */
const used = new WeakMap<Rates, Map<string, number>>();

/**
 * Reserves a place at each of the authorities, and waits for the last one. Timers of a busy process end late, and several at
 * once. So whoever has waited also lets the time between two places pass since the last use of one.
 *
 * @param signal ends the wait early.
 * @returns the milliseconds that the places were away.
 */
export async function takePlaces(rates: Rates, at: readonly Allowance[], signal: AbortSignal): Promise<number> {
  const waits = await Promise.all(at.map(({ key, perSecond, burst }) => rates.reserve(key, perSecond, burst)));
  const waitMs = Math.max(0, ...waits);
  if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {});
  const uses = used.get(rates) ?? new Map<string, number>();
  used.set(rates, uses);
  const spaced = at.filter(({ burst = 1 }) => burst === 1);
  for (;;) {
    const now = performance.now();
    const next = Math.max(...spaced.map(({ key, perSecond }) => (uses.get(key) ?? -Infinity) + 1000 / perSecond));
    if (signal.aborted || next <= now) {
      for (const { key } of spaced) {
        uses.delete(key);
        uses.set(key, now);
      }
      forgetOldest(uses, MAX_AUTHORITIES);
      return waitMs;
    }
    await sleep(next - now, undefined, { signal }).catch(() => {});
  }
}
