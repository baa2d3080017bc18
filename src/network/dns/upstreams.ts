/** What the DNS clients of one process share: how many questions are under way, and how each server has answered. */
import { createLimiter } from './limiter.ts';
import { type DnsServer, serverLabel } from './servers.ts';

/** Enough for a whole run in two or three waves, few enough not to be taken for a flood by a home resolver. */
const CONCURRENCY = 96;

/** How a server has answered so far. */
export interface ServerState {
  readonly server: DnsServer;
  replies: number;
  silences: number;
  /** Whether the last try could not even be sent; the others are asked first then. */
  isUnreachable: boolean;
}

export class Upstreams {
  /** Runs a question when its turn comes. */
  readonly limit: <T>(ask: () => Promise<T>) => Promise<T>;
  readonly #states = new Map<string, ServerState>();

  /** @param concurrency questions under way at once. */
  constructor(concurrency = CONCURRENCY) {
    this.limit = createLimiter(concurrency);
  }

  /** @returns how a server has answered so far; the same object for the same server. */
  stateOf(server: DnsServer): ServerState {
    const label = serverLabel(server);
    const known = this.#states.get(label);
    if (known) return known;
    const state: ServerState = { server, replies: 0, silences: 0, isUnreachable: false };
    this.#states.set(label, state);
    return state;
  }
}
