/** Limits the number of open connections, per address and in total. Further connections wait for a free slot. */
export class Slots {
  readonly #total: number;
  readonly #perAddress: number;
  /** The addresses that take one connection at a time. */
  readonly #single = new Set<string>();
  /** Those of them that have shown that they take no more. */
  readonly #proven = new Set<string>();
  readonly #open = new Map<string, number>();
  #openTotal = 0;
  #waiting: { readonly address: string; readonly start: () => void }[] = [];

  constructor(total: number, perAddress: number) {
    this.#total = total;
    this.#perAddress = perAddress;
  }

  /**
   * Waits for a free slot.
   *
   * @param onAbort registers a function to call on abort, and returns the function that unregisters it.
   * @returns the function that frees the slot, or `null` when the run was aborted during the wait.
   */
  take(address: string, onAbort: (end: () => void) => () => void): Promise<(() => void) | null> {
    if (this.#isFree(address)) return Promise.resolve(this.#occupy(address));
    return new Promise((resolve) => {
      const waiter = {
        address,
        start: () => {
          stopListening();
          resolve(this.#occupy(address));
        },
      };
      const stopListening = onAbort(() => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        stopListening();
        resolve(null);
      });
      this.#waiting.push(waiter);
    });
  }

  /**
   * Opens a connection beside those that are open, whatever the limits are. Others wait for its end, too.
   *
   * @returns the function that frees the slot.
   */
  takeBeside(address: string): () => void {
    return this.#occupy(address);
  }

  /** Opens only one connection to the address at a time from now on. */
  limitToOne(address: string): void {
    this.#single.add(address);
  }

  /** Notes that the host took a connection alone which it had not taken beside another one. */
  proveOne(address: string): void {
    this.#proven.add(address);
  }

  /** @returns whether the host has shown that it takes one connection at a time. */
  takesOne(address: string): boolean {
    return this.#proven.has(address);
  }

  /** @returns the number of open connections to the address. */
  openTo(address: string): number {
    return this.#open.get(address) ?? 0;
  }

  #isFree(address: string): boolean {
    const most = this.#single.has(address) ? 1 : this.#perAddress;
    return this.#openTotal < this.#total && this.openTo(address) < most;
  }

  #occupy(address: string): () => void {
    this.#openTotal += 1;
    this.#open.set(address, (this.#open.get(address) ?? 0) + 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#release(address);
    };
  }

  #release(address: string): void {
    this.#openTotal -= 1;
    const left = (this.#open.get(address) ?? 1) - 1;
    if (left > 0) this.#open.set(address, left);
    else this.#open.delete(address);
    const next = this.#waiting.find((waiter) => this.#isFree(waiter.address));
    if (!next) return;
    this.#waiting = this.#waiting.filter((other) => other !== next);
    next.start();
  }
}
