/**
 * Makes X.509 certificates for tests (RFC 5280): an authority, intermediates, and leaves that are expired, for another
 * name, self-signed or with a weak key. This module builds the DER, and `node:crypto` signs it.
 */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { NOW } from './clock.ts';

export interface Issued {
  /** The certificate (PEM). */
  readonly certificate: string;
  /** The private key (PEM, PKCS #8). */
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName?: string;
  /** The subject alternative names. IPv4 addresses become iPAddress entries. */
  readonly names?: readonly string[];
  /** Milliseconds since the epoch. Default: from an hour ago until in 90 days, by both the machine's clock and `NOW`. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly key?: 'ec' | 'rsa2048' | 'rsa1024';
  /** The URL of the issuer's certificate (RFC 5280 §4.2.2.1). */
  readonly issuerUrl?: string;
  /** The hash of the signature. Default: SHA-256. */
  readonly hash?: 'sha1';
}

export interface Authority extends Issued {
  issue(request: CertificateRequest): Issued;
  intermediate(commonName: string, dates?: Pick<CertificateRequest, 'notBefore' | 'notAfter'>): Authority;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Makes a root. It is trusted only through `extraRoots` or `NODE_EXTRA_CA_CERTS`. */
export function createAuthority(commonName = 'Test Root'): Authority {
  const key = newKey('ec');
  return authority(commonName, key, build({ commonName, isAuthority: true, key, signer: { name: commonName, key } }));
}

/** Makes a certificate that is no CA, and whose key signs others all the same. */
export function createNoAuthority(commonName: string): Authority {
  const key = newKey('ec');
  return authority(commonName, key, build({ commonName, isAuthority: false, key, signer: { name: commonName, key } }));
}

export function selfSigned(request: CertificateRequest): Issued {
  const key = newKey(request.key ?? 'ec');
  const commonName = request.commonName ?? request.names?.[0] ?? 'self-signed';
  return issued(build({ ...request, commonName, isAuthority: false, key, signer: { name: commonName, key } }), key);
}

function authority(name: string, key: KeyObject, der: Buffer): Authority {
  const signer = { name, key };
  return {
    ...issued(der, key),
    issue(request) {
      const leafKey = newKey(request.key ?? 'ec');
      const commonName = request.commonName ?? request.names?.[0] ?? 'leaf';
      return issued(build({ ...request, commonName, isAuthority: false, key: leafKey, signer }), leafKey);
    },
    intermediate(commonName, dates) {
      const ownKey = newKey('ec');
      return authority(commonName, ownKey, build({ ...dates, commonName, isAuthority: true, key: ownKey, signer }));
    },
  };
}

function issued(der: Buffer, key: KeyObject): Issued {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function newKey(kind: 'ec' | 'rsa2048' | 'rsa1024'): KeyObject {
  return kind === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
    : generateKeyPairSync('rsa', { modulusLength: kind === 'rsa2048' ? 2048 : 1024 }).privateKey;
}

interface Plan extends Omit<CertificateRequest, 'key'> {
  readonly commonName: string;
  readonly isAuthority: boolean;
  readonly key: KeyObject;
  readonly signer: { readonly name: string; readonly key: KeyObject };
}

function build(plan: Plan): Buffer {
  const algorithm = signatureAlgorithm(plan.signer.key, plan.hash);
  // Node.js verifies by the machine's clock, and a run by its own, which stands still in many tests.
  const [earliest, latest] = [Math.min(Date.now(), NOW), Math.max(Date.now(), NOW)];
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    distinguishedName(plan.signer.name),
    sequence(time(plan.notBefore ?? earliest - HOUR_MS), time(plan.notAfter ?? latest + 90 * DAY_MS)),
    distinguishedName(plan.commonName),
    publicKey(plan.key),
    tagged(0xa3, sequence(...extensions(plan))),
  );
  const signature = sign(plan.hash ?? 'sha256', body, plan.signer.key);
  return sequence(body, algorithm, bitString(signature));
}

function extensions({ names, isAuthority, key, signer, issuerUrl }: Plan): Buffer[] {
  const list = [
    extension('2.5.29.14', false, tagged(0x04, keyId(key))),
    extension('2.5.29.35', false, sequence(tagged(0x80, keyId(signer.key)))),
    extension('2.5.29.19', true, isAuthority ? sequence(tagged(0x01, Buffer.from([0xff]))) : sequence()),
    // The key usages are keyCertSign and cRLSign, or digitalSignature and keyEncipherment.
    extension('2.5.29.15', true, tagged(0x03, Buffer.from(isAuthority ? [1, 0x06] : [5, 0xa0]))),
  ];
  if (!isAuthority) list.push(extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))));
  if (issuerUrl !== undefined) {
    const description = sequence(oid('1.3.6.1.5.5.7.48.2'), tagged(0x86, Buffer.from(issuerUrl)));
    list.push(extension('1.3.6.1.5.5.7.1.1', false, sequence(description)));
  }
  if (names?.length) list.push(extension('2.5.29.17', false, sequence(...names.map(generalName))));
  return list;
}

function generalName(name: string): Buffer {
  return isIPv4(name)
    ? tagged(0x87, Buffer.from(name.split('.').map(Number)))
    : tagged(0x82, Buffer.from(name, 'latin1'));
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [tagged(0x01, Buffer.from([0xff]))] : [];
  return sequence(oid(id), ...critical, tagged(0x04, value));
}

function publicKey(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1').update(publicKey(key)).digest();
}

function signatureAlgorithm(key: KeyObject, hash: 'sha1' | undefined): Buffer {
  return key.asymmetricKeyType === 'ec'
    ? sequence(oid(hash ? '1.2.840.10045.4.1' : '1.2.840.10045.4.3.2'))
    : sequence(oid(hash ? '1.2.840.113549.1.1.5' : '1.2.840.113549.1.1.11'), tagged(0x05, Buffer.alloc(0)));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(commonName)))));
}

/** Encodes a GeneralizedTime. RFC 5280 §4.1.2.5 demands UTCTime until 2049, but OpenSSL reads both. */
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/\.\d+Z$|[-:T]/g, '');
  return tagged(0x18, Buffer.from(`${digits}Z`));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest.flatMap(base128)];
  return tagged(0x06, Buffer.from(bytes));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function bitString(bytes: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const length = content.length;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
