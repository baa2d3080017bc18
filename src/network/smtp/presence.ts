/**
 * Notices that a host which has answered does not answer this client any more, as when fail2ban has banned its address.
 * Silence alone does not show that: many hosts take their time. A new connection that gets no greeting either does, if
 * the host says nothing in any other connection meanwhile.
 */
import type { SmtpConnectResult, SmtpFailure, SmtpFailureStatus } from './types.ts';

/** The shortest silence that is suspicious, in milliseconds. Servers that delay refusals do so for up to five seconds. */
export const QUIET_MS = 6000;

/** The ends of a new connection that look like a ban. */
export const BARRED: readonly (SmtpFailureStatus | 'connected')[] = [
  'timeout',
  'refused',
  'reset',
  'unreachable',
  'closed',
];

/** Whether one port of a host answers this client. */
export class Presence {
  readonly #quietMs: number;
  readonly #connect: (timeoutMs: number) => Promise<SmtpConnectResult>;
  #answers = 0;
  #slowestMs = 0;
  #heardAt = 0;
  #check: Promise<SmtpFailure | null> | null = null;
  #gone: SmtpFailure | null = null;

  /** @param connect makes a connection, with a limit in milliseconds for it and for the greeting. */
  constructor(quietMs: number, connect: (timeoutMs: number) => Promise<SmtpConnectResult>) {
    this.#quietMs = quietMs;
    this.#connect = connect;
  }

  /** The failure of every further connection, once the host is known to be silent for this client. */
  get gone(): SmtpFailure | null {
    return this.#gone;
  }

  /** Whether the host has answered before. Only such a host can stop to answer. */
  get hasAnswered(): boolean {
    return this.#answers > 0;
  }

  /** The silence after which the host is suspected, in milliseconds. A slow host gets more time. */
  get patienceMs(): number {
    return this.hasAnswered ? Math.max(this.#quietMs, 3 * this.#slowestMs) : Number.POSITIVE_INFINITY;
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

  /**
   * Makes a new connection, because the host is silent in one, or has refused one. All who ask meanwhile share it.
   *
   * @returns the failure if the host does not answer this client any more, otherwise `null`.
   */
  check(): Promise<SmtpFailure | null> {
    if (this.#gone !== null) return Promise.resolve(this.#gone);
    this.#check ??= this.#ask().finally(() => {
      this.#check = null;
    });
    return this.#check;
  }

  async #ask(): Promise<SmtpFailure | null> {
    const began = performance.now();
    const result = await this.#connect(Math.round(Math.max(this.#quietMs, 2 * this.#slowestMs)));
    if (result.status === 'connected') {
      await result.session.quit();
      return null;
    }
    if (!BARRED.includes(result.status) || this.#heardAt > began) return null;
    const after = `after ${this.#answers} ${this.#answers === 1 ? 'reply' : 'replies'}`;
    this.#gone = { status: 'shut-out', detail: `silent ${after}, and to a new connection (${result.detail})` };
    return this.#gone;
  }
}
