/** Keys for the tests, made afresh: RSA public keys of any size need no primes, only a modulus to publish. */
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length.toString(16);
  const long = Buffer.from(size.length % 2 ? `0${size}` : size, 'hex');
  const length =
    body.length < 128 ? Buffer.from([body.length]) : Buffer.concat([Buffer.from([0x80 | long.length]), long]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

function integer(hex: string): Buffer {
  const even = hex.length % 2 ? `0${hex}` : hex;
  return tlv(2, Buffer.from(Number.parseInt(even.slice(0, 2), 16) > 127 ? `00${even}` : even, 'hex'));
}

/** @returns the DER of an RSAPublicKey whose modulus has exactly that many bits. */
export function rsaDer(bits: number, exponent = 65537n, lastBit = 1n): Buffer {
  const modulus = (1n << BigInt(bits - 1)) | (0x5a5an << 4n) | lastBit;
  return tlv(0x30, integer(modulus.toString(16)), integer(exponent.toString(16)));
}

/** @returns base64 of the SubjectPublicKeyInfo of such a key. */
export function rsaKey(bits: number, exponent?: bigint, lastBit?: bigint): string {
  const algorithm = Buffer.from('300d06092a864886f70d0101010500', 'hex');
  const key = tlv(3, Buffer.from([0]), rsaDer(bits, exponent, lastBit));
  return tlv(0x30, algorithm, key).toString('base64');
}

export const RSA_2048 = rsaKey(2048);
export const KEY_RECORD = `v=DKIM1; k=rsa; p=${RSA_2048}`;

const ed25519 = generateKeyPairSync('ed25519');
/** The 32 octets, in base64. */
export const ED25519 = ed25519.publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('base64');
export const ED25519_SPKI = ed25519.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
export const ED25519_PRIVATE_PEM = ed25519.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** A pair that can sign. */
export const PAIR = {
  privatePem: rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  privatePkcs1Pem: rsa.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString(),
  privateBase64: rsa.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  privatePkcs1Base64: rsa.privateKey.export({ format: 'der', type: 'pkcs1' }).toString('base64'),
  publicPem: rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  publicBase64: rsa.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
};

/** A key of 2048 bits whose base64 has plus signs and slashes, always the same. */
export const KEY_WITH_SIGNS = createPublicKey({
  key: { kty: 'RSA', n: modulusOf('a key with signs'), e: 'AQAB' },
  format: 'jwk',
})
  .export({ format: 'der', type: 'spki' })
  .toString('base64');

/** @returns an odd number of 2048 bits that looks random, in base64url. */
function modulusOf(seed: string): string {
  const octets = Buffer.concat(
    [0, 1, 2, 3].map((part) =>
      createHash('sha512')
        .update(seed + part)
        .digest(),
    ),
  );
  octets[0] = 0xc3;
  octets[octets.length - 1] = 0x3f;
  return octets.toString('base64url');
}

export const EC_SPKI = createPublicKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
  .export({ format: 'der', type: 'spki' })
  .toString('base64');
