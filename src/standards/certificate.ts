/**
 * Checks the certificate of a mail server. A client accepts a certificate when all of these are true:
 *
 * - The current time is between its dates (RFC 5280 §4.1.2.5).
 * - One of its DNS names is the name that the client expects (RFC 9525 §6.3). The common name does not count.
 * - Its chain leads to a root that the client trusts (RFC 5280 §6). The server sends every certificate of the chain
 *   except the root (RFC 8446 §4.4.2).
 * - Its key and the hash of its signature are strong enough (RFC 9325 §4).
 *
 * Most mail servers encrypt to other servers whatever the certificate is (RFC 7435). Only senders that follow MTA-STS
 * (RFC 8461) or DANE (RFC 7672) reject a bad one. The mail programs of users always verify it (RFC 8314 §4.4).
 */
import { type KeyObject, X509Certificate } from 'node:crypto';
import type { TlsDetails } from '../network/smtp/types.ts';

const DAY_MS = 86_400_000;
/**
 * Milliseconds before the end at which a warning is due. Renewal usually starts in the last third of the lifetime,
 * which is 30 days before the end of 90. With two weeks left, the renewal has evidently failed.
 */
const WARN_BEFORE_MS = 14 * DAY_MS;
/** RFC 9325 §4.5: RSA keys below 2048 bits are too weak. */
const MIN_RSA_BITS = 2048;
/** RFC 9325 §4.5: curves below 224 bits are too weak. */
const MIN_CURVE_BITS = 224;

/** The contents of a certificate in printable form, as evidence. */
export interface CertificateEvidence {
  readonly subject: string;
  readonly issuer: string;
  /**
   * Subject alternative names without their type (`DNS:`, `IP Address:`). The common name is no identity (RFC 9525 §2).
   */
  readonly names: readonly string[];
  /** Start of validity in ISO 8601, or the certificate's own text when it is not a date. */
  readonly notBefore: string;
  /** End of validity, in the same form. */
  readonly notAfter: string;
  /** Type and size or curve of the key, such as `rsa 2048` or `ec prime256v1`. */
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

/** @returns the contents of a certificate as evidence. Names are on one line, and readable dates are in ISO 8601. */
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

/** @returns whether the Base64 is that of a certificate in DER, or of its PEM form. */
export function isCertificate(base64: string): boolean {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).raw.length > 0;
  } catch {
    return false;
  }
}

/** The dates of a certificate compared with the current time. */
export interface Validity {
  readonly state: 'valid' | 'expiring' | 'expired' | 'not-yet-valid';
  /** Whole days from now until the end. Negative when the certificate has expired. */
  readonly daysLeft: number;
}

/**
 * Compares the dates of a certificate with a time (RFC 5280 §4.1.2.5). A certificate with an unreadable end date counts
 * as expired, because other clients cannot read the date either.
 *
 * @param now milliseconds since the epoch.
 * @returns the state, and the number of whole days until the end.
 */
export function validityOf(certificate: Pick<X509Certificate, 'validFrom' | 'validTo'>, now: number): Validity {
  const from = Date.parse(certificate.validFrom);
  const to = Date.parse(certificate.validTo);
  const left = to - now;
  const daysLeft = Math.floor(left / DAY_MS);
  if (now < from) return { state: 'not-yet-valid', daysLeft };
  if (!(left > 0)) return { state: 'expired', daysLeft };
  // A certificate with a lifetime of a few days is renewed shortly before its end by design.
  const warnBefore = Math.min(WARN_BEFORE_MS, (to - from) / 3);
  return { state: left < warnBefore ? 'expiring' : 'valid', daysLeft };
}

/**
 * Compares the DNS names of a certificate with a host name (RFC 9525 §6.3). A wildcard must be the whole left-most
 * label.
 *
 * @returns whether one of the names matches.
 */
export function covers(certificate: X509Certificate, name: string): boolean {
  const options = { subject: 'never', partialWildcards: false, singleLabelSubdomains: false } as const;
  return certificate.checkHost(name, options) !== undefined;
}

/** The result of verifying a chain against the roots of this machine. */
export type Trust =
  | 'trusted'
  /** The leaf is outside its dates. OpenSSL reports only one fault, so the chain may have others. */
  | 'out-of-date'
  /** A certificate above the leaf is outside its dates, and no other path is valid. */
  | 'chain-out-of-date'
  /** The server does not send the issuer's certificate of the last one, and that issuer is no trusted root. */
  | 'incomplete'
  | 'untrusted';

/** A certificate above the leaf that is outside its dates. */
export interface OutOfDate<T> {
  readonly certificate: T;
  readonly state: 'expired' | 'not-yet-valid';
}

/**
 * Finds the certificates above the leaf that are outside their dates. They are a fault only if the chain is not trusted
 * for a date: servers send old cross-signatures beside a path that is valid.
 *
 * @param now milliseconds since the epoch.
 */
export function outOfDateAbove<T extends Pick<X509Certificate, 'validFrom' | 'validTo'>>(
  [, ...above]: readonly T[],
  now: number,
): OutOfDate<T>[] {
  return above.flatMap((certificate) => {
    const { state } = validityOf(certificate, now);
    return state === 'expired' || state === 'not-yet-valid' ? [{ certificate, state }] : [];
  });
}

const DATE_ERRORS = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];
const ISSUER_ERRORS = ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'];

/**
 * Tells why a chain is not trusted. The last certificate may contain the URL of its issuer's certificate (RFC 5280
 * §4.2.2.1). Then the chain belongs to a public hierarchy, and the server should have sent the issuer's certificate.
 * mailcheck does not fetch it, because browsers do that but mail servers do not.
 *
 * @param now milliseconds since the epoch.
 * @returns `trusted`, or the reason why the chain is not trusted.
 */
export function trustOf(
  {
    chain,
    trusted,
    trustError,
  }: Pick<TlsDetails, 'trusted' | 'trustError'> & {
    readonly chain: readonly Pick<X509Certificate, 'subject' | 'issuer' | 'infoAccess' | 'validFrom' | 'validTo'>[];
  },
  now: number,
): Trust {
  if (trusted) return 'trusted';
  const [leaf] = chain;
  if (leaf !== undefined && leaf.subject === leaf.issuer) return 'untrusted';
  if (DATE_ERRORS.includes(trustError ?? '')) {
    const state = leaf === undefined ? 'valid' : validityOf(leaf, now).state;
    if (state === 'expired' || state === 'not-yet-valid') return 'out-of-date';
    if (outOfDateAbove(chain, now).length > 0) return 'chain-out-of-date';
  }
  const last = chain.at(-1);
  const isFetchable = /CA Issuers - URI:http/.test(last?.infoAccess ?? '');
  return ISSUER_ERRORS.includes(trustError ?? '') && isFetchable ? 'incomplete' : 'untrusted';
}

/**
 * Checks the strength of a certificate's key and signature (RFC 9325 §4.1, §4.5).
 *
 * @returns the weakness as a noun phrase, such as `an RSA key of 1024 bits`, or `null` when there is none.
 */
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

/** The weak signature algorithms: DER content of the object identifier in hexadecimal, and the name of the hash. */
const WEAK_SIGNATURES: Readonly<Record<string, string>> = {
  '2a864886f70d010104': 'MD5',
  '2a864886f70d010105': 'SHA-1',
  '2a8648ce3d0401': 'SHA-1',
  '2a8648ce380403': 'SHA-1',
};

/**
 * Reads the object identifier of the signature algorithm (RFC 5280 §4.1):
 * `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OBJECT IDENTIFIER … }, … }`.
 */
function signatureOid(der: Buffer): string {
  const certificate = element(der, 0);
  const body = element(der, certificate.start);
  const algorithm = element(der, body.end);
  const id = element(der, algorithm.start);
  return der.subarray(id.start, id.end).toString('hex');
}

/**
 * @param der a certificate that OpenSSL has parsed.
 * @returns its public key as the certificate has it, the DER of `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7). An export of
 *   the parsed key may be written in another way, and digests would differ.
 */
export function publicKeyInfo(der: Buffer): Buffer {
  const certificate = element(der, 0);
  const body = element(der, certificate.start);
  // The version is optional. The serial number, the algorithm, the issuer, the dates and the subject follow.
  let offset = der[body.start] === VERSION_TAG ? element(der, body.start).end : body.start;
  for (let skipped = 0; skipped < FIELDS_BEFORE_KEY; skipped += 1) offset = element(der, offset).end;
  return der.subarray(offset, element(der, offset).end);
}

/** The tag of the optional first field of a certificate, `[0] EXPLICIT Version`. */
const VERSION_TAG = 0xa0;
const FIELDS_BEFORE_KEY = 5;

/**
 * Finds the content of the DER element at an offset (X.690 §8.1). OpenSSL has already parsed it, so it is well formed.
 */
function element(der: Buffer, offset: number): { start: number; end: number } {
  const first = der[offset + 1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const length = lengthBytes === 0 ? first : der.readUIntBE(offset + 2, Math.min(lengthBytes, 6));
  const start = offset + 2 + lengthBytes;
  return { start, end: start + length };
}
