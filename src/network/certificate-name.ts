/** Compares the names of a certificate with the name of a host. */
import type { X509Certificate } from 'node:crypto';

/**
 * Compares the DNS names of a certificate with a host name (RFC 9525 §6.3). A wildcard must be the whole left-most
 * label. The common name does not count.
 *
 * @returns whether one of the names matches.
 */
export function covers(certificate: X509Certificate, name: string): boolean {
  const options = { subject: 'never', partialWildcards: false, singleLabelSubdomains: false } as const;
  return certificate.checkHost(name, options) !== undefined;
}
