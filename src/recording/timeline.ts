/**
 * Gives recorded exchanges back in the order in which they came: what two rules race for is won by the same one again, and
 * what the deadline cut off is cut off again. An exchange waits only for earlier ones that are asked for too, so nothing
 * hangs where the order of the questions is another.
 */
import type { DEADLINE } from './questions.ts';
import type { Exchange, ExchangeOf } from './schema.ts';

/**
 * Milliseconds without a question after which nothing more is to be expected: longer than a rule is given to end after
 * the deadline.
 */
const QUIET_MS = 500;

/** What is said of a question that was not recorded: no rule takes it for an answer. */
export const NOT_RECORDED = 'not in the recording';

/** A question that is not in the recording may be shown, but not at the length of a message. */
const MAX_SHOWN = 120;

interface Entry {
  readonly position: number;
  readonly exchange: Exchange;
}

/** Where a replay takes what was recorded from. */
export interface ExchangeSource {
  /** Questions that were asked and are not in the recording. */
  readonly missing: readonly string[];
  /** @returns the exchange, in its turn; `undefined` where it was not recorded. */
  take<K extends Exclude<Exchange['kind'], typeof DEADLINE>>(
    kind: K,
    asked: string,
  ): Promise<ExchangeOf<K> | undefined>;
  /** @returns the exchanges of a kind that were asked for, in the order in which they came. */
  given<K extends Exchange['kind']>(kind: K): ExchangeOf<K>[];
  pause(milliseconds: number): Promise<void>;
  /** Resolves when everything has come that was asked for. */
  settled(): Promise<void>;
  /** Lets go of everybody. */
  end(): void;
}

export class Timeline implements ExchangeSource {
  readonly missing: string[] = [];
  /** The recorded exchanges that were asked for, by their position. */
  readonly #given = new Set<number>();
  readonly #entries = new Map<string, Entry[]>();
  readonly #exchanges: readonly Exchange[];
  readonly #unfinished: ReadonlySet<string>;
  readonly #onDeadline: () => void;
  /** Position → who waits for it. */
  readonly #waiting = new Map<number, () => void>();
  /** Who asked for what was never answered. */
  #hanging: (() => void)[] = [];
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
    this.#goOn();
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
          this.#hanging.push(resolve);
          this.#goOn();
        });
      }
      if (!this.#isOver) this.missing.push(shown(asked));
      return undefined;
    }
    // Asked again, as only another version would, the last answer holds.
    if (entries.length > 1) entries.shift();
    this.#given.add(first.position);
    if (!this.#isOver) await this.#turnOf(first.position);
    // The key holds the kind.
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
      // Whoever got the last one may ask for more.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  end(): void {
    this.#isOver = true;
    clearImmediate(this.#turn);
    clearTimeout(this.#quiet);
    for (const resolve of [...this.#waiting.values(), ...this.#hanging, ...this.#settled]) resolve();
    this.#waiting.clear();
    this.#hanging = [];
    this.#settled = [];
  }

  #turnOf(position: number): Promise<void> {
    return new Promise((resolve) => {
      // The last answer of a question that is repeated may be waited for by two.
      const before = this.#waiting.get(position);
      this.#waiting.set(position, () => {
        before?.();
        resolve();
      });
      this.#goOn();
    });
  }

  /** Once nobody runs any more, the earliest of what is waited for comes. */
  #goOn(): void {
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
      this.#goOn();
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

  /** Everybody waits for what never came: for the deadline, where there was one, and then for nothing. */
  #onQuiet(): void {
    if (this.#deadline !== -1) {
      this.#passDeadline();
      this.#goOn();
      return;
    }
    for (const resolve of this.#hanging.splice(0)) resolve();
  }
}

function keyOf(kind: Exchange['kind'], asked: string): string {
  return `${kind} ${asked}`;
}

function shown(asked: string): string {
  const [line = ''] = asked.split('\n', 1);
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN - 1)}…` : line;
}
