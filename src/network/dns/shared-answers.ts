/**
 * The DNS answers that all runs of a process share. An answer is kept as long as its TTL says, and later runs see what is
 * left of it. A question that two runs have at the same time is asked once.
 *
 * A failure is kept for a few seconds, so that a dead server is not asked again by every run (RFC 9520 §3.2). An answer
 * that the end of the process cut off is not kept.
 */
import { type DnsAnswer, isCutOff, isFailure } from './answer.ts';
import type { SignedExchange, SignedRecord } from './signed.ts';

/** The most answers that are kept. The one that was not used for longest is forgotten first. */
const MAX_ANSWERS = 50_000;
/** The most octets that they take, as estimated. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** Seconds that an answer is kept at most, whatever its TTL (RFC 2308 §5 suggests one to three hours for a denial). */
const MAX_KEPT_SECONDS = 3600;
/** Seconds that a failure is kept, and a denial without TTL. RFC 9520 §3.2 wants one second to five minutes. */
export const FAILURE_SECONDS = 5;

/** How answers of one kind are kept. */
export interface Keeping<T> {
  /** @returns the seconds that the answer may be kept. */
  secondsOf(answer: T): number;
  /** @returns the octets that it takes, estimated. */
  bytesOf(answer: T): number;
  /** @returns the answer as it is so many whole seconds later. */
  later(answer: T, seconds: number): T;
}

interface Kept {
  readonly answer: unknown;
  /** Milliseconds of the clock. */
  readonly at: number;
  readonly until: number;
  readonly bytes: number;
}

export interface SharedAnswersOptions {
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly maxAnswers?: number;
  readonly maxBytes?: number;
}

/** The answers that are kept, and the questions under way. */
export class SharedAnswers {
  readonly #now: () => number;
  readonly #maxAnswers: number;
  readonly #maxBytes: number;
  /** The order of the map is that of the last use. */
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<unknown>>();
  #bytes = 0;

  constructor({ now, maxAnswers = MAX_ANSWERS, maxBytes = MAX_ANSWER_BYTES }: SharedAnswersOptions) {
    this.#now = now;
    this.#maxAnswers = maxAnswers;
    this.#maxBytes = maxBytes;
  }

  /** How many answers are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** The octets that they take, estimated. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * @param key names the question, and who is asked.
   * @param ask asks it. It is not called where the answer is kept, or the question is under way.
   * @returns the answer; a promise only if it is not there yet.
   */
  answer<T>(key: string, keeping: Keeping<T>, ask: () => Promise<T>): T | Promise<T> {
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#forget(key, known);
      const now = this.#now();
      if (now < known.until) {
        this.#keep(key, known);
        // The key names the kind of the question, so the answer is of this type.
        return keeping.later(known.answer as T, Math.floor((now - known.at) / 1000));
      }
    }
    const pending = this.#underWay.get(key);
    if (pending !== undefined) return pending as Promise<T>;
    const asked = this.#ask(key, keeping, ask);
    this.#underWay.set(key, asked);
    return asked;
  }

  async #ask<T>(key: string, keeping: Keeping<T>, ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask();
      const at = this.#now();
      const seconds = Math.min(keeping.secondsOf(answer), MAX_KEPT_SECONDS);
      if (seconds > 0) {
        this.#keep(key, { answer, at, until: at + seconds * 1000, bytes: key.length * 2 + keeping.bytesOf(answer) });
        this.#trim();
      }
      return answer;
    } finally {
      this.#underWay.delete(key);
    }
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.set(key, kept);
    this.#bytes += kept.bytes;
  }

  #forget(key: string, { bytes }: Kept): void {
    if (this.#kept.delete(key)) this.#bytes -= bytes;
  }

  #trim(): void {
    for (const [key, kept] of this.#kept) {
      if (this.#kept.size <= this.#maxAnswers && this.#bytes <= this.#maxBytes) return;
      this.#forget(key, kept);
    }
  }
}

/** Octets of an answer besides its data: the objects and the names. */
const OVERHEAD_BYTES = 700;

/** @returns how plain answers are kept, at most so many seconds. */
export function keepingAnswers(mostSeconds = MAX_KEPT_SECONDS): Keeping<DnsAnswer> {
  return {
    secondsOf: (answer) => (isFailure(answer) && isCutOff(answer) ? 0 : Math.min(ttlOf(answer), mostSeconds)),
    bytesOf: (answer) =>
      OVERHEAD_BYTES +
      (answer.status === 'answer' ? answer.records.reduce((sum, data) => sum + bytesOfData(data), 0) : 0),
    // Nothing was sent, so it took no time.
    later: (answer, seconds) =>
      isFailure(answer) || answer.ttl === null
        ? { ...answer, durationMs: 0 }
        : { ...answer, durationMs: 0, ttl: answer.ttl - seconds },
  };
}

function ttlOf(answer: DnsAnswer): number {
  return isFailure(answer) ? FAILURE_SECONDS : (answer.ttl ?? FAILURE_SECONDS);
}

function bytesOfData(data: unknown): number {
  if (typeof data === 'string') return 40 + data.length;
  if (Array.isArray(data)) return data.reduce((sum: number, part) => sum + bytesOfData(part), 40);
  return 200;
}

/** @returns how replies with signatures are kept, at most so many seconds. */
export function keepingSigned(mostSeconds = MAX_KEPT_SECONDS): Keeping<SignedExchange> {
  return {
    secondsOf: ({ reply }) => {
      if (reply.kind === 'failed') return isCutOff(reply) ? 0 : FAILURE_SECONDS;
      const ttls = recordsIn(reply).map(({ ttl }) => ttl);
      return ttls.length === 0 ? FAILURE_SECONDS : Math.min(mostSeconds, ...ttls);
    },
    bytesOf: ({ reply }) =>
      OVERHEAD_BYTES +
      (reply.kind === 'failed' ? 0 : recordsIn(reply).reduce((sum, { data }) => sum + 300 + data.length, 0)),
    later: (exchange, seconds) => {
      const { reply } = exchange;
      if (reply.kind === 'failed' || seconds === 0) return { ...exchange, durationMs: 0 };
      const aged = (records: readonly SignedRecord[]) =>
        records.map((record) => ({ ...record, ttl: record.ttl - seconds }));
      const { answers, authorities } = reply;
      return {
        ...exchange,
        durationMs: 0,
        reply: { ...reply, answers: aged(answers), authorities: aged(authorities) },
      };
    },
  };
}

function recordsIn(reply: {
  readonly answers: readonly SignedRecord[];
  readonly authorities: readonly SignedRecord[];
}) {
  return [...reply.answers, ...reply.authorities];
}

/** How the answer of a test entry is kept: a listed one for a minute. The other one may be a failure. */
export const KEEPING_CANARY: Keeping<boolean> = {
  secondsOf: (isListed) => (isListed ? 60 : FAILURE_SECONDS),
  bytesOf: () => 8,
  later: (isListed) => isListed,
};
