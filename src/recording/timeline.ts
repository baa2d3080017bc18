/**
 * Gives recorded exchanges back in the order in which they arrived. So the same rule wins a race as in the recorded
 * run, and the time limit cuts the same questions off. An exchange waits only for earlier exchanges that somebody asks
 * for too. A replay whose rules ask in another order therefore does not hang.
 */
import type { DEADLINE } from './questions.ts';
import type { Exchange, ExchangeOf } from './schema.ts';

/**
 * Milliseconds without a new question after which the timeline expects no more. This is longer than the time that a
 * rule has to finish after the deadline.
 */
const QUIET_MS = 500;

/** The detail text of the failure that answers a question that was not recorded. No rule treats it as an answer. */
export const NOT_RECORDED = 'not in the recording';

/** The most characters of a missing question that are shown. Some questions contain a whole message. */
const MAX_SHOWN = 120;

interface Entry {
  readonly position: number;
  readonly exchange: Exchange;
}

/** The source from which a replay takes the recorded exchanges. */
export interface ExchangeSource {
  /** The questions that the rules asked and the recording does not contain. */
  readonly missing: readonly string[];
  /** @returns the recorded exchange, once its turn has come. It is `undefined` if the question was not recorded. */
  take<K extends Exclude<Exchange['kind'], typeof DEADLINE>>(
    kind: K,
    asked: string,
  ): Promise<ExchangeOf<K> | undefined>;
  /** @returns the exchanges of a kind that were asked for so far, in the order of the recording. */
  given<K extends Exchange['kind']>(kind: K): ExchangeOf<K>[];
  /** Stands in for a pause of the recorded run. */
  pause(milliseconds: number): Promise<void>;
  /** Resolves when every question that was asked has its answer. */
  settled(): Promise<void>;
  /** Ends the replay: every waiting call resolves at once. */
  end(): void;
}

/** Gives the exchanges in the order of the recording, without any delay. */
export class Timeline implements ExchangeSource {
  readonly missing: string[] = [];
  /** The positions of the recorded exchanges that were asked for. */
  readonly #given = new Set<number>();
  readonly #entries = new Map<string, Entry[]>();
  readonly #exchanges: readonly Exchange[];
  readonly #unfinished: ReadonlySet<string>;
  readonly #onDeadline: () => void;
  /** Maps a position to the function that resolves the call that waits for this exchange. */
  readonly #waiting = new Map<number, () => void>();
  /** Resolves the calls whose question was never answered in the recorded run. */
  #unanswered: (() => void)[] = [];
  #deadline: number;
  #turn: NodeJS.Immediate | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #settled: (() => void)[] = [];
  #isOver = false;

  constructor(exchanges: readonly Exchange[], unfinished: readonly string[], onDeadline: () => void) {
    this.#exchanges = exchanges;
    this.#unfinished = new Set(unfinished);
    this.#onDeadline = onDeadline;
    this.#deadline = exchanges.findIndex(({ kind }) => kind === 'deadline');
    for (const [position, exchange] of exchanges.entries()) {
      const key = keyOf(exchange.kind, exchange.asked);
      const entries = this.#entries.get(key) ?? [];
      this.#entries.set(key, entries);
      entries.push({ position, exchange });
    }
    this.#scheduleNext();
  }

  async take<K extends Exclude<Exchange['kind'], typeof DEADLINE>>(
    kind: K,
    asked: string,
  ): Promise<ExchangeOf<K> | undefined> {
    const entries = this.#entries.get(keyOf(kind, asked));
    const [first] = entries ?? [];
    if (entries === undefined || first === undefined) {
      if (!this.#isOver && this.#unfinished.has(asked)) {
        await new Promise<void>((resolve) => {
          this.#unanswered.push(resolve);
          this.#scheduleNext();
        });
      }
      if (!this.#isOver) this.missing.push(shortened(asked));
      return undefined;
    }
    // A question that is asked more often than in the recorded run gets the last recorded answer again.
    if (entries.length > 1) entries.shift();
    this.#given.add(first.position);
    if (!this.#isOver) await this.#turnOf(first.position);
    // The key contains the kind, so the exchange is of this kind.
    return first.exchange as ExchangeOf<K>;
  }

  given<K extends Exchange['kind']>(kind: K): ExchangeOf<K>[] {
    return [...this.#given]
      .sort((a, b) => a - b)
      .flatMap((position) => this.#exchanges[position] ?? [])
      .filter((exchange): exchange is ExchangeOf<K> => exchange.kind === kind);
  }

  async pause(): Promise<void> {}

  async settled(): Promise<void> {
    while (this.#waiting.size > 0) {
      await new Promise<void>((resolve) => this.#settled.push(resolve));
      // The rule that received the last exchange may ask for another one now.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  end(): void {
    this.#isOver = true;
    clearImmediate(this.#turn);
    clearTimeout(this.#quiet);
    for (const resolve of [...this.#waiting.values(), ...this.#unanswered, ...this.#settled]) resolve();
    this.#waiting.clear();
    this.#unanswered = [];
    this.#settled = [];
  }

  #turnOf(position: number): Promise<void> {
    return new Promise((resolve) => {
      // Two calls may wait for the last answer to a repeated question.
      const before = this.#waiting.get(position);
      this.#waiting.set(position, () => {
        before?.();
        resolve();
      });
      this.#scheduleNext();
    });
  }

  /** Gives the earliest exchange that is waited for, once no other code is ready to run. */
  #scheduleNext(): void {
    clearTimeout(this.#quiet);
    if (this.#isOver) return;
    if (this.#waiting.size === 0) {
      this.#quiet = setTimeout(() => this.#onQuiet(), QUIET_MS);
      return;
    }
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      const earliest = Math.min(...this.#waiting.keys());
      if (this.#isDeadlineBefore(earliest)) this.#passDeadline();
      else this.#give(earliest);
      this.#scheduleNext();
    });
  }

  #give(position: number): void {
    const resolve = this.#waiting.get(position);
    this.#waiting.delete(position);
    resolve?.();
    if (this.#waiting.size > 0) return;
    for (const done of this.#settled.splice(0)) done();
  }

  #isDeadlineBefore(position: number): boolean {
    return this.#deadline !== -1 && this.#deadline < position;
  }

  #passDeadline(): void {
    this.#deadline = -1;
    this.#onDeadline();
  }

  /**
   * Handles the state in which every rule waits for a question that was never answered. If the recording has a
   * deadline, the deadline passes now. Otherwise the waiting calls resolve without an answer.
   */
  #onQuiet(): void {
    if (this.#deadline !== -1) {
      this.#passDeadline();
      this.#scheduleNext();
      return;
    }
    for (const resolve of this.#unanswered.splice(0)) resolve();
  }
}

function keyOf(kind: Exchange['kind'], asked: string): string {
  return `${kind} ${asked}`;
}

function shortened(asked: string): string {
  const [line = ''] = asked.split('\n', 1);
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN - 1)}…` : line;
}
