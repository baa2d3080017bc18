/** The waits of an SMTP connection, and all its timers. */
import type { OnAbort } from './dial.ts';
import type { Presence } from './presence.ts';
import type { SmtpFailure } from './types.ts';

/** The connection that waits. */
export interface Waiting {
  /** The id of the connection's transcript. */
  readonly id: string;
  /** Whether the host answers this client. Absent for a connection that finds that out. */
  readonly presence: Presence | undefined;
  /** Whether the connection has ended. That ends each wait. */
  hasEnded(): boolean;
  /** Whether the host says nothing from the start in a connection that was made beside another one. */
  isOneTooMany(): boolean;
  /** Ends the connection. */
  end(failure: SmtpFailure): void;
  /** Ends the connection because of a fault of mailcheck itself. */
  breakOff(error: unknown): void;
}

/** Lets one operation of a connection wait at a time, with a deadline, and doubts a host that says nothing meanwhile. */
export class Wait {
  readonly #waiting: Waiting;
  readonly #lifetime: NodeJS.Timeout;
  /** Resumes the operation that waits. */
  #wake: (() => void) | null = null;
  /** The number of times that bytes have arrived. */
  #arrivals = 0;
  #isDoubtful = false;

  /** @param lifetimeMs the milliseconds after which the connection ends, whatever it waits for. */
  constructor(waiting: Waiting, lifetimeMs: number) {
    this.#waiting = waiting;
    this.#lifetime = setTimeout(() => {
      waiting.end({ status: 'timeout', detail: `the session took longer than ${lifetimeMs} ms` });
    }, lifetimeMs);
  }

  /** Whether an operation waits. */
  get isBusy(): boolean {
    return this.#wake !== null;
  }

  /** Whether the host was silent for long in the last wait, and may or may not still answer this client. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  /** Notes that bytes have arrived. */
  arrive(): void {
    this.#arrivals += 1;
    this.#isDoubtful = false;
    this.#waiting.presence?.hear(performance.now());
  }

  /** Lets the operation that waits look whether its wait is over. */
  wake(): void {
    this.#wake?.();
  }

  /** Ends the lifetime of the connection. No timer is left once no operation waits. */
  stop(): void {
    clearTimeout(this.#lifetime);
  }

  /**
   * Waits until `reached` is true or the connection ends.
   *
   * @returns `false` when neither has happened at the deadline.
   */
  async within(reached: () => boolean, timeoutMs: number): Promise<boolean> {
    this.#isDoubtful = false;
    if (reached() || this.#waiting.hasEnded()) return true;
    const stopDoubting = this.#doubt(timeoutMs);
    return new Promise<boolean>((resolve) => {
      const settle = (inTime: boolean) => {
        clearTimeout(timer);
        stopDoubting();
        this.#wake = null;
        resolve(inTime);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#wake = () => {
        if (reached() || this.#waiting.hasEnded()) settle(true);
      };
    });
  }

  /**
   * Ends a connection that was made beside another one if the host answers elsewhere, and says nothing here for too
   * long. The host may take no further connection at a time, so one more would show nothing.
   *
   * @returns the function that ends this.
   */
  #giveWay(presence: Presence): () => void {
    const began = performance.now();
    const look = () => {
      const silentMs = Math.round(performance.now() - began);
      if (silentMs < presence.patienceMs) timer = setTimeout(look, presence.quietMs);
      else
        this.#waiting.end({ status: 'timeout', detail: `not a byte within ${silentMs} ms beside another connection` });
    };
    let timer = setTimeout(look, presence.quietMs);
    return () => clearTimeout(timer);
  }

  /**
   * Finds out whether the host still answers this client at all if it says nothing for a long time.
   *
   * @returns the function that ends the doubt.
   */
  #doubt(timeoutMs: number): () => void {
    const { presence, id } = this.#waiting;
    if (presence === undefined) return () => {};
    if (this.#waiting.isOneTooMany()) return this.#giveWay(presence);
    if (presence.patienceMs >= timeoutMs) return () => {};
    const heard = this.#arrivals;
    let isOver = false;
    const isSilent = () => !isOver && this.#arrivals === heard;
    const timer = setTimeout(() => {
      if (!isSilent()) return;
      this.#isDoubtful = true;
      // Nobody awaits this promise, so a rejection would end the process.
      presence.suspect(id).then(
        (suspicion) => {
          if (!isSilent()) return;
          if (typeof suspicion !== 'string') this.#waiting.end(suspicion);
          else this.#isDoubtful = suspicion === 'unknown';
        },
        (error) => this.#waiting.breakOff(error),
      );
    }, presence.patienceMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }
}

/** Waits for some milliseconds, or until the run ends. */
export function sleep(milliseconds: number, onAbort: OnAbort): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds);
    const stopListening = onAbort(end);
    function end(): void {
      clearTimeout(timer);
      stopListening();
      resolve();
    }
  });
}
