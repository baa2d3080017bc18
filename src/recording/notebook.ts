/** Collects the exchanges of a run with the network and the machine, in the order in which their answers arrive. */
import type { Exchange } from './schema.ts';

/** The times at which an exchange was asked for and answered, in milliseconds since the recorder started. */
export interface Clocking {
  readonly startMs: number;
  readonly endMs: number;
}

/** Collects exchanges and their times. */
export class Notebook {
  readonly exchanges: Exchange[] = [];
  /** The times of the exchanges, at the same positions. They are not part of the recording. */
  readonly clockings: Clocking[] = [];
  /** The questions that have no answer yet. */
  readonly unfinished = new Set<string>();

  readonly #started = performance.now();

  /**
   * Waits for an answer, and notes the exchange.
   *
   * @param coming the answer. If it rejects, the question stays unfinished and this method rejects too.
   * @returns the answer.
   */
  async observe<T>(asked: string, coming: Promise<T>, exchange: (outcome: T) => Exchange): Promise<T> {
    this.unfinished.add(asked);
    const startMs = this.elapsed();
    const outcome = await coming;
    this.unfinished.delete(asked);
    this.note(exchange(outcome), startMs);
    return outcome;
  }

  /** Adds an exchange that is complete. */
  note(exchange: Exchange, startMs = this.elapsed()): void {
    this.exchanges.push(exchange);
    this.clockings.push({ startMs, endMs: this.elapsed() });
  }

  /** @returns the milliseconds since the recorder started. */
  elapsed(): number {
    return performance.now() - this.#started;
  }
}
