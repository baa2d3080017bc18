/** Says until when resolvers keep an old answer, and what to do until then. */

/** Until when resolvers keep an old answer. */
export interface UntilEvidence {
  /** ISO 8601. `null` if it is not known. */
  readonly by: string | null;
  /** Seconds from now. */
  readonly ttl: number | null;
  /** Whether no resolver keeps it longer. */
  readonly isLongest: boolean;
  /** When the run began, in ISO 8601. */
  readonly at: string;
}

/** What to do where a resolver shows what nobody outside sees. */
export const OUTSIDE_VIEW =
  'Check with a resolver that sees what the internet sees: pass one outside of your network with --dns. Receivers do not see the records of this resolver.';

/** @returns when receivers see the new answer, as a sentence. */
export function seenText({ by, ttl, isLongest, at }: UntilEvidence): string {
  if (by === null || ttl === null) return 'Receivers see the new answer when their caches expire.';
  return `Receivers see the new answer by ${minuteOf(by, at)}${isLongest ? ' at the latest' : ''} (TTL ${ttl} s).`;
}

/** @returns how long to wait, as a sentence without its full stop. */
export function waitText({ by, at }: Pick<UntilEvidence, 'by' | 'at'>): string {
  return by === null ? 'Wait until the caches have expired' : `Wait until ${minuteOf(by, at)}`;
}

/** @returns the minute in UTC, rounded up, and the day if it is not that of the run: `2026-12-01 14:20 UTC`. */
export function minuteOf(by: string, at: string): string {
  const [day = '', time = ''] = new Date(Math.ceil(Date.parse(by) / 60_000) * 60_000).toISOString().split('T');
  return `${at.startsWith(day) ? '' : `${day} `}${time.slice(0, 5)} UTC`;
}
