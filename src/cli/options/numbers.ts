/** Ports and times as they are typed. */
import { quoteInput } from '../../usage-error.ts';
import { ValueError } from './value-error.ts';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const HOUR_MS = 3_600_000;
const MAX_SECONDS = 3600;

/** @returns the port, from 1 to 65535. @throws ValueError */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return port;
  throw new ValueError(`${quoteInput(text)} is not a port. Type a number from 1 to 65535`);
}

/**
 * Reads seconds, or a number with `ms`, `s`, `m` or `h`.
 *
 * @param flag the option, for the message that shows how it is typed.
 * @returns milliseconds, from 1 to `maxMs`, which is an hour unless given. @throws ValueError
 */
export function parseDuration(text: string, flag: string, maxMs = HOUR_MS): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const unit = Object.entries(UNITS).find(([name]) => name === (match?.[2] ?? 's'));
  const milliseconds = Number(match?.[1]) * (unit?.[1] ?? Number.NaN);
  if (milliseconds >= 1 && milliseconds <= maxMs) return milliseconds;
  throw new ValueError(
    `${quoteInput(text)} is not a time up to ${maxMs / HOUR_MS} h. Type seconds, such as ${flag} 60, or 2m`,
  );
}

/** Reads a number of seconds, zero among them. @returns milliseconds, at most an hour of them. @throws ValueError */
export function parseSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (seconds <= MAX_SECONDS) return seconds * 1000;
  throw new ValueError(`${quoteInput(text)} is not a time. Type seconds, up to ${MAX_SECONDS}`);
}
