/** What is observed of the world during a run, in the order it comes. */
import type { Exchange } from './schema.ts';

/** When an exchange was asked for and when it came, in milliseconds since the recorder started. */
export interface Clocking {
  readonly startMs: number;
  readonly endMs: number;
}

export class Notebook {
  readonly exchanges: Exchange[] = [];
  /** When, at the same positions; it is no part of the recording. */
  readonly clockings: Clocking[] = [];
  /** Questions without an answer so far. */
  readonly unfinished = new Set<string>();

  readonly #started = performance.now();

  /** Waits for what was asked, and notes it. */
  async observe<T>(asked: string, coming: Promise<T>, exchange: (outcome: T) => Exchange): Promise<T> {
    this.unfinished.add(asked);
    const startMs = this.#elapsed();
    const outcome = await coming;
    this.unfinished.delete(asked);
    this.note(exchange(outcome), startMs);
    return outcome;
  }

  note(exchange: Exchange, startMs = this.#elapsed()): void {
    this.exchanges.push(exchange);
    this.clockings.push({ startMs, endMs: this.#elapsed() });
  }

  #elapsed(): number {
    return performance.now() - this.#started;
  }
}
