/**
 * Keeps for all runs of a process what the resolver was found to be. A dead resolver is found once and not by each run.
 */

import type { DnsServer } from '../network/dns/servers.ts';
import { placeOf } from '../network/dns/shared-dns.ts';
import type { IpAddress } from '../network/ip.ts';
import { untilEnd } from '../network/until-end.ts';
import { faultOf, type ResolverFault, type ResolverState } from './facts/resolver.ts';

/** Milliseconds for which a resolver that can be relied on is not asked again. */
const USABLE_MS = 60_000;
/** The same for one that cannot, which may come back at any time. Who waits for it looks as often. */
export const UNUSABLE_MS = 5000;

interface Judged {
  readonly state: ResolverState;
  readonly until: number;
}

export interface ResolverMemoryOptions {
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** The addresses of this machine. */
  readonly own: readonly IpAddress[];
  /** Tells whether the servers seem not to answer any more. */
  readonly areDoubted: (servers: readonly DnsServer[]) => boolean;
}

/** What the resolvers that runs use were found to be. */
export class ResolverMemory {
  readonly #options: ResolverMemoryOptions;
  readonly #judged = new Map<string, Judged>();
  readonly #underWay = new Map<string, Promise<ResolverState>>();
  #fault: ResolverFault | null = null;

  constructor(options: ResolverMemoryOptions) {
    this.#options = options;
  }

  /** What is wrong with the resolver that was judged last. `null` where it can be relied on. */
  get fault(): ResolverFault | null {
    return this.#fault;
  }

  /**
   * @param gather finds out what the resolver is, for one run.
   * @param signal aborts at the end of that run.
   * @returns the state of the resolver. Runs that ask at the same time wait for the first of them.
   */
  async judge(
    servers: readonly DnsServer[],
    gather: () => Promise<ResolverState>,
    signal: AbortSignal,
  ): Promise<ResolverState> {
    const key = placeOf(servers);
    while (!signal.aborted) {
      const known = this.#judged.get(key);
      if (known !== undefined && this.#options.now() < known.until && !this.#isOver(known, servers)) return known.state;
      const pending = this.#underWay.get(key);
      if (pending === undefined) break;
      const state = await untilEnd<ResolverState | null>(signal, pending, () => null).catch(() => null);
      if (state !== null && isForAll(state)) return state;
      // It says nothing about other domains, so this run asks for its own.
      if (state?.kind === 'partial') return gather();
    }
    const asked = gather();
    this.#underWay.set(key, asked);
    try {
      const state = await asked;
      if (isForAll(state)) {
        const kept = state.kind === 'usable' ? USABLE_MS : UNUSABLE_MS;
        this.#judged.set(key, { state, until: this.#options.now() + kept });
        this.#fault = faultOf(state, { servers }, this.#options.own);
      }
      return state;
    } finally {
      if (this.#underWay.get(key) === asked) this.#underWay.delete(key);
    }
  }

  /** Tells whether a resolver that was usable seems to have gone since. */
  #isOver({ state }: Judged, servers: readonly DnsServer[]): boolean {
    return state.kind === 'usable' && this.#options.areDoubted(servers);
  }
}

/** Tells whether the state is the same for all domains. */
function isForAll({ kind }: ResolverState): boolean {
  return kind !== 'unknown' && kind !== 'partial';
}
