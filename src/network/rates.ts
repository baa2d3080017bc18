/**
 * Spaces what goes to one authority: the questions to a block list, the connections to a block of addresses. A place in
 * the order is reserved at once, and whoever reserves waits for it (the generic cell rate algorithm).
 */

/** The rates that runs share: those of one process, or of all workers of a queue. */
export interface Rates {
  /**
   * Reserves the next place at an authority.
   *
   * @param key the authority: `list zen.example`, `block 203.0.113.0/24`.
   * @param perSecond how many places a second it has.
   * @returns the milliseconds to wait for the place.
   */
  reserve(key: string, perSecond: number): number | Promise<number>;
  /** @returns the longest wait for a place that is reserved now, in milliseconds. New targets wait while it is long. */
  backlogMs(): number;
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

  reserve(key: string, perSecond: number): number {
    const now = this.#now();
    const at = Math.max(now, this.#free.get(key) ?? 0);
    const next = at + 1000 / perSecond;
    // The order of the map is that of the last use.
    this.#free.delete(key);
    this.#free.set(key, next);
    this.#latest = Math.max(this.#latest, at);
    if (this.#free.size > MAX_AUTHORITIES) this.#forget(now);
    return at - now;
  }

  backlogMs(): number {
    return Math.max(0, this.#latest - this.#now());
  }

  #forget(now: number): void {
    for (const [key, free] of this.#free) {
      if (free <= now) this.#free.delete(key);
    }
  }
}
