/** @returns a time in milliseconds since the epoch in ISO 8601, or `null` for none. */
export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
