/**
 * Gives recorded exchanges back in virtual time, in which only the exchanges and pauses take time, as if this machine
 * were infinitely fast. So the end of the last exchange is the length of the longest chain of dependent exchanges.
 *
 * Each exchange is stored with the exchange that had arrived last when it was asked for. That one must have caused it,
 * because the timeline gives the next exchange only when no code is ready to run.
 */

import { MAX_CONNECTIONS_PER_ADDRESS } from '../../network/smtp/budgets.ts';
import type { DEADLINE } from '../questions.ts';
import type { Exchange, ExchangeOf } from '../schema.ts';
import type { ExchangeSource } from '../timeline.ts';

/** One exchange or pause, in virtual milliseconds. */
export interface VirtualStep {
  /** The position of the exchange in the recording, or `null` for a pause. */
  readonly position: number | null;
  startMs: number;
  endMs: number;
  /** The index of the step that this step waited for, or `null` for a first step. */
  after: number | null;
}

interface Waiting {
  readonly step: number;
  readonly resume: () => void;
}

/** The effect of an exchange on the open connections, whose number for each address is limited. */
export interface Traffic {
  /** The address that the exchange opens a connection to, or `null`. */
  readonly opens: string | null;
  /** The transcript id of the connection that the exchange ends, or `null`. */
  readonly closes: string | null;
  /** The transcript id of the connection that the exchange belongs to, or `null`. */
  readonly connection: string | null;
}

/** Gives the exchanges in the order in which they would end in virtual time, and notes the steps. */
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
  /** The index of the step that ended last. */
  #last: number | null = null;
  #isTurning = false;
  #isOver = false;
  #settled: (() => void)[] = [];
  /** Maps an address to its number of open connections. `#queues` has the calls that wait for one of them to close. */
  readonly #open = new Map<string, number>();
  readonly #queues = new Map<string, (() => void)[]>();
  /** Maps each open connection to its address. */
  readonly #connections = new Map<string, string>();

  /** @param durationOf returns how long the exchange at a position took, in milliseconds. */
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
    // The key contains the kind, so the exchange is of this kind.
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

  /** Ends the earliest step that is waited for, once all code that could ask for more has run. */
  #turn(): void {
    if (this.#isTurning || this.#isOver) return;
    this.#isTurning = true;
    // The loading of a module takes one turn of the event loop, so the timeline waits for two.
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
    // A connection that closes passes its place on to this one, so the number of open connections stays the same.
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
