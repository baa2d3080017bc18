/**
 * The organizational domain by the public suffix list: what receivers that follow RFC 7489 §3.2 use.
 *
 * The whole list counts, its private section too (`github.io`, cloud host names): the file receivers load holds both,
 * and RFC 7489 makes no difference between them.
 */
import { parse } from 'tldts';
import { canonicalName } from '../network/domain.ts';

const WHOLE_LIST = {
  allowPrivateDomains: true,
  detectIp: false,
  extractHostname: false,
  // DNS names below a mail domain carry underscores, which are no host names.
  validateHostname: false,
} as const;

/**
 * @returns the registered domain: the public suffix and one label more. A name that is itself a public suffix has
 *   nothing above it that could stand for it and is returned as it is.
 */
export function organizationalDomain(name: string): string {
  const canonical = canonicalName(name);
  return parse(canonical, WHOLE_LIST).domain ?? canonical;
}

/** @returns whether the name is a public suffix: below it, names belong to different organizations. */
export function isPublicSuffix(name: string): boolean {
  const canonical = canonicalName(name);
  return parse(canonical, WHOLE_LIST).publicSuffix === canonical;
}
