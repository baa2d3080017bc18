/** Parses ports and times that the user types. */
import { quoteInput } from '../../usage-error.ts';
import { ValueError } from './value-error.ts';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const HOUR_MS = 3_600_000;
const MAX_SECONDS = 3600;

/**
 * @returns the port, from 1 to 65535.
 * @throws ValueError for any other text.
 */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return port;
  throw new ValueError(`${quoteInput(text)} is not a port. Type a number from 1 to 65535`);
}

/**
 * @returns the number, from 1 to `max`.
 * @throws ValueError for any other text.
 */
export function parseCount(text: string, max: number): number {
  const count = /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
  if (count >= 1 && count <= max) return count;
  throw new ValueError(`${quoteInput(text)} is not a number from 1 to ${max}`);
}

/** The highest rate, in places a second. */
const MAX_RATE = 10_000;

/**
 * @returns the rate, more than 0 and at most 10 000 a second. It may be a fraction.
 * @throws ValueError for any other text.
 */
export function parseRate(text: string): number {
  const rate = /^\d{1,5}(?:\.\d{1,3})?$/.test(text.trim()) ? Number(text) : 0;
  if (rate > 0 && rate <= MAX_RATE) return rate;
  throw new ValueError(`${quoteInput(text)} is not a number a second. Type one up to ${MAX_RATE}, such as 5 or 0.5`);
}

/**
 * Parses a duration: a number of seconds, or a number with the unit `ms`, `s`, `m` or `h`.
 *
 * @param flag the option, which the error message shows.
 * @param maxMs the longest duration in milliseconds. The default is an hour.
 * @param minMs the shortest one. The default is 1.
 * @returns the duration in milliseconds.
 * @throws ValueError for another text, and for a shorter or longer duration.
 */
export function parseDuration(text: string, flag: string, maxMs = HOUR_MS, minMs = 1): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const unit = Object.entries(UNITS).find(([name]) => name === (match?.[2] ?? 's'));
  const milliseconds = Number(match?.[1]) * (unit?.[1] ?? Number.NaN);
  if (milliseconds >= minMs && milliseconds <= maxMs) return milliseconds;
  throw new ValueError(
    `${quoteInput(text)} is not a time ${milliseconds < minMs ? 'above 0' : `up to ${maxMs / HOUR_MS} h`}. Type seconds, such as ${flag} 60, or 2m`,
  );
}

/**
 * Parses a number of seconds, which may be zero.
 *
 * @returns the time in milliseconds, at most an hour.
 * @throws ValueError for another text or a longer time.
 */
export function parseSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (seconds <= MAX_SECONDS) return seconds * 1000;
  throw new ValueError(`${quoteInput(text)} is not a time. Type seconds, up to ${MAX_SECONDS}`);
}
