/**
 * Finds the organizational domain with the public suffix list, as receivers that follow RFC 7489 §3.2 do.
 *
 * The private section of the list (`github.io`, names of cloud hosts) counts too. The file that receivers load contains
 * both sections, and RFC 7489 does not distinguish them.
 */
import { parse } from 'tldts';
import { canonicalName } from '../network/domain.ts';

const WHOLE_LIST = {
  allowPrivateDomains: true,
  detectIp: false,
  extractHostname: false,
  // DNS names below a mail domain may contain underscores, so they need not be host names.
  validateHostname: false,
} as const;

/**
 * Finds the organizational domain of a name (RFC 7489 §3.2): the public suffix with one more label.
 *
 * @returns the organizational domain in canonical form. A public suffix has none and is returned itself.
 */
export function organizationalDomain(name: string): string {
  const canonical = canonicalName(name);
  return parse(canonical, WHOLE_LIST).domain ?? canonical;
}

/** @returns whether the name is a public suffix, so that the names below it belong to different organizations. */
export function isPublicSuffix(name: string): boolean {
  const canonical = canonicalName(name);
  return parse(canonical, WHOLE_LIST).publicSuffix === canonical;
}

/** @returns whether both names are of one organization: their organizational domain is the same. */
export function areOfOneOrganization(a: string, b: string): boolean {
  return organizationalDomain(a) === organizationalDomain(b);
}
