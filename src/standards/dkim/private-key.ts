/**
 * Reads the private key with which the host signs, and recognises private keys that were published by mistake. No
 * function of this file returns a private key, only its public half.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { decodeBase64, describePublicKey, type PublicKey, publishedForm } from './public-key.ts';

/** The public half of the host's signing key, and the key record to publish. */
export interface SigningKey {
  readonly key: PublicKey;
  /** The text of the key record (RFC 6376 §3.6.1). */
  readonly record: string;
}

/** The reasons why a file contains no usable private key. */
export type PrivateKeyFault =
  | 'not-a-private-key'
  /** The key needs a passphrase. */
  | 'encrypted'
  /** The file contains a public key. */
  | 'public'
  /** The key is neither RSA nor Ed25519. */
  | 'other-type';

export type SigningKeyReading =
  | { readonly kind: 'key'; readonly signingKey: SigningKey }
  | { readonly kind: 'unusable'; readonly reason: PrivateKeyFault };

/**
 * @returns the public half of a private key in PEM (PKCS#8 or PKCS#1), or the reason why it is unusable. Never throws.
 */
export function readSigningKey(pem: string): SigningKeyReading {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    return { kind: 'unusable', reason: 'encrypted' };
  }
  if (/-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(pem)) return { kind: 'unusable', reason: 'public' };
  let publicHalf: KeyObject;
  try {
    publicHalf = createPublicKey(createPrivateKey(pem));
  } catch {
    return { kind: 'unusable', reason: 'not-a-private-key' };
  }
  const key = describePublicKey(publicHalf);
  if (!key) return { kind: 'unusable', reason: 'other-type' };
  return { kind: 'key', signingKey: { key, record: `v=DKIM1; k=${key.type}; p=${publishedForm(publicHalf)}` } };
}

/** The base64 of a SEQUENCE that starts with `INTEGER 0`. PKCS#8 and PKCS#1 private keys do, even when truncated. */
const PRIVATE_DER = /MII[A-Za-z0-9+/]{3}IBA[AD]/;

/** @returns whether a TXT record contains a private key, either as PEM or as DER in its `p=`. */
export function holdsPrivateKey(text: string): boolean {
  if (/PRIVATE KEY-----/.test(text) || PRIVATE_DER.test(text)) return true;
  const base64 = /(?:^|[;\s"])p[ \t]*=([^;"]*)/.exec(text)?.[1] ?? text;
  const octets = decodeBase64(base64);
  if (octets === undefined || !beginsAsPrivate(octets)) return false;
  return isPrivate(octets, 'pkcs8') || isPrivate(octets, 'pkcs1');
}

/**
 * Tells whether DER begins as private keys do: a SEQUENCE, then an INTEGER (RFC 5958 §2, RFC 8017 App. A.1.2). A public key
 * does not. OpenSSL takes a millisecond to refuse it.
 */
function beginsAsPrivate(octets: Buffer): boolean {
  const [tag, length = 0] = octets;
  // A long length says in its low bits how many octets it has (X.690 §8.1.3.5).
  const content = length > 0x80 ? 2 + (length & 0x7f) : 2;
  return tag === 0x30 && octets[content] === 0x02;
}

function isPrivate(octets: Buffer, type: 'pkcs8' | 'pkcs1'): boolean {
  try {
    createPrivateKey({ key: octets, format: 'der', type });
    return true;
  } catch {
    return false;
  }
}
