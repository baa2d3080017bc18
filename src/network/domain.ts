/** Domain names as mail uses them: ASCII (A-label) form, comparison, syntax, and the organizational domain. */
import { domainToASCII } from 'node:url';

declare const domainBrand: unique symbol;

/** A fully qualified domain name: lower case, A-labels (RFC 5890), without the trailing dot. */
export type Domain = string & { readonly [domainBrand]: true };

/** Characters of a name as it is written. The form in the DNS has 253 at most, and is no shorter. */
const MAX_WRITTEN_NAME = 1024;

const LETTERS_DIGITS_HYPHEN = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** @returns the name in lower case without its trailing dot: the form in which names are compared (RFC 4343). */
export function canonicalName(name: string): string {
  const lower = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** @returns whether two DNS names are the same name (RFC 4343: ASCII case does not count). */
export function sameName(a: string, b: string): boolean {
  return canonicalName(a) === canonicalName(b);
}

/** @returns whether `name` is `domain` or a name below it. */
export function isSameOrSubdomain(name: string, domain: string): boolean {
  return sameName(name, domain) || canonicalName(name).endsWith(`.${canonicalName(domain)}`);
}

/**
 * @returns whether the name is a host name in the sense of RFC 1123 §2.1: labels of letters, digits and hyphens
 *   (no underscore), at most 63 octets each and 253 together, with at least two labels and a last label that is not
 *   all digits.
 */
export function isHostName(name: string): boolean {
  const canonical = canonicalName(name);
  const labels = canonical.split('.');
  return (
    canonical.length <= 253 &&
    labels.length >= 2 &&
    labels.every((label) => LETTERS_DIGITS_HYPHEN.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  );
}

/**
 * Parses a domain as typed: upper case, a trailing dot and Unicode labels (IDNA, RFC 5890) are understood.
 *
 * @returns the domain, or `undefined` when it is not a usable fully qualified domain. Underscore labels are allowed,
 *   since a mail domain may be anything DNS holds, but a single label or an all-numeric last label is not.
 */
export function parseDomain(text: string): Domain | undefined {
  // The conversion to A-labels takes quadratic time.
  if (text.length > MAX_WRITTEN_NAME) return undefined;
  const withoutDot = text.replace(/[.。．｡]$/u, '');
  // domainToASCII treats "_" as valid and percent-decodes, as URLs do; neither belongs into a name that was typed.
  if (/[%\s]/.test(withoutDot)) return undefined;
  const ascii = /^[\x21-\x7e]+$/.test(withoutDot) ? withoutDot.toLowerCase() : domainToASCII(withoutDot);
  const labels = ascii.split('.');
  const valid =
    ascii.length > 0 &&
    ascii.length <= 253 &&
    labels.length >= 2 &&
    labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '');
  return valid ? (ascii as Domain) : undefined;
}
