/** One target of a fleet, as its input names it. */
import { createHash } from 'node:crypto';
import type { Domain } from '../network/domain.ts';
import type { IpAddress } from '../network/ip.ts';

/** A target as a line of the input names it. What it does not say comes from the options of the run. */
export interface FleetTarget {
  /** What identifies the target in every run: 32 hexadecimal digits. */
  readonly id: string;
  /** Where it stands, as `file:line`. */
  readonly place: string;
  readonly domain: Domain;
  readonly ips: readonly IpAddress[];
  readonly helo?: string;
  readonly selectors: readonly string[];
  /** The id of its provider. */
  readonly provider?: string;
  readonly tags: readonly string[];
}

/** What the input has instead of a target: a line that cannot be read. */
export interface UnreadLine {
  readonly place: string;
  /** Why it cannot be read. Text for users, untrusted. */
  readonly error: string;
}

/** @returns the id of a target: the same for the same domain, addresses, HELO name, selectors and provider in any order. */
export function targetId({
  domain,
  ips,
  helo = '',
  selectors,
  provider = '',
}: Pick<FleetTarget, 'domain' | 'ips' | 'helo' | 'selectors' | 'provider'>): string {
  const parts = [domain, [...ips].sort(), helo.toLowerCase(), [...selectors].sort(), provider];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
