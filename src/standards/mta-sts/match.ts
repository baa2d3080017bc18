/** Compares the MX hosts of a domain with the patterns of its policy (RFC 8461 §4.1). */
import { canonicalName } from '../../network/domain.ts';

/** @returns whether a pattern matches a host. `*.` stands for exactly one label. */
export function matchesPattern(pattern: string, host: string): boolean {
  const name = canonicalName(host);
  const wanted = canonicalName(pattern);
  if (!wanted.startsWith('*.')) return name === wanted;
  const dot = name.indexOf('.');
  return dot > 0 && name.slice(dot) === wanted.slice(1);
}

/** @returns the first pattern that matches the host, or `null`. */
export function patternFor(patterns: readonly string[], host: string): string | null {
  return patterns.find((pattern) => matchesPattern(pattern, host)) ?? null;
}
