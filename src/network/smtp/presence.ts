/**
 * Notices that a host which has answered does not answer this client any more, as when fail2ban has banned its address.
 * Silence alone does not show that: many hosts take their time. A new connection that gets no greeting either does, if
 * the host says nothing in any other connection meanwhile.
 *
 * Many hosts take a few connections of one client at a time, and drop one too many without a word. So a new connection
 * that is dropped shows a ban only if no other one of this client is open, or if the host has taken more at a time.
 */
import type { SmtpConnectResult, SmtpFailure, SmtpFailureStatus } from './types.ts';

/** The ends of a new connection by which a host says that it takes none, at once and without a word. */
const TURNED_AWAY: readonly (SmtpFailureStatus | 'connected')[] = ['refused', 'reset', 'unreachable', 'closed'];

/** @returns whether a new connection ended as one to a host does that has banned this client, or takes no further one. */
export function isBarred(result: SmtpConnectResult): boolean {
  if (result.status === 'timeout') return result.waitsFor === undefined;
  return TURNED_AWAY.includes(result.status);
}

/**
 * Tells whether the host dropped a new connection without a word. On a port with TLS from the first byte, such an end
 * makes the handshake fail, and OpenSSL has no error to tell.
 */
export function isDropped(result: SmtpConnectResult): boolean {
  if (isBarred(result)) return true;
  return result.status === 'tls-failed' && !(result.errno ?? '').startsWith('ERR_');
}

/** How a new connection is made to find out whether the host still answers. */
export interface Question {
  /** The limit in milliseconds for the connection and for the greeting. */
  readonly timeoutMs: number;
  /** Whether the silent connection stays open meanwhile. Otherwise no other connection is open. */
  readonly isBeside: boolean;
  /** The id of the connection that gave the reason to ask. */
  readonly cause: string;
}

/** Whether a host answers this client: the failure if it does not any more, or that it cannot be told. */
export type Suspicion = SmtpFailure | 'answers' | 'unknown';

/** One connection of this client to the host. */
export interface Visit {
  /** Notes that the host has greeted. */
  welcome(): void;
  /** Notes that the dialogue is over, although the connection may still be open. */
  leave(): void;
  /** Notes that the connection is closed. */
  close(): void;
}

/** Whether one port of a host answers this client. */
export class Presence {
  /** The shortest silence that is suspicious, in milliseconds. */
  readonly quietMs: number;
  readonly #connect: (question: Question) => Promise<SmtpConnectResult | null>;
  #answers = 0;
  #slowestMs = 0;
  #heardAt = 0;
  #suspicion: Promise<Suspicion> | null = null;
  #check: Promise<SmtpFailure | null> | null = null;
  #gone: SmtpFailure | null = null;
  readonly #open = new Set<Visit>();
  readonly #welcome = new Set<Visit>();
  #mostAtOnce = 0;

  /** @param connect makes a connection. It gives `null` when none may be made now. */
  constructor(quietMs: number, connect: (question: Question) => Promise<SmtpConnectResult | null>) {
    this.quietMs = quietMs;
    this.#connect = connect;
  }

  /** The failure of every further connection, once the host is known to be silent for this client. */
  get gone(): SmtpFailure | null {
    return this.#gone;
  }

  /** Whether the host has answered before. Only such a host can stop answering. */
  get hasAnswered(): boolean {
    return this.#answers > 0;
  }

  /** Whether a connection of this client is open. */
  get isVisited(): boolean {
    return this.#open.size > 0;
  }

  /** The silence after which the host is suspected, in milliseconds. A slow host gets more time. */
  get patienceMs(): number {
    return this.hasAnswered ? Math.max(this.quietMs, 3 * this.#slowestMs) : Number.POSITIVE_INFINITY;
  }

  /** Notes that something came from the host. */
  hear(now: number): void {
    this.#heardAt = now;
  }

  /** Notes a complete reply, and the milliseconds that it took. */
  answer(tookMs: number): void {
    this.#answers += 1;
    this.#slowestMs = Math.max(this.#slowestMs, tookMs);
  }

  /** Notes that a connection of this client is being made. */
  visit(): Visit {
    const visit: Visit = {
      welcome: () => {
        this.#welcome.add(visit);
        this.#mostAtOnce = Math.max(this.#mostAtOnce, this.#welcome.size);
      },
      leave: () => {
        this.#welcome.delete(visit);
      },
      close: () => {
        this.#welcome.delete(visit);
        this.#open.delete(visit);
      },
    };
    this.#open.add(visit);
    return visit;
  }

  /**
   * Makes a new connection beside one in which the host is silent. All who suspect the host meanwhile share it.
   *
   * @param cause the id of the silent connection.
   */
  suspect(cause: string): Promise<Suspicion> {
    if (this.#gone !== null) return Promise.resolve(this.#gone);
    this.#suspicion ??= this.#ask(true, cause).finally(() => {
      this.#suspicion = null;
    });
    return this.#suspicion;
  }

  /**
   * Makes a new connection because the host has barred one, or was silent in one until its end. All who ask meanwhile share it.
   *
   * @param cause the id of that connection.
   * @returns the failure if the host does not answer this client any more, otherwise `null`.
   */
  async check(cause: string): Promise<SmtpFailure | null> {
    await this.#suspicion;
    if (this.#gone !== null) return this.#gone;
    this.#check ??= this.#ask(false, cause)
      .then((suspicion) => (typeof suspicion === 'string' ? null : suspicion))
      .finally(() => {
        this.#check = null;
      });
    return this.#check;
  }

  async #ask(isBeside: boolean, cause: string): Promise<Suspicion> {
    const began = performance.now();
    const timeoutMs = Math.round(Math.max(this.quietMs, 2 * this.#slowestMs));
    const result = await this.#connect({ timeoutMs, isBeside, cause });
    if (this.#gone !== null) return this.#gone;
    if (result === null) return 'unknown';
    if (result.status === 'connected') {
      await result.session.quit();
      return 'answers';
    }
    if (this.#heardAt > began) return 'answers';
    if (!isBarred(result)) return 'unknown';
    if (isBeside && TURNED_AWAY.includes(result.status) && this.#open.size >= this.#mostAtOnce) return 'unknown';
    const after = `after ${this.#answers} ${this.#answers === 1 ? 'reply' : 'replies'}`;
    this.#gone = { status: 'shut-out', detail: `silent ${after}, and to a new connection (${result.detail})` };
    return this.#gone;
  }
}
