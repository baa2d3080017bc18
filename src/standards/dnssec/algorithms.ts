/** The algorithms that are accepted, and how a signature is verified with each (RFC 9904, RFC 9905). */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type Labels, wireName } from './names.ts';
import type { Dnskey, Ds } from './rdata.ts';

/** How the keys and signatures of an algorithm are made up. */
interface Algorithm {
  /** The name in the registry of IANA. */
  readonly name: string;
  /** The digest that is signed. The Edwards curves have their own. */
  readonly digest: 'sha256' | 'sha384' | 'sha512' | null;
  /** @returns the key for `node:crypto`, or `undefined` for octets that are no key of this algorithm. May throw. */
  key(octets: Buffer): KeyObject | undefined;
}

/**
 * The longest modulus of an RSA key, in octets (RFC 5702 §2). A longer one would cost the validator much time for each
 * signature.
 */
const MAX_RSA_OCTETS = 512;

/** The longest public exponent of an RSA key, in octets. A long exponent makes every verification expensive. */
const MAX_EXPONENT_OCTETS = 8;

const ALGORITHMS: Readonly<Record<number, Algorithm>> = {
  8: { name: 'RSASHA256', digest: 'sha256', key: rsaKey },
  10: { name: 'RSASHA512', digest: 'sha512', key: rsaKey },
  13: { name: 'ECDSAP256SHA256', digest: 'sha256', key: (octets) => ecKey(octets, 'P-256', 32) },
  14: { name: 'ECDSAP384SHA384', digest: 'sha384', key: (octets) => ecKey(octets, 'P-384', 48) },
  15: { name: 'ED25519', digest: null, key: (octets) => edwardsKey(octets, 'Ed25519', 32) },
  16: { name: 'ED448', digest: null, key: (octets) => edwardsKey(octets, 'Ed448', 57) },
};

/** The names of algorithms that are not accepted, for people. */
const OTHER_NAMES: Readonly<Record<number, string>> = {
  1: 'RSAMD5',
  3: 'DSA',
  5: 'RSASHA1',
  6: 'DSA-NSEC3-SHA1',
  7: 'RSASHA1-NSEC3-SHA1',
  12: 'ECC-GOST',
  17: 'SM2SM3',
  23: 'ECC-GOST12',
  253: 'PRIVATEDNS',
  254: 'PRIVATEOID',
};

/** The digests of DS records that are accepted. SHA-1 (1) and GOST (3) are not: an attacker may forge a SHA-1 digest. */
const DIGESTS: Readonly<Record<number, string>> = { 2: 'sha256', 4: 'sha384' };

const OTHER_DIGEST_NAMES: Readonly<Record<number, string>> = { 1: 'SHA-1', 3: 'GOST' };

/** @returns the name of a digest type that is not accepted. */
export function digestName(digestType: number): string {
  return OTHER_DIGEST_NAMES[digestType] ?? `digest type ${digestType}`;
}

/** @returns whether signatures of the algorithm are verified. A zone that has no other is insecure (RFC 4035 §5.2). */
export function isSupportedAlgorithm(algorithm: number): boolean {
  return ALGORITHMS[algorithm] !== undefined;
}

/** @returns whether a DS record with this digest counts. */
export function isSupportedDigest(digestType: number): boolean {
  return DIGESTS[digestType] !== undefined;
}

/** @returns the name of an algorithm as IANA registers it, or its number. */
export function algorithmName(algorithm: number): string {
  return ALGORITHMS[algorithm]?.name ?? OTHER_NAMES[algorithm] ?? String(algorithm);
}

/** @returns the key of a DNSKEY record, or `undefined` when its octets are no key of a supported algorithm. */
export function openKey({ algorithm, publicKey }: Pick<Dnskey, 'algorithm' | 'publicKey'>): KeyObject | undefined {
  try {
    return ALGORITHMS[algorithm]?.key(publicKey);
  } catch {
    // OpenSSL refuses octets that are no key, such as a point that is not on the curve.
    return undefined;
  }
}

/** @returns whether the signature is one of the key over the data. */
export function isSignedBy(key: KeyObject, algorithm: number, data: Buffer, signature: Buffer): boolean {
  const known = ALGORITHMS[algorithm];
  if (known === undefined) return false;
  try {
    return verify(known.digest, data, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    return false;
  }
}

/** @returns the digest of a key as a DS record has it (RFC 4034 §5.1.4), or `undefined` for an unsupported digest. */
export function dsDigest(owner: Labels, data: Buffer, digestType: number): Buffer | undefined {
  const hash = DIGESTS[digestType];
  return hash === undefined ? undefined : createHash(hash).update(wireName(owner)).update(data).digest();
}

/** @returns whether a DS record of the zone is about the key: tag, algorithm and digest are the same. */
export function isDigestOf(ds: Ds, zone: Labels, key: Dnskey): boolean {
  if (ds.keyTag !== key.keyTag || ds.algorithm !== key.algorithm) return false;
  return dsDigest(zone, key.data, ds.digestType)?.equals(ds.digest) ?? false;
}

/** RFC 3110 §2: the length of the exponent in one octet or in three, the exponent, and the modulus. */
function rsaKey(octets: Buffer): KeyObject | undefined {
  const isLong = octets[0] === 0;
  const start = isLong ? 3 : 1;
  if (octets.length < start) return undefined;
  const end = start + (isLong ? octets.readUInt16BE(1) : (octets[0] ?? 0));
  const e = withoutZeros(octets.subarray(start, end));
  const n = withoutZeros(octets.subarray(end));
  if (end >= octets.length || e.length === 0 || e.length > MAX_EXPONENT_OCTETS || n.length > MAX_RSA_OCTETS) {
    return undefined;
  }
  return fromJwk({ kty: 'RSA', e: e.toString('base64url'), n: n.toString('base64url') });
}

function withoutZeros(octets: Buffer): Buffer {
  const start = octets.findIndex((octet) => octet !== 0);
  return start < 0 ? Buffer.alloc(0) : octets.subarray(start);
}

/** RFC 6605 §4: the two coordinates of the point. */
function ecKey(octets: Buffer, crv: string, size: number): KeyObject | undefined {
  if (octets.length !== 2 * size) return undefined;
  const [x, y] = [octets.subarray(0, size), octets.subarray(size)].map((part) => part.toString('base64url'));
  return fromJwk({ kty: 'EC', crv, x, y });
}

/** RFC 8080 §3: the octets of the public key. */
function edwardsKey(octets: Buffer, crv: string, size: number): KeyObject | undefined {
  return octets.length === size ? fromJwk({ kty: 'OKP', crv, x: octets.toString('base64url') }) : undefined;
}

function fromJwk(key: Record<string, string | undefined>): KeyObject {
  return createPublicKey({ key, format: 'jwk' });
}
