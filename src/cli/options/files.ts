/** Reads every file that an option names. */
import { X509Certificate } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ProposedZone } from '../../network/dns/overlay.ts';
import type { Domain } from '../../network/domain.ts';
import { readSigningKey, type SigningKeyReading } from '../../standards/dkim/private-key.ts';
import { refusalOf } from '../../standards/dkim/sample-message.ts';
import { quoteInput } from '../../usage-error.ts';
import { ValueError } from './value-error.ts';

/** The largest file that is read, in bytes. Recordings of many targets have a few megabytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The largest zone file that is read, in bytes. A person does not propose a larger zone. */
const MAX_ZONE_BYTES = 10 * 1024 * 1024;

const MIB = 1024 * 1024;

/**
 * @returns the bytes of a file.
 * @throws ValueError for a file that cannot be read, or that is larger than `maxBytes`.
 */
export async function readOptionFile(file: string, maxBytes = MAX_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The size of a device or pipe is not known before it is read.
    for await (const chunk of createReadStream(file)) {
      size += chunk.length;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ValueError(`cannot read ${quoteInput(file)}: ${reason}`);
  }
  if (size > maxBytes) throw new ValueError(`${quoteInput(file)} is larger than ${maxBytes / MIB} MiB`);
  return Buffer.concat(chunks);
}

/**
 * @returns the text of a file, decoded as UTF-8.
 * @throws ValueError as `readOptionFile` does.
 */
export async function readOptionText(file: string, maxBytes = MAX_BYTES): Promise<string> {
  return (await readOptionFile(file, maxBytes)).toString('utf8');
}

/**
 * @returns the octets of the message in a file.
 * @throws ValueError for a file that cannot be read or is no message.
 */
export async function readMessage(file: string): Promise<Uint8Array> {
  const message = await readOptionFile(file);
  const refusal = refusalOf(message);
  if (refusal !== undefined) throw new ValueError(`${quoteInput(file)} ${refusal}`);
  return message;
}

/**
 * @returns the certificates of a file, each in PEM form.
 * @throws ValueError for a file without a certificate, or with one that cannot be parsed.
 */
export async function readCertificates(file: string): Promise<string[]> {
  const text = await readOptionText(file);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const broken = blocks.length === 0 || blocks.some((block) => !isCertificate(block));
  if (broken) throw new ValueError(`${quoteInput(file)} is not a file of certificates in PEM form`);
  return blocks;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** The message for each reason why a file has no usable private key. */
const UNUSABLE_KEYS: Readonly<Record<Extract<SigningKeyReading, { kind: 'unusable' }>['reason'], string>> = {
  encrypted: 'the key is encrypted; decrypt it first: openssl pkey -in key.pem -out plain.pem',
  public: 'this is the public half; the private key the host signs with is needed',
  'not-a-private-key': 'there is no private key in PEM form in it',
  'other-type': 'DKIM knows RSA and Ed25519 keys only (RFC 8301, RFC 8463)',
};

/** A private key for DKIM, and the key record that publishes its public key (RFC 6376 §3.6.1). */
export interface KeyFile {
  readonly pem: string;
  readonly record: string;
}

/**
 * @returns the private key in a file.
 * @throws ValueError for a file that cannot be read, or without a private key that DKIM can use.
 */
export async function readKey(file: string): Promise<KeyFile> {
  return keyFileOf(file, await readOptionText(file));
}

/**
 * @param file the name of the file in error messages.
 * @param pem the text of the file.
 * @returns the private key in the text.
 * @throws ValueError for a text without a private key that DKIM can use.
 */
export function keyFileOf(file: string, pem: string): KeyFile {
  const reading = readSigningKey(pem);
  if (reading.kind === 'key') return { pem, record: reading.signingKey.record };
  throw new ValueError(`${quoteInput(file)}: ${UNUSABLE_KEYS[reading.reason]}`);
}

/**
 * @param domain the origin of relative names in the files (RFC 1035 §5.1).
 * @returns the records of the files, each of which is a zone file or JSON.
 * @throws UsageError with file and line for a text that is no zone file.
 */
export async function readZones(files: readonly string[], domain: Domain): Promise<ProposedZone[]> {
  if (files.length === 0) return [];
  const { parseZone } = await import('../../standards/zone-file/parse.ts');
  return Promise.all(files.map(async (file) => parseZone(await readOptionText(file, MAX_ZONE_BYTES), file, domain)));
}
