/**
 * Follows the certificates of a server up to a trust anchor that DANE names (RFC 7671 §5.2). It checks signatures, issuers
 * and dates. It does not check limits of path length and of names that a CA certificate may have.
 */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type OutOfDate, validityOf } from '../certificate.ts';

/** The anchor that a record names: a certificate of the server, or one or a key that the record has whole. */
export type Anchor =
  | { readonly kind: 'presented'; readonly certificate: X509Certificate }
  | { readonly kind: 'in-record'; readonly certificate: X509Certificate }
  | { readonly kind: 'key'; readonly key: KeyObject };

/** Where a path ends. */
export type Path =
  /** Every certificate is signed by the next one, and the last one is the anchor or is signed by it. */
  | { readonly kind: 'complete'; readonly outOfDate: OutOfDate<X509Certificate> | null }
  /** No certificate of the server leads further. `last` is the one whose issuer is missing. */
  | { readonly kind: 'broken'; readonly last: X509Certificate };

/** @returns the anchor in the data of a record with matching type 0, or `null` when it cannot be read. */
export function anchorInRecord(isKey: boolean, octets: Buffer): Anchor | null {
  try {
    return isKey
      ? { kind: 'key', key: createPublicKey({ key: octets, format: 'der', type: 'spki' }) }
      : { kind: 'in-record', certificate: new X509Certificate(octets) };
  } catch {
    return null;
  }
}

/**
 * Looks for a path from the server's own certificate to the anchor. The server may send the others in any order, and some
 * that do not belong to it.
 *
 * @param chain the certificates of the server, its own first. There is at least one.
 * @param now milliseconds since the epoch.
 * @returns a path whose certificates are all within their dates, if there is one, else any. OpenSSL checks the dates of an
 *   anchor that is a certificate too, and so does this.
 */
export function pathTo(anchor: Anchor, chain: readonly X509Certificate[], now: number): Path {
  const isCurrent = (certificate: X509Certificate): boolean => stateOf(certificate, now) === null;
  const current = search(anchor, chain, isCurrent);
  const found = current.kind === 'found' ? current : search(anchor, chain, () => true);
  if (found.kind === 'broken') return found;
  const top = anchor.kind === 'in-record' ? [anchor.certificate] : [];
  const [outOfDate = null] = [...found.path, ...top].flatMap((certificate) => {
    const state = stateOf(certificate, now);
    return state === null ? [] : [{ certificate, state }];
  });
  return { kind: 'complete', outOfDate };
}

type Search =
  | { readonly kind: 'found'; readonly path: readonly X509Certificate[] }
  | Extract<Path, { readonly kind: 'broken' }>;

/** Looks at each certificate once, so that certificates that sign each other cost no more than others. */
function search(
  anchor: Anchor,
  [leaf, ...others]: readonly X509Certificate[],
  isAllowed: (certificate: X509Certificate) => boolean,
): Search {
  if (leaf === undefined) throw new Error('a server without certificates has no path');
  const waiting: X509Certificate[][] = isAllowed(leaf) ? [[leaf]] : [];
  const left = new Set(others.filter(isAllowed));
  let last = leaf;
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    last = path.at(-1) ?? leaf;
    if (isReached(anchor, last)) return { kind: 'found', path };
    for (const issuer of left) {
      if (!isIssuedBy(last, issuer)) continue;
      left.delete(issuer);
      waiting.push([...path, issuer]);
    }
  }
  return { kind: 'broken', last };
}

/** Tells whether the path ends at this certificate: it is the anchor, or the anchor has signed it. */
function isReached(anchor: Anchor, last: X509Certificate): boolean {
  switch (anchor.kind) {
    case 'presented':
      return isAnchor(anchor, last);
    case 'in-record':
      return isAnchor(anchor, last) || isIssuedBy(last, anchor.certificate);
    case 'key':
      return isSignedWith(last, anchor.key);
  }
}

function isAnchor(anchor: Anchor, certificate: X509Certificate): boolean {
  return anchor.kind !== 'key' && anchor.certificate.raw.equals(certificate.raw);
}

/** Tells whether the issuer is a CA, is named as the issuer (RFC 5280 §4.1.2.4), and has signed the certificate. */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && isSignedWith(certificate, issuer.publicKey);
}

function isSignedWith(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.verify(key);
  } catch {
    return false;
  }
}

function stateOf(certificate: X509Certificate, now: number): OutOfDate<X509Certificate>['state'] | null {
  const { state } = validityOf(certificate, now);
  return state === 'expired' || state === 'not-yet-valid' ? state : null;
}
