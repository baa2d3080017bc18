/** Domain names as mail uses them: ASCII (A-label) form, comparison and syntax. */
import { domainToASCII } from 'node:url';

declare const domainBrand: unique symbol;

/** A fully qualified domain name: lower case, A-labels (RFC 5890), without the trailing dot. */
export type Domain = string & { readonly [domainBrand]: true };

/**
 * Longest name that is parsed, in characters as typed. A valid name has at most 253 characters in its A-label form,
 * and that form is never shorter than the typed one.
 */
const MAX_WRITTEN_NAME = 1024;

/** Longest DNS name in its text form, in characters without the final dot (RFC 1035 §2.3.4). */
export const MAX_NAME = 253;

const LETTERS_DIGITS_HYPHEN = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** @returns the name in lower case and without its trailing dot, which is the form for comparisons (RFC 4343). */
export function canonicalName(name: string): string {
  // Most names are in lower case. A search costs much less than a replacement.
  const lower = /[A-Z]/.test(name) ? name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : name;
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** @returns whether two DNS names are the same name (RFC 4343: ASCII case is ignored). */
export function sameName(a: string, b: string): boolean {
  return canonicalName(a) === canonicalName(b);
}

/** @returns whether `name` is `domain` or a name below it. */
export function isSameOrSubdomain(name: string, domain: string): boolean {
  return sameName(name, domain) || canonicalName(name).endsWith(`.${canonicalName(domain)}`);
}

/**
 * Checks the syntax of a host name (RFC 1123 §2.1). Labels hold letters, digits and hyphens, but no underscore. A label
 * has at most 63 octets and the name at most 253. The name has at least two labels, and the last one is not all digits.
 *
 * @returns whether the name is a host name.
 */
export function isHostName(name: string): boolean {
  const canonical = canonicalName(name);
  const labels = canonical.split('.');
  return (
    canonical.length <= MAX_NAME &&
    labels.length >= 2 &&
    labels.every((label) => LETTERS_DIGITS_HYPHEN.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  );
}

/**
 * Parses a domain that a user typed. Accepts upper case, a trailing dot and Unicode labels (IDNA, RFC 5890). Accepts
 * underscores as well, because a mail domain may be any DNS name. Rejects a single label and an all-numeric last label.
 *
 * @returns the domain, or `undefined` when the text is not a usable fully qualified domain.
 */
export function parseDomain(text: string): Domain | undefined {
  // The conversion to A-labels takes quadratic time, so a long text would block the process.
  if (text.length > MAX_WRITTEN_NAME) return undefined;
  const withoutDot = text.replace(/[.。．｡]$/u, '');
  // domainToASCII decodes percent-encoding, as URLs need it. A typed name has neither percent signs nor spaces.
  if (/[%\s]/.test(withoutDot)) return undefined;
  const ascii = /^[\x21-\x7e]+$/.test(withoutDot) ? withoutDot.toLowerCase() : domainToASCII(withoutDot);
  const labels = ascii.split('.');
  const valid =
    ascii.length > 0 &&
    ascii.length <= MAX_NAME &&
    labels.length >= 2 &&
    labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '');
  return valid ? (ascii as Domain) : undefined;
}
