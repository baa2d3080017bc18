/** Recognises names that no host on the internet can have (RFC 6761, RFC 6762, RFC 8375, ICANN's `.internal`). */
import { canonicalName, isSameOrSubdomain } from '../network/domain.ts';

/**
 * Where names under these domains mean something:
 * - `machine`: on one machine or link.
 * - `network`: in one private network.
 * - `reserved`: in documents, tests and Tor only.
 */
export type SpecialUse = 'machine' | 'network' | 'reserved';

const DOMAINS: readonly (readonly [SpecialUse, readonly string[]])[] = [
  ['machine', ['localhost', 'local', 'localdomain']],
  ['network', ['lan', 'internal', 'home.arpa']],
  ['reserved', ['test', 'invalid', 'example', 'onion']],
];

/** @returns the special use of the domain that the name is in, or `undefined` for any other name. */
export function specialUse(name: string): SpecialUse | undefined {
  const canonical = canonicalName(name);
  return DOMAINS.find(([, domains]) => domains.some((domain) => isSameOrSubdomain(canonical, domain)))?.[0];
}
