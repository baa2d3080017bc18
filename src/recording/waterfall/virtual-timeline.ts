/**
 * Gives recorded exchanges back in a time of its own, in which nothing takes time but the exchanges and pauses
 * themselves: as if this machine were infinitely fast. What is left is the dependent waiting, and its end is the length
 * of the longest chain of it. Each exchange is remembered with the one that had come last when it was asked for: nothing
 * else can have led to it, since the next comes only when nobody runs any more.
 */

import { MAX_CONNECTIONS_PER_ADDRESS } from '../../network/smtp/budgets.ts';
import type { DEADLINE } from '../questions.ts';
import type { Exchange, ExchangeOf } from '../schema.ts';
import type { ExchangeSource } from '../timeline.ts';

/** One exchange or pause, in virtual milliseconds. */
export interface VirtualStep {
  /** Its position in the recording; `null` for a pause. */
  readonly position: number | null;
  startMs: number;
  endMs: number;
  /** The step that it waited for: an index into the steps. */
  after: number | null;
}

interface Waiting {
  readonly step: number;
  readonly resume: () => void;
}

/** What an exchange tells of connections, which are limited to so many for an address. */
export interface Traffic {
  /** The address, where it opens a connection. */
  readonly opens: string | null;
  /** The transcript of the connection, where it ends one. */
  readonly closes: string | null;
  readonly connection: string | null;
}

export class VirtualTimeline implements ExchangeSource {
  readonly missing: string[] = [];
  readonly steps: VirtualStep[] = [];

  readonly #exchanges: readonly Exchange[];
  readonly #durationOf: (position: number) => number;
  readonly #trafficOf: (exchange: Exchange) => Traffic;
  readonly #positions = new Map<string, number[]>();
  readonly #given: number[] = [];
  #waiting: Waiting[] = [];
  #now = 0;
  /** The step that came last. */
  #last: number | null = null;
  #isTurning = false;
  #isOver = false;
  #settled: (() => void)[] = [];
  /** Address → connections open, and who waits for one of them to end. */
  readonly #open = new Map<string, number>();
  readonly #queues = new Map<string, (() => void)[]>();
  /** Connection → its address, while it is open. */
  readonly #connections = new Map<string, string>();

  /** @param durationOf milliseconds that the exchange at a position took. */
  constructor(
    exchanges: readonly Exchange[],
    durationOf: (position: number) => number,
    trafficOf: (exchange: Exchange) => Traffic,
  ) {
    this.#exchanges = exchanges;
    this.#durationOf = durationOf;
    this.#trafficOf = trafficOf;
    for (const [position, { kind, asked }] of exchanges.entries()) {
      const key = `${kind} ${asked}`;
      this.#positions.set(key, [...(this.#positions.get(key) ?? []), position]);
    }
  }

  async take<K extends Exclude<Exchange['kind'], typeof DEADLINE>>(
    kind: K,
    asked: string,
  ): Promise<ExchangeOf<K> | undefined> {
    const positions = this.#positions.get(`${kind} ${asked}`);
    const [position] = positions ?? [];
    const exchange = position === undefined ? undefined : this.#exchanges[position];
    if (position === undefined || exchange === undefined || this.#isOver) {
      if (!this.#isOver) this.missing.push(asked);
      return undefined;
    }
    if (positions !== undefined && positions.length > 1) positions.shift();
    this.#given.push(position);
    const { opens, closes, connection } = this.#trafficOf(exchange);
    if (opens !== null) await this.#slot(opens);
    await this.#wait(position, this.#durationOf(position));
    if (opens !== null && connection !== null && closes === null) this.#connections.set(connection, opens);
    if (opens !== null && closes !== null) this.#release(opens);
    if (opens === null && closes !== null) this.#close(closes);
    // The key holds the kind.
    return exchange as ExchangeOf<K>;
  }

  given<K extends Exchange['kind']>(kind: K): ExchangeOf<K>[] {
    return [...this.#given]
      .sort((a, b) => a - b)
      .flatMap((position) => this.#exchanges[position] ?? [])
      .filter((exchange): exchange is ExchangeOf<K> => exchange.kind === kind);
  }

  async pause(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await this.#wait(null, milliseconds);
  }

  async settled(): Promise<void> {
    while (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#settled.push(resolve));
  }

  end(): void {
    this.#isOver = true;
    for (const { resume } of this.#waiting.splice(0)) resume();
    for (const queue of this.#queues.values()) for (const resume of queue.splice(0)) resume();
    for (const resolve of this.#settled.splice(0)) resolve();
  }

  #wait(position: number | null, milliseconds: number): Promise<void> {
    const step = this.steps.length;
    this.steps.push({ position, startMs: this.#now, endMs: this.#now + milliseconds, after: this.#last });
    return new Promise((resume) => {
      this.#waiting.push({ step, resume });
      this.#turn();
    });
  }

  /** The earliest of what is waited for comes, once everybody who could ask for more has done so. */
  #turn(): void {
    if (this.#isTurning || this.#isOver) return;
    this.#isTurning = true;
    // Twice, since a module that is loaded on the way takes a turn of its own.
    setImmediate(() => {
      setImmediate(() => {
        this.#isTurning = false;
        const end = ({ step }: Waiting): number => this.steps[step]?.endMs ?? 0;
        const next = this.#waiting.reduce<Waiting | undefined>(
          (earliest, waiting) => (earliest === undefined || end(waiting) < end(earliest) ? waiting : earliest),
          undefined,
        );
        if (next === undefined) return;
        this.#waiting = this.#waiting.filter((waiting) => waiting !== next);
        this.#now = end(next);
        this.#last = next.step;
        next.resume();
        if (this.#waiting.length > 0) this.#turn();
        else for (const resolve of this.#settled.splice(0)) resolve();
      });
    });
  }

  async #slot(address: string): Promise<void> {
    const open = this.#open.get(address) ?? 0;
    if (open < MAX_CONNECTIONS_PER_ADDRESS) {
      this.#open.set(address, open + 1);
      return;
    }
    const queue = this.#queues.get(address) ?? [];
    this.#queues.set(address, queue);
    // Who ends a connection hands its place on, so the number of open ones stays.
    await new Promise<void>((resume) => queue.push(resume));
  }

  #close(connection: string): void {
    const address = this.#connections.get(connection);
    this.#connections.delete(connection);
    if (address !== undefined) this.#release(address);
  }

  #release(address: string): void {
    const next = this.#queues.get(address)?.shift();
    if (next) next();
    else this.#open.set(address, (this.#open.get(address) ?? 1) - 1);
  }
}
