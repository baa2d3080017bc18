/**
 * Compares TLSA records with the certificates that a server shows (RFC 6698 §2.1, RFC 7671 §5 and §9, RFC 7672 §3). One
 * record that matches is enough.
 *
 * - Usage 3 is compared with the server's own certificate alone. Its names and dates do not count.
 * - Usage 2 is compared with the certificates above it. The server's own must lead to the one that matches by
 *   signatures, be within its dates, and be for one of the names that the sender expects.
 * - Of the digests with the same usage and selector only the strongest counts. A weaker one does not help when the
 *   strongest does not match (digest agility).
 */
import { createHash, type X509Certificate } from 'node:crypto';
import type { TlsaRecord } from '../../network/dns/answer.ts';
import { type CertificateEvidence, certificateEvidence, type OutOfDate, publicKeyInfo } from '../certificate.ts';
import { type Anchor, anchorInRecord, pathTo } from './path.ts';
import {
  DIGESTS,
  END_ENTITY,
  FULL,
  isUsable,
  PUBLIC_KEY,
  TRUST_ANCHOR,
  type UnusableReason,
  unusableReason,
} from './record.ts';

/** Why a record does not match. */
export type Miss =
  | { readonly why: 'unusable'; readonly reason: UnusableReason }
  /** A record with a stronger digest takes its place. `wouldMatch` tells what the comparison alone gives. */
  | { readonly why: 'weaker'; readonly wouldMatch: boolean }
  /** No certificate of the server is the one meant. */
  | { readonly why: 'other' }
  /** Usage 3 means the server's own certificate, and the record has the value of one above it. */
  | { readonly why: 'is-issuer'; readonly certificate: CertificateEvidence }
  /** Usage 2 means a certificate above the server's own, and the record has the value of the server's own. */
  | { readonly why: 'is-own' }
  /** The certificate meant is there, but the server's own does not lead to it. */
  | { readonly why: 'no-path'; readonly last: CertificateEvidence }
  | ({ readonly why: 'out-of-date' } & OutOfDate<CertificateEvidence>)
  /** The server's own certificate is for other names. */
  | { readonly why: 'other-name'; readonly names: readonly string[]; readonly wanted: readonly string[] };

/** One record, and what its comparison gave. */
export type Compared =
  | { readonly record: TlsaRecord; readonly matches: true; readonly certificate: CertificateEvidence }
  | { readonly record: TlsaRecord; readonly matches: false; readonly miss: Miss };

/** What a server shows, and whom senders expect. */
export interface Shown {
  /** The certificates of the server, its own first. */
  readonly chain: readonly X509Certificate[];
  /** The names of which one must be in the certificate where names count: the TLSA base domain, then the others. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** @returns each record with the certificate that it matches, or why it matches none. None matches an empty chain. */
export function compareTlsa(records: readonly TlsaRecord[], shown: Shown): Compared[] {
  return records.map((record) => {
    const reason = unusableReason(record);
    if (reason !== null) return { record, matches: false, miss: { why: 'unusable', reason } };
    const compared = compareOne(record, shown);
    if (!isWeaker(record, records)) return compared;
    return { record, matches: false, miss: { why: 'weaker', wouldMatch: compared.matches } };
  });
}

/** @returns whether senders take the server for the one that is meant. */
export function isMatched(compared: readonly Compared[]): boolean {
  return compared.some(({ matches }) => matches);
}

/** @returns whether only the strongest digest keeps a record from matching. */
export function isLostToAgility(compared: readonly Compared[]): boolean {
  return (
    !isMatched(compared) && compared.some((one) => !one.matches && one.miss.why === 'weaker' && one.miss.wouldMatch)
  );
}

/** Tells whether another usable record has a stronger digest for the same usage and selector (RFC 7671 §9). */
function isWeaker(record: TlsaRecord, records: readonly TlsaRecord[]): boolean {
  return (
    record.matchingType !== FULL &&
    records.some(
      (other) =>
        other.usage === record.usage &&
        other.selector === record.selector &&
        other.matchingType > record.matchingType &&
        isUsable(other),
    )
  );
}

function compareOne(record: TlsaRecord, shown: Shown): Compared {
  const [own, ...above] = shown.chain;
  const missed = (miss: Miss): Compared => ({ record, matches: false, miss });
  if (own === undefined) return missed({ why: 'other' });
  if (record.usage === END_ENTITY) {
    if (isMeant(record, own)) return { record, matches: true, certificate: certificateEvidence(own) };
    const issuer = above.find((certificate) => isMeant(record, certificate));
    return missed(
      issuer === undefined ? { why: 'other' } : { why: 'is-issuer', certificate: certificateEvidence(issuer) },
    );
  }
  const anchors = anchorsOf(record, above);
  const isOwn = isMeant(record, own) && anchors.every(({ kind }) => kind !== 'presented');
  if (anchors.length === 0 || isOwn) return missed({ why: isOwn ? 'is-own' : 'other' });
  const paths = anchors.map((anchor) => ({ anchor, path: pathTo(anchor, shown.chain, shown.now) }));
  const complete = paths.flatMap(({ anchor, path }) => (path.kind === 'complete' ? [{ anchor, ...path }] : []));
  const found = complete.find(({ outOfDate }) => outOfDate === null) ?? complete[0];
  if (found === undefined) {
    // A record that has the anchor whole also says nothing about a server with another issuer.
    const isPresented = anchors.some(({ kind }) => kind === 'presented');
    const broken = paths.flatMap(({ path }) => (path.kind === 'broken' ? [path.last] : []));
    const last = broken.at(-1) ?? own;
    return missed(isPresented ? { why: 'no-path', last: certificateEvidence(last) } : { why: 'other' });
  }
  if (found.outOfDate !== null) {
    const { certificate, state } = found.outOfDate;
    return missed({ why: 'out-of-date', certificate: certificateEvidence(certificate), state });
  }
  if (!shown.names.some((name) => isFor(own, name))) {
    return missed({ why: 'other-name', names: certificateEvidence(own).names, wanted: shown.names });
  }
  const { anchor } = found;
  return { record, matches: true, certificate: certificateEvidence(anchor.kind === 'key' ? own : anchor.certificate) };
}

/** Returns the trust anchors that a record may mean. Without one in the chain, the record itself may have it whole. */
function anchorsOf(record: TlsaRecord, above: readonly X509Certificate[]): Anchor[] {
  const presented = above
    .filter((certificate) => isMeant(record, certificate))
    .map((certificate): Anchor => ({ kind: 'presented', certificate }));
  if (presented.length > 0 || record.usage !== TRUST_ANCHOR || record.matchingType !== FULL) return presented;
  const anchor = anchorInRecord(record.selector === PUBLIC_KEY, Buffer.from(record.data, 'hex'));
  return anchor === null ? [] : [anchor];
}

function isMeant(record: TlsaRecord, certificate: X509Certificate): boolean {
  return dataOf(record, certificate) === record.data;
}

/** @returns the data that a record with these fields has for a certificate, in lower-case hexadecimal. */
export function dataOf(
  { selector, matchingType }: Pick<TlsaRecord, 'selector' | 'matchingType'>,
  { raw }: X509Certificate,
): string {
  const octets = selector === PUBLIC_KEY ? publicKeyInfo(raw) : raw;
  const digest = DIGESTS.get(matchingType);
  return digest === undefined ? octets.toString('hex') : createHash(digest.name).update(octets).digest('hex');
}

/**
 * Tells whether a certificate is for a name as RFC 7672 §3.2.3 has it. The common name counts if there is no DNS name. A
 * wildcard must be the whole first label and stands for exactly one.
 */
function isFor(certificate: X509Certificate, name: string): boolean {
  const options = { subject: 'default', partialWildcards: false, singleLabelSubdomains: false } as const;
  return certificate.checkHost(name, options) !== undefined;
}
