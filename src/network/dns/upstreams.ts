/**
 * The state that all DNS clients of a process share: the limit on parallel questions, the history of each server, and the
 * open sockets.
 */
import { createLimiter } from './limiter.ts';
import { type DnsServer, serverLabel } from './servers.ts';
import { UdpSockets } from './udp-sockets.ts';

/** Parallel questions. A run needs two or three waves of them, and a home resolver does not take them for a flood. */
const CONCURRENCY = 96;

/** A server that left so many tries in a row without an answer is not taken to be there. */
const DOUBTED_AFTER = 12;

/**
 * Milliseconds after which a silent server is tried again, beside the question to another one. A lost packet looks like a
 * silence, and the configured order is to hold again soon.
 */
export const RETRY_SILENT_AFTER_MS = 2000;

/** The history of one server in this process. */
export interface ServerState {
  readonly server: DnsServer;
  /** Tries with a reply. */
  replies: number;
  /** Tries that timed out. */
  silences: number;
  /** Tries since the last answer or denial that were not answered, or were refused, or failed. */
  failuresInARow: number;
  /** How often the server has begun to be doubted. */
  outages: number;
  /** Whether the last try over UDP found the server unreachable. Other servers are then asked first. */
  isUnreachable: boolean;
  /**
   * When a silent server is tried again, in milliseconds of the clock. It is silent since another server answered a
   * question that it did not, and until it replies to anything. Other servers are asked first. `null` when not silent.
   */
  retryAt: number | null;
}

/** The shared limit and the shared server histories of the DNS clients. */
export class Upstreams {
  /** Runs a question as soon as the limit allows. */
  readonly limit: <T>(ask: () => Promise<T>) => Promise<T>;
  readonly #states = new Map<string, ServerState>();
  readonly #sockets = new Map<string, UdpSockets>();
  readonly #now: () => number;

  /**
   * @param concurrency largest number of parallel questions.
   * @param now milliseconds of a clock that only goes forward.
   */
  constructor(concurrency = CONCURRENCY, now = () => performance.now()) {
    this.#now = now;
    this.limit = createLimiter(concurrency);
  }

  /** @returns the history of a server. The same server always has the same object. */
  stateOf(server: DnsServer): ServerState {
    const label = serverLabel(server);
    const known = this.#states.get(label);
    if (known) return known;
    const state: ServerState = {
      server,
      replies: 0,
      silences: 0,
      failuresInARow: 0,
      outages: 0,
      isUnreachable: false,
      retryAt: null,
    };
    this.#states.set(label, state);
    return state;
  }

  /** @returns the UDP sockets to a server, which all questions under way share. */
  socketsTo(server: DnsServer): UdpSockets {
    const label = serverLabel(server);
    const known = this.#sockets.get(label);
    if (known) return known;
    const sockets = new UdpSockets(server, { now: this.#now, onIdle: () => this.#sockets.delete(label) });
    this.#sockets.set(label, sockets);
    return sockets;
  }

  /** Notes that another server answered a question, and this one was silent. It is tried again with the next question. */
  noteSilent(state: ServerState): void {
    state.retryAt ??= this.#now();
  }

  /** @returns those of the servers that are silent, and are to be tried again now. The next try is later. */
  takeRetries(states: readonly ServerState[]): readonly ServerState[] {
    const now = this.#now();
    const due = states.filter(({ retryAt }) => retryAt !== null && retryAt <= now);
    for (const state of due) state.retryAt = now + RETRY_SILENT_AFTER_MS;
    return due;
  }

  /** Notes a try that brought no answer or denial. */
  noteFailure(state: ServerState): void {
    state.failuresInARow += 1;
    if (state.failuresInARow === DOUBTED_AFTER) state.outages += 1;
  }

  /** @returns how often one of the servers has begun to be doubted. */
  outagesOf(servers: readonly DnsServer[]): number {
    return servers.reduce((sum, server) => sum + this.stateOf(server).outages, 0);
  }

  /** @returns whether none of the servers has answered of late, although each was asked several times. */
  areDoubted(servers: readonly DnsServer[]): boolean {
    return servers.length > 0 && servers.every((server) => this.stateOf(server).failuresInARow >= DOUBTED_AFTER);
  }
}
