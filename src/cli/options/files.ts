/** The files that options of the check name: a message, certificates, a private key. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readSigningKey } from '../../standards/dkim/private-key.ts';
import { refusalOf } from '../../standards/dkim/sample-message.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';

/** Reads a message, and refuses what cannot be one. */
export async function readMessage(file: string): Promise<Uint8Array> {
  const message = await readFile(file).catch((error: Error) => {
    throw new UsageError(`--message: cannot read ${quoteInput(file)}: ${error.message}`);
  });
  const refusal = refusalOf(message);
  if (refusal !== undefined) throw new UsageError(`--message: ${quoteInput(file)} ${refusal}`);
  return message;
}

/** Reads the certificates of a PEM file, and refuses a file without any, or with one that cannot be read. */
export async function readCertificates(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--ca-file: cannot read ${quoteInput(file)}: ${error.message}`);
  });
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const broken = blocks.length === 0 || blocks.some((block) => !isCertificate(block));
  if (broken) throw new UsageError(`--ca-file: ${quoteInput(file)} is not a file of certificates in PEM form`);
  return blocks;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** Why a file is no key to sign with, in the words of the option. */
const UNUSABLE_KEYS = {
  encrypted: 'the key is encrypted; decrypt it first: openssl pkey -in key.pem -out plain.pem',
  public: 'this is the public half; the private key the host signs with is needed',
  'not-a-private-key': 'there is no private key in PEM form in it',
  'other-type': 'DKIM knows RSA and Ed25519 keys only (RFC 8301, RFC 8463)',
} as const;

/** Reads the private key, and refuses what is none before anything else is done. */
export async function readKey(file: string): Promise<string> {
  const pem = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--dkim-key: cannot read ${quoteInput(file)}: ${error.message}`);
  });
  const reading = readSigningKey(pem);
  if (reading.kind === 'key') return pem;
  throw new UsageError(`--dkim-key: ${quoteInput(file)}: ${UNUSABLE_KEYS[reading.reason]}`);
}
