/** Decodes the public key in a key record (the base64 of `p=`) and describes its type and length. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

export type PublicKey =
  | {
      readonly type: 'rsa';
      /** Length of the modulus in bits. */
      readonly bits: number;
      /** The public exponent in decimal. A string, because it may be too large for a number. */
      readonly exponent: string;
      /** `sha256:` and the digest of the SubjectPublicKeyInfo in hexadecimal. */
      readonly fingerprint: string;
    }
  | { readonly type: 'ed25519'; readonly fingerprint: string };

/** The reasons why the value of `p=` is not a usable key. */
export type KeyFault =
  /** The value is not padded base64 (RFC 4648 §4). */
  | 'not-base64'
  /** The DER header announces more octets than the value contains. */
  | 'truncated'
  /** The value is neither a SubjectPublicKeyInfo nor an RSAPublicKey. */
  | 'not-der'
  /** The key has a different type from `k=`. */
  | 'wrong-type'
  /** The Ed25519 key does not have 32 octets (RFC 8463 §4). */
  | 'not-32-octets'
  /** The exponent is less than 3 or even, which is impossible for an RSA key. */
  | 'bad-exponent'
  /** The modulus is even, so it is not the product of two odd primes. */
  | 'bad-modulus';

export type KeyReading =
  | { readonly kind: 'key'; readonly key: PublicKey }
  | {
      readonly kind: 'fault';
      readonly fault: KeyFault;
      /** Number of decoded octets, or 0 when the value is not base64. */
      readonly octets: number;
      /** The announced octets of a truncated key, the type of a wrong one, the bad exponent, or `null`. */
      readonly detail: string | null;
    };

/** The start of a SubjectPublicKeyInfo, which OpenSSL needs before the 32 octets of an Ed25519 key (RFC 8410 §4). */
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Decodes the value of `p=`. An RSA key is a SubjectPublicKeyInfo. The RSAPublicKey that the text of RFC 6376 §3.6.1
 * names is accepted too (erratum 3017). An Ed25519 key is its 32 octets (RFC 8463 §4).
 *
 * @returns the facts about the key, or its fault. Never throws.
 */
export function readPublicKey(base64: string, keyType: 'rsa' | 'ed25519'): KeyReading {
  const octets = decodeBase64(base64);
  if (!octets) return { kind: 'fault', fault: 'not-base64', octets: 0, detail: null };
  return keyType === 'ed25519' ? readEd25519(octets) : readRsa(octets);
}

/**
 * @returns the octets of padded base64, ignoring the whitespace that RFC 6376 allows, or `undefined` for other text.
 */
export function decodeBase64(base64: string): Buffer | undefined {
  const compact = base64.replace(/[ \t\r\n]+/g, '');
  if (compact === '' || compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined;
  return Buffer.from(compact, 'base64');
}

/** @returns the key in a value of `p=`, in the form for verifying signatures, or `undefined` when there is none. */
export function openPublicKey(base64: string, keyType: 'rsa' | 'ed25519'): KeyObject | undefined {
  const octets = decodeBase64(base64);
  return octets && (keyType === 'ed25519' ? ed25519Key(octets) : rsaKey(octets));
}

/** @returns the facts about a key, or `undefined` for a type that DKIM does not define. */
export function describePublicKey(key: KeyObject): PublicKey | undefined {
  const fingerprint = fingerprintOf(key);
  if (key.asymmetricKeyType === 'ed25519') return { type: 'ed25519', fingerprint };
  if (key.asymmetricKeyType !== 'rsa') return undefined;
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  return { type: 'rsa', bits: modulusLength, exponent: publicExponent.toString(), fingerprint };
}

/** @returns the value of `p=` for a key (RFC 6376 §3.6.1, RFC 8463 §4). */
export function publishedForm(key: KeyObject): string {
  const spki = key.export({ format: 'der', type: 'spki' });
  const octets = key.asymmetricKeyType === 'ed25519' ? spki.subarray(ED25519_SPKI_PREFIX.length) : spki;
  return octets.toString('base64');
}

function readEd25519(octets: Buffer): KeyReading {
  if (octets.length !== 32) return { kind: 'fault', fault: 'not-32-octets', octets: octets.length, detail: null };
  const key = ed25519Key(octets);
  const described = key && describePublicKey(key);
  if (!described) return { kind: 'fault', fault: 'not-der', octets: octets.length, detail: null };
  return { kind: 'key', key: described };
}

function readRsa(octets: Buffer): KeyReading {
  const fault = (name: KeyFault, detail: string | null = null): KeyReading => {
    return { kind: 'fault', fault: name, octets: octets.length, detail };
  };
  const announced = announcedLength(octets);
  if (announced !== undefined && announced > octets.length) return fault('truncated', String(announced));
  const key = rsaKey(octets);
  if (!key) return fault('not-der');
  const described = describePublicKey(key);
  if (described?.type !== 'rsa') return fault('wrong-type', key.asymmetricKeyType ?? null);
  const exponent = BigInt(described.exponent);
  if (exponent < 3n || exponent % 2n === 0n) return fault('bad-exponent', described.exponent);
  if (!hasOddModulus(key)) return fault('bad-modulus');
  return { kind: 'key', key: described };
}

function ed25519Key(octets: Buffer): KeyObject | undefined {
  return tryKey(Buffer.concat([ED25519_SPKI_PREFIX, octets]), 'spki');
}

function rsaKey(octets: Buffer): KeyObject | undefined {
  return tryKey(octets, 'spki') ?? tryKey(octets, 'pkcs1');
}

function tryKey(der: Buffer, type: 'spki' | 'pkcs1'): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: 'der', type });
  } catch {
    return undefined;
  }
}

/** @returns the octets of a DER SEQUENCE including its header (X.690 §8.1), or `undefined` for other data. */
export function announcedLength(octets: Buffer): number | undefined {
  const [tag, first] = octets;
  if (tag !== 0x30 || first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const size = first & 0x7f;
  if (size === 0 || size > 4 || octets.length < 2 + size) return undefined;
  return 2 + size + octets.readUIntBE(2, size);
}

function hasOddModulus(key: KeyObject): boolean {
  const modulus = Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url');
  return ((modulus.at(-1) ?? 0) & 1) === 1;
}

function fingerprintOf(key: KeyObject): string {
  const spki = key.export({ format: 'der', type: 'spki' });
  return `sha256:${createHash('sha256').update(spki).digest('hex')}`;
}
