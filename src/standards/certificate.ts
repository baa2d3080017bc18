/**
 * Judges the certificate of a mail server. A certificate is good for a connection while the time is between its dates (RFC
 * 5280 §4.1.2.5), if one of its DNS names is the name that the client looks for (RFC 9525 §6.3; the common name does not
 * count), if its chain leads to a root that the client trusts (RFC 5280 §6), and if its key and the hash of its signature
 * are strong enough (RFC 9325 §4). A server sends the whole chain except the root (RFC 8446 §4.4.2). Between mail servers
 * most senders encrypt whatever the certificate is (RFC 7435); only those that follow MTA-STS (RFC 8461) or DANE (RFC
 * 7672) refuse a bad one. Mail programs of users verify always (RFC 8314 §4.4).
 */
import type { KeyObject, X509Certificate } from 'node:crypto';
import type { TlsDetails } from '../network/smtp/types.ts';

const DAY_MS = 86_400_000;
/** Renewal is usually tried in the last third of the lifetime, 30 days before the end of 90. With two weeks left, it fails. */
const WARN_BEFORE_MS = 14 * DAY_MS;
const MIN_RSA_BITS = 2048;
const MIN_CURVE_BITS = 224;

/** What a certificate says, in a form that can be printed. */
export interface CertificateEvidence {
  readonly subject: string;
  readonly issuer: string;
  /** Subject alternative names, as OpenSSL writes them; the common name is no identity (RFC 9525 §2). */
  readonly names: readonly string[];
  /** ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** `rsa 2048`, `ec prime256v1`. */
  readonly key: string;
  readonly fingerprint256: string;
}

type Described = Pick<
  X509Certificate,
  'subject' | 'issuer' | 'subjectAltName' | 'validFrom' | 'validTo' | 'fingerprint256'
> &
  Keyed;

interface Keyed {
  readonly publicKey: Pick<KeyObject, 'asymmetricKeyType' | 'asymmetricKeyDetails'>;
}

/** @returns what the certificate says: names on one line, dates in ISO 8601 where they can be read. */
export function certificateEvidence(certificate: Described): CertificateEvidence {
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: (certificate.subjectAltName ?? '').split(', ').filter(Boolean).map(withoutType),
    notBefore: isoDate(certificate.validFrom),
    notAfter: isoDate(certificate.validTo),
    key: keyText(certificate),
    fingerprint256: certificate.fingerprint256,
  };
}

const oneLine = (name: string | undefined): string => (name ?? '').replaceAll('\n', ', ');
const withoutType = (name: string): string => name.replace(/^(DNS|IP Address):/, '');

function isoDate(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : new Date(time).toISOString();
}

/** How a certificate's dates compare with now. */
export interface Validity {
  readonly state: 'valid' | 'expiring' | 'expired' | 'not-yet-valid';
  /** Whole days from now until the end; negative when the end is past. */
  readonly daysLeft: number;
}

/**
 * Compares the dates with a time in milliseconds since the epoch (RFC 5280 §4.1.2.5). Dates that cannot be read count as
 * expired, since no other client can read them either.
 *
 * @returns the state, and the whole days that are left.
 */
export function validityOf(certificate: Pick<X509Certificate, 'validFrom' | 'validTo'>, now: number): Validity {
  const from = Date.parse(certificate.validFrom);
  const to = Date.parse(certificate.validTo);
  const left = to - now;
  const daysLeft = Math.floor(left / DAY_MS);
  if (now < from) return { state: 'not-yet-valid', daysLeft };
  if (!(left > 0)) return { state: 'expired', daysLeft };
  // Certificates that live a few days only are renewed late by design.
  const warnBefore = Math.min(WARN_BEFORE_MS, (to - from) / 3);
  return { state: left < warnBefore ? 'expiring' : 'valid', daysLeft };
}

/** @returns whether a DNS-ID of the certificate matches the name (RFC 9525 §6.3); a wildcard may be the whole left-most label. */
export function covers(certificate: X509Certificate, name: string): boolean {
  const options = { subject: 'never', partialWildcards: false, singleLabelSubdomains: false } as const;
  return certificate.checkHost(name, options) !== undefined;
}

/** Whether the chain leads to a root that is trusted here. */
export type Trust =
  | 'trusted'
  /** OpenSSL names one fault only, and named the dates. */
  | 'out-of-date'
  /** The server does not send the certificate that issued the last one, and no root did. */
  | 'incomplete'
  | 'untrusted';

const DATE_ERRORS = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];
const ISSUER_ERRORS = ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'];

/**
 * Tells why a chain is not trusted. Where the last certificate says from where its issuer's can be fetched (RFC 5280
 * §4.2.2.1), the chain belongs to a public hierarchy, and the server should have sent that certificate. It is not fetched
 * here: browsers do that, mail servers do not.
 *
 * @returns the reason, given how the leaf's dates compare with now.
 */
export function trustOf(
  {
    chain,
    trusted,
    trustError,
  }: Pick<TlsDetails, 'trusted' | 'trustError'> & {
    readonly chain: readonly Pick<X509Certificate, 'subject' | 'issuer' | 'infoAccess'>[];
  },
  validity: Pick<Validity, 'state'>,
): Trust {
  if (trusted) return 'trusted';
  const [leaf] = chain;
  if (leaf !== undefined && leaf.subject === leaf.issuer) return 'untrusted';
  const isLeafOutOfDate = validity.state === 'expired' || validity.state === 'not-yet-valid';
  if (DATE_ERRORS.includes(trustError ?? '') && isLeafOutOfDate) return 'out-of-date';
  const last = chain.at(-1);
  const isFetchable = /CA Issuers - URI:http/.test(last?.infoAccess ?? '');
  return ISSUER_ERRORS.includes(trustError ?? '') && isFetchable ? 'incomplete' : 'untrusted';
}

/** @returns what is weak about the key or the signature, as a noun phrase; `null` where nothing is (RFC 9325 §4.1, §4.5). */
export function weaknessOf(certificate: Keyed & { readonly raw: Buffer }): string | null {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  const bits = details?.modulusLength ?? 0;
  if ((type === 'rsa' || type === 'rsa-pss') && bits < MIN_RSA_BITS) return `an RSA key of ${bits} bits`;
  const curve = details?.namedCurve ?? '';
  const curveBits = Number(/(\d{3})/.exec(curve)?.[1] ?? MIN_CURVE_BITS);
  if (type === 'ec' && curveBits < MIN_CURVE_BITS) return `an EC key on ${curve}`;
  const hash = WEAK_SIGNATURES[signatureOid(certificate.raw)];
  return hash === undefined ? null : `a signature with ${hash}`;
}

function keyText({ publicKey }: Keyed): string {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  return [publicKey.asymmetricKeyType, modulusLength ?? namedCurve].filter((part) => part !== undefined).join(' ');
}

/** DER content of the object identifiers, in hexadecimal. */
const WEAK_SIGNATURES: Readonly<Record<string, string>> = {
  '2a864886f70d010104': 'MD5',
  '2a864886f70d010105': 'SHA-1',
  '2a8648ce3d0401': 'SHA-1',
  '2a8648ce380403': 'SHA-1',
};

/** RFC 5280 §4.1: Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OBJECT IDENTIFIER … }, … }. */
function signatureOid(der: Buffer): string {
  const certificate = element(der, 0);
  const body = element(der, certificate.start);
  const algorithm = element(der, body.end);
  const id = element(der, algorithm.start);
  return der.subarray(id.start, id.end).toString('hex');
}

/** The content of the DER element at an offset (X.690 §8.1); OpenSSL has parsed it before, so it is well formed. */
function element(der: Buffer, offset: number): { start: number; end: number } {
  const first = der[offset + 1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const length = lengthBytes === 0 ? first : der.readUIntBE(offset + 2, Math.min(lengthBytes, 6));
  const start = offset + 2 + lengthBytes;
  return { start, end: start + length };
}
