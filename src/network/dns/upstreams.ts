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
}

/** The shared limit and the shared server histories of the DNS clients. */
export class Upstreams {
  /** Runs a question as soon as the limit allows. */
  readonly limit: <T>(ask: () => Promise<T>) => Promise<T>;
  readonly #states = new Map<string, ServerState>();
  readonly #sockets = new Map<string, UdpSockets>();

  /** @param concurrency largest number of parallel questions. */
  constructor(concurrency = CONCURRENCY) {
    this.limit = createLimiter(concurrency);
  }

  /** @returns the history of a server. The same server always has the same object. */
  stateOf(server: DnsServer): ServerState {
    const label = serverLabel(server);
    const known = this.#states.get(label);
    if (known) return known;
    const state: ServerState = { server, replies: 0, silences: 0, failuresInARow: 0, outages: 0, isUnreachable: false };
    this.#states.set(label, state);
    return state;
  }

  /** @returns the UDP sockets to a server, which all questions under way share. */
  socketsTo(server: DnsServer): UdpSockets {
    const label = serverLabel(server);
    const known = this.#sockets.get(label);
    if (known) return known;
    const sockets = new UdpSockets(server, { onIdle: () => this.#sockets.delete(label) });
    this.#sockets.set(label, sockets);
    return sockets;
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
