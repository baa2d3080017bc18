/**
 * The rates of all workers of a queue: the places at each authority are reserved in Redis, by its clock. A worker that
 * gets no answer from Redis waits, so that no limit is broken while workers do not know of each other.
 */
import type { Redis } from 'ioredis';
import type { Rates } from '../../network/rates.ts';
import { PREFIX } from './redis.ts';

/**
 * Reserves the next place, as `LocalRates` does. The key holds the time of the next free place and ends after it. The
 * arguments are the time between two places, and how far before its time a place may be taken. All times are in
 * microseconds.
 */
const RESERVE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local free = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local at = math.max(now, free - tonumber(ARGV[2]))
local after = free + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1)
return string.format('%.0f', at - now)
`;

const MICROSECONDS = 1_000_000;

/** The rates that all workers share. */
export class RedisRates implements Rates {
  readonly #client: Redis;
  readonly #now: () => number;
  #latest = 0;

  /** @param now milliseconds of a clock that only goes forward. */
  constructor(client: Redis, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  async reserve(key: string, perSecond: number, burst = 1): Promise<number> {
    const interval = Math.ceil(MICROSECONDS / perSecond);
    const early = Math.round((burst - 1) * interval);
    const answer = await this.#client.eval(RESERVE, 1, `${PREFIX}:rate:${key}`, interval, early);
    const waitMs = Number(answer) / 1000;
    if (!Number.isFinite(waitMs)) throw new Error(`a reservation that is no number: ${String(answer)}`);
    this.#latest = Math.max(this.#latest, this.#now() + waitMs);
    return waitMs;
  }

  /** Knows the places that this process has reserved, and not those of other workers. */
  backlogMs(): number {
    return Math.max(0, this.#latest - this.#now());
  }
}
