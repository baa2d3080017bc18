/**
 * Reads a mark certificate: a Verified Mark Certificate or a Common Mark Certificate
 * (draft-fetch-validation-vmc-wchuang). It is an X.509 certificate for sending brand indicators. Its names are those of the
 * domain, and its logotype extension (RFC 3709, RFC 6170 §5.2) has the logo.
 *
 * Nothing here verifies who issued the certificate: the roots of the issuers are no roots of the web, and mailcheck has
 * none of them.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { type DerValue, derValues, inside } from './der.ts';
import { expanded } from './gzip.ts';

/** id-kp-BrandIndicatorforMessageIdentification. */
const BRAND_INDICATOR_PURPOSE = '1.3.6.1.5.5.7.3.31';
/** id-pe-logotype, as the contents of an object identifier in DER: 1.3.6.1.5.5.7.1.12. */
const LOGOTYPE = Buffer.from('2b0601050507010c', 'hex');

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;
const OCTET_STRING = 0x04;
const IA5_STRING = 0x16;
const CONTEXT_0 = 0xa0;
/** The extensions of a TBSCertificate (RFC 5280 §4.1), and the logo of the subject in a logotype extension. */
const CONTEXT_3 = 0xa3;
const CONTEXT_2 = 0xa2;

/** The most certificates that are read from one file. A chain has three or four. */
const MAX_CERTIFICATES = 10;

/** Object identifiers of hash functions in DER, with their names in Node.js. */
const HASHES: Readonly<Record<string, string>> = {
  '2b0e03021a': 'sha1',
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
};

/** One logo of the logotype extension. */
interface LogotypeImage {
  readonly hashes: readonly { readonly algorithm: string; readonly value: Buffer }[];
  readonly uris: readonly string[];
}

export interface MarkCertificate {
  readonly certificate: X509Certificate;
  /** The DNS names, in lower case. */
  readonly names: readonly string[];
  /** Whether it is for brand indicators, by its extended key usage. */
  readonly hasPurpose: boolean;
  /** Whether it has a logotype extension with a logo that can be read. */
  readonly hasLogotype: boolean;
  /** The logos of the extension. */
  readonly images: readonly LogotypeImage[];
}

export type EvidenceReading =
  | { readonly kind: 'certificate'; readonly mark: MarkCertificate }
  /** There is no certificate in PEM form (RFC 7468). */
  | { readonly kind: 'no-pem' }
  /** A certificate cannot be read. */
  | { readonly kind: 'unreadable' };

/** Reads the first certificate of a file that is not the one of an authority. Never throws. */
export function readEvidence(file: Uint8Array): EvidenceReading {
  const text = Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString('latin1');
  const blocks = [...text.matchAll(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,65536}?-----END CERTIFICATE-----/g)]
    .slice(0, MAX_CERTIFICATES)
    .map(([block]) => certificateOf(block));
  const read = blocks.flatMap((certificate) => certificate ?? []);
  const leaf = read.find(({ ca }) => !ca) ?? read[0];
  if (leaf === undefined) return { kind: blocks.length === 0 ? 'no-pem' : 'unreadable' };
  const images = logotypeImages(leaf.raw);
  return {
    kind: 'certificate',
    mark: {
      certificate: leaf,
      names: namesOf(leaf),
      hasPurpose: (leaf.keyUsage ?? []).includes(BRAND_INDICATOR_PURPOSE),
      hasLogotype: images.some(({ hashes, uris }) => hashes.length > 0 || uris.length > 0),
      images,
    },
  };
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName.split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4).toLowerCase()] : []));
}

/**
 * Compares the names of the certificate with the assertion record. A name is the author domain or the organizational
 * domain, or that with the selector: `default._bimi.example.com`.
 *
 * @param domains the author domain and the organizational domain.
 * @returns whether one of the names matches.
 */
export function coversDomain({ names }: MarkCertificate, domains: readonly string[]): boolean {
  return domains.some((domain) => names.includes(domain) || names.includes(`default._bimi.${domain}`));
}

/**
 * Compares the logo of the certificate with the logo that is served. Line ends do not count (RFC 6170 §5.2). Where the
 * certificate has the logo itself, that decides, and otherwise its hash.
 *
 * @param svg the served logo without compression.
 * @returns `same` or `other`, and `unknown` when the certificate has no logo that can be compared.
 */
export function compareLogo({ images }: MarkCertificate, svg: Buffer): 'same' | 'other' | 'unknown' {
  const forms = formsOf(svg);
  const own = images.flatMap(({ uris }) => uris.flatMap((uri) => embeddedLogo(uri) ?? []));
  const hashes = images.flatMap((image) => image.hashes);
  const isSame =
    own.length > 0
      ? own.some((logo) => formsOf(logo).some((form) => forms.some((served) => served.equals(form))))
      : hashes.some(({ algorithm, value }) =>
          forms.some((form) => createHash(algorithm).update(form).digest().equals(value)),
        );
  if (isSame) return 'same';
  return own.length + hashes.length === 0 ? 'unknown' : 'other';
}

/** @returns the octets as they are, with LF as line end, and so without the last line end. */
function formsOf(svg: Buffer): Buffer[] {
  const text = svg.toString('latin1').replace(/\r\n?/g, '\n');
  return [svg, Buffer.from(text, 'latin1'), Buffer.from(text.replace(/\n$/, ''), 'latin1')];
}

/** @returns the logo in a `data:` URI (RFC 2397), without compression, or `undefined` when it is none. */
function embeddedLogo(uri: string): Buffer | undefined {
  const [, parameters = '', data = ''] = /^data:image\/svg\+xml([^,]{0,100}),([A-Za-z0-9+/=]*)$/i.exec(uri) ?? [];
  if (!/;base64$/i.test(parameters) || data === '') return undefined;
  return expanded(Buffer.from(data, 'base64')) ?? undefined;
}

/** @returns the logos of the subject in the logotype extension (RFC 3709 §4.1). Empty when there is none. */
function logotypeImages(der: Buffer): LogotypeImage[] {
  const body = inside(inside(derValues(der), SEQUENCE), SEQUENCE);
  const extensions = inside(inside(body, CONTEXT_3), SEQUENCE) ?? [];
  for (const extension of extensions) {
    const parts = derValues(extension.contents);
    const id = parts?.find(({ tag }) => tag === OBJECT_IDENTIFIER);
    const value = parts?.find(({ tag }) => tag === OCTET_STRING);
    if (id === undefined || value === undefined || !id.contents.equals(LOGOTYPE)) continue;
    const logotypes = inside(derValues(value.contents), SEQUENCE);
    // subjectLogo [2] EXPLICIT LogotypeInfo, of which direct [0] is LogotypeData: its first part is the list of images.
    const direct = inside(inside(logotypes, CONTEXT_2), CONTEXT_0);
    const images = inside(direct, SEQUENCE) ?? [];
    return images.flatMap((image) => imageOf(image) ?? []);
  }
  return [];
}

/** Reads `LogotypeImage ::= SEQUENCE { imageDetails SEQUENCE { mediaType, logotypeHash, logotypeURI }, … }`. */
function imageOf({ contents }: DerValue): LogotypeImage | undefined {
  const details = inside(derValues(contents), SEQUENCE);
  const [mediaType, hashes, uris] = details ?? [];
  if (mediaType === undefined || hashes === undefined || uris === undefined) return undefined;
  if (!/^image\/svg\+xml/i.test(mediaType.contents.toString('latin1'))) return undefined;
  return {
    hashes: (derValues(hashes.contents) ?? []).flatMap((hash) => hashOf(hash) ?? []),
    uris: (derValues(uris.contents) ?? []).flatMap(({ tag, contents: uri }) =>
      tag === IA5_STRING ? [uri.toString('latin1')] : [],
    ),
  };
}

/** Reads `HashAlgAndValue ::= SEQUENCE { hashAlg AlgorithmIdentifier, hashValue OCTET STRING }`. */
function hashOf({ contents }: DerValue): { readonly algorithm: string; readonly value: Buffer } | undefined {
  const parts = derValues(contents);
  const id = inside(parts, SEQUENCE)?.[0];
  const value = parts?.find(({ tag }) => tag === OCTET_STRING);
  const algorithm = id === undefined ? undefined : HASHES[id.contents.toString('hex')];
  return algorithm === undefined || value === undefined ? undefined : { algorithm, value: value.contents };
}
