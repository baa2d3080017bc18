/** The files that options name. Every file that an option names is read here. */
import { X509Certificate } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ProposedZone } from '../../network/dns/overlay.ts';
import type { Domain } from '../../network/domain.ts';
import { readSigningKey, type SigningKeyReading } from '../../standards/dkim/private-key.ts';
import { refusalOf } from '../../standards/dkim/sample-message.ts';
import { quoteInput } from '../../usage-error.ts';
import { ValueError } from './value-error.ts';

/** Larger than any file that is meant: recordings of many targets with all their neighbours have some megabytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Larger than any zone that a person proposes. */
const MAX_ZONE_BYTES = 10 * 1024 * 1024;

const MIB = 1024 * 1024;

/** @returns the bytes of a file. @throws ValueError for one that cannot be read, or has more than `maxBytes`. */
export async function readOptionFile(file: string, maxBytes = MAX_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // A device or pipe does not tell its size beforehand.
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

/** @returns the text of a file, read as UTF-8. @throws ValueError as `readOptionFile` */
export async function readOptionText(file: string, maxBytes = MAX_BYTES): Promise<string> {
  return (await readOptionFile(file, maxBytes)).toString('utf8');
}

/** @returns the message in a file. @throws ValueError for a file that cannot be one. */
export async function readMessage(file: string): Promise<Uint8Array> {
  const message = await readOptionFile(file);
  const refusal = refusalOf(message);
  if (refusal !== undefined) throw new ValueError(`${quoteInput(file)} ${refusal}`);
  return message;
}

/** @returns the certificates of a PEM file. @throws ValueError for a file without any, or with one that cannot be read. */
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

/** Why a file holds no key to sign with. */
const UNUSABLE_KEYS: Readonly<Record<Extract<SigningKeyReading, { kind: 'unusable' }>['reason'], string>> = {
  encrypted: 'the key is encrypted; decrypt it first: openssl pkey -in key.pem -out plain.pem',
  public: 'this is the public half; the private key the host signs with is needed',
  'not-a-private-key': 'there is no private key in PEM form in it',
  'other-type': 'DKIM knows RSA and Ed25519 keys only (RFC 8301, RFC 8463)',
};

/** A private key to sign with, and the record that publishes its public half. */
export interface KeyFile {
  readonly pem: string;
  readonly record: string;
}

/** @returns the private key in a file. @throws ValueError for a file without a key that DKIM can sign with. */
export async function readKey(file: string): Promise<KeyFile> {
  return keyFileOf(file, await readOptionText(file));
}

/** @returns the private key that the text of a file holds. @throws ValueError as `readKey` */
export function keyFileOf(file: string, pem: string): KeyFile {
  const reading = readSigningKey(pem);
  if (reading.kind === 'key') return { pem, record: reading.signingKey.record };
  throw new ValueError(`${quoteInput(file)}: ${UNUSABLE_KEYS[reading.reason]}`);
}

/**
 * @param domain what relative names in the files are below.
 * @returns the records in zone files, or JSON. @throws UsageError with file and line for what is no zone file
 */
export async function readZones(files: readonly string[], domain: Domain): Promise<ProposedZone[]> {
  if (files.length === 0) return [];
  const { parseZone } = await import('../../standards/zone-file/parse.ts');
  return Promise.all(files.map(async (file) => parseZone(await readOptionText(file, MAX_ZONE_BYTES), file, domain)));
}
