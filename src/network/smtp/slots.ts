import { forgetOldest } from '../forget.ts';
import type { IpAddress } from '../ip.ts';

/** The most addresses of which it is remembered that they take one connection at a time. */
const MAX_KNOWN = 20_000;

/** The most open connections to the addresses of one block. */
export interface PerBlock {
  readonly most: number;
  blockOf(address: IpAddress): string;
}

/** Limits the number of open connections, per address and in total. Further connections wait for a free slot. */
export class Slots {
  readonly #total: number;
  readonly #perAddress: number;
  readonly #perBlock: PerBlock | undefined;
  /** What is known of addresses: whether they get one connection at a time, and have shown that they take no more. */
  readonly #known = new Map<IpAddress, { isSingle: boolean; isProven: boolean }>();
  readonly #openToBlock = new Map<string, number>();
  readonly #open = new Map<IpAddress, number>();
  #openTotal = 0;
  #waiting: { readonly address: IpAddress; readonly start: () => void }[] = [];

  constructor(total: number, perAddress: number, perBlock?: PerBlock) {
    this.#total = total;
    this.#perAddress = perAddress;
    this.#perBlock = perBlock;
  }

  /**
   * Waits for a free slot.
   *
   * @param onAbort registers a function to call on abort, and returns the function that unregisters it.
   * @returns the function that frees the slot, or `null` when the run was aborted during the wait.
   */
  take(address: IpAddress, onAbort: (end: () => void) => () => void): Promise<(() => void) | null> {
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
  takeBeside(address: IpAddress): () => void {
    return this.#occupy(address);
  }

  /** Opens only one connection to the address at a time from now on. */
  limitToOne(address: IpAddress): void {
    this.#of(address).isSingle = true;
  }

  /** Notes that the host took a connection alone which it had not taken beside another one. */
  proveOne(address: IpAddress): void {
    this.#of(address).isProven = true;
  }

  /** @returns whether the host has shown that it takes one connection at a time. */
  takesOne(address: IpAddress): boolean {
    return this.#known.get(address)?.isProven === true;
  }

  /** @returns the number of open connections to the address. */
  openTo(address: IpAddress): number {
    return this.#open.get(address) ?? 0;
  }

  #isFree(address: IpAddress): boolean {
    const most = this.#known.get(address)?.isSingle ? 1 : this.#perAddress;
    if (this.#openTotal >= this.#total || this.openTo(address) >= most) return false;
    return this.#perBlock === undefined || this.#openIn(this.#perBlock, address) < this.#perBlock.most;
  }

  #occupy(address: IpAddress): () => void {
    this.#openTotal += 1;
    this.#open.set(address, this.openTo(address) + 1);
    this.#countBlock(address, 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#release(address);
    };
  }

  #release(address: IpAddress): void {
    this.#openTotal -= 1;
    this.#countBlock(address, -1);
    const left = (this.#open.get(address) ?? 1) - 1;
    if (left > 0) this.#open.set(address, left);
    else this.#open.delete(address);
    const next = this.#waiting.find((waiter) => this.#isFree(waiter.address));
    if (!next) return;
    this.#waiting = this.#waiting.filter((other) => other !== next);
    next.start();
  }

  #openIn({ blockOf }: PerBlock, address: IpAddress): number {
    return this.#openToBlock.get(blockOf(address)) ?? 0;
  }

  #countBlock(address: IpAddress, by: number): void {
    if (this.#perBlock === undefined) return;
    const open = this.#openIn(this.#perBlock, address) + by;
    const block = this.#perBlock.blockOf(address);
    if (open > 0) this.#openToBlock.set(block, open);
    else this.#openToBlock.delete(block);
  }

  #of(address: IpAddress): { isSingle: boolean; isProven: boolean } {
    const known = this.#known.get(address) ?? { isSingle: false, isProven: false };
    this.#known.set(address, known);
    forgetOldest(this.#known, MAX_KNOWN, (_, other) => this.openTo(other) === 0);
    return known;
  }
}
