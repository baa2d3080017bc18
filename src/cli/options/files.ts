/** Reads every file that an option names. */
import { X509Certificate } from 'node:crypto';
import { constants, createReadStream, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { ProposedZone } from '../../network/dns/proposal.ts';
import type { Domain } from '../../network/domain.ts';
import { fileErrorText } from '../../network/fault.ts';
import { readSigningKey, type SigningKeyReading } from '../../standards/dkim/private-key.ts';
import { refusalOf } from '../../standards/dkim/sample-message.ts';
import type { Proposal } from '../../standards/dns-plan/read.ts';
import { readAnchors } from '../../standards/dnssec/index.ts';
import { quoteInput } from '../../usage-error.ts';
import { openFileOf } from '../terminal/open-files.ts';
import { readStdinBytes } from '../terminal/stdin.ts';
import { ValueError } from './value-error.ts';

/** The largest file that is read, in bytes. Recordings of many targets have a few megabytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The largest zone file that is read, in bytes. A person does not propose a larger zone. A plan may be larger. */
const MAX_ZONE_BYTES = 10 * 1024 * 1024;

/** The largest configuration that is read, in bytes. A thousand targets have some 100 000. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

const MIB = 1024 * 1024;

/**
 * @returns the bytes of a file. A pipe, device or socket is refused, since reading it may take for ever, unless it is an
 *   open file of this process such as `/dev/stdin`.
 * @throws ValueError for a file that cannot be read, or that is larger than `maxBytes`.
 */
export async function readOptionFile(file: string, maxBytes = MAX_BYTES): Promise<Buffer> {
  const content = await contentOf(file, maxBytes).catch((error: unknown) => {
    if (error instanceof ValueError) throw error;
    throw new ValueError(`cannot read ${quoteInput(file)}: ${fileErrorText(error, 'read')}`);
  });
  if (content.length > maxBytes) throw new ValueError(`${quoteInput(file)} is larger than ${maxBytes / MIB} MiB`);
  return content;
}

/** Returns the bytes of a file, or a beginning of them that is longer than `maxBytes`. */
async function contentOf(file: string, maxBytes: number): Promise<Buffer> {
  // Such names are links to pipes or terminals by nature, and a shell passes them for `<(command)`.
  const opened = openFileOf(file);
  if (opened?.refusal !== undefined) throw new ValueError(`cannot read ${quoteInput(file)}: ${opened.refusal}`);
  if (opened !== undefined) return beginningOf(createReadStream(file), maxBytes);
  refuseSpecial(file, await stat(file));
  // The flag keeps a pipe that takes the place of the file at this moment from blocking the process.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    refuseSpecial(file, await handle.stat());
    return await beginningOf(handle.createReadStream({ autoClose: false }), maxBytes);
  } finally {
    await handle.close();
  }
}

function refuseSpecial(file: string, found: Stats): void {
  const kind = SPECIAL.find(([, is]) => is(found))?.[0];
  if (kind !== undefined) throw new ValueError(`${quoteInput(file)} is ${kind}, not a regular file`);
}

const SPECIAL: readonly (readonly [what: string, is: (found: Stats) => boolean])[] = [
  ['a pipe', (found) => found.isFIFO()],
  ['a socket', (found) => found.isSocket()],
  ['a device', (found) => found.isCharacterDevice() || found.isBlockDevice()],
];

async function beginningOf(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    chunks.push(chunk);
    if (size > maxBytes) break;
  }
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
  return certificatesIn(await readOptionText(file), file);
}

/** Returns the certificates of a text, each in PEM form. */
function certificatesIn(text: string, file: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const broken = blocks.length === 0 || blocks.some((block) => !isCertificate(block));
  if (broken) throw new ValueError(`${quoteInput(file)} is not a file of certificates in PEM form`);
  return blocks;
}

/** The most certificates of a chain. Those of public CAs have three or four. */
const MAX_CHAIN = 10;

/**
 * @returns the certificates of a file in DER as Base64, the first one the server's own. It never returns any other part of
 *   the file.
 * @throws ValueError for a file without a certificate, with one that cannot be parsed, or with a private key.
 */
export async function readChain(file: string): Promise<string[]> {
  const text = await readOptionText(file);
  if (/PRIVATE KEY-----/.test(text)) {
    throw new ValueError(
      `${quoteInput(file)} contains a private key. Pass the file of the certificates alone, such as fullchain.pem`,
    );
  }
  const chain = certificatesIn(text, file).map((pem) => new X509Certificate(pem).raw.toString('base64'));
  if (chain.length > MAX_CHAIN) throw new ValueError(`${quoteInput(file)} has more than ${MAX_CHAIN} certificates`);
  return chain;
}

/** The largest file of trust anchors that is read, in bytes. */
const MAX_ANCHOR_BYTES = 1024 * 1024;

/**
 * @returns the texts of files with the trust anchors of DNSSEC.
 * @throws UsageError for a file that cannot be read, or that has anything but DS and DNSKEY records.
 */
export async function readTrustAnchors(files: readonly string[]): Promise<string[]> {
  return Promise.all(
    files.map(async (file) => {
      const text = await readOptionText(file, MAX_ANCHOR_BYTES);
      readAnchors(text, quoteInput(file));
      return text;
    }),
  );
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
  public: 'this is the public key; the private key that the server signs with is needed',
  'not-a-private-key': 'it contains no private key in PEM form',
  'other-type': 'DKIM accepts only RSA and Ed25519 keys (RFC 8301, RFC 8463)',
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

/** The most characters of zone files that a run parses, where a file that is parsed for each target counts each time. */
const MAX_PARSED_ZONES = 50 * 1024 * 1024;

/** What stands for standard input among the names of files. */
const STDIN = '-';

/**
 * Reads files with proposed records.
 *
 * @param files the names of the files, where `-` is standard input.
 * @param domain the origin of relative names in the files (RFC 1035 §5.1).
 * @returns the records of the files, each of which is a zone file, JSON, or the plan of a tool.
 * @throws UsageError with file and line for a text that no name server would load.
 */
export type ZoneReader = (files: readonly string[], domain: Domain) => Promise<readonly ProposedZone[]>;

/**
 * @returns a reader of zone files for all targets of a run. It reads each file once, and parses it again only for a
 *   target whose domain its relative names need.
 */
export function zoneReader(): ZoneReader {
  const proposals = new Map<string, Promise<Proposal>>();
  const parsed = new Map<string, ProposedZone>();
  let length = 0;
  return async (files, domain) => {
    if (files.length === 0) return [];
    const { refuseConflicts } = await import('../../standards/zone-file/parse.ts');
    const zones: ProposedZone[] = [];
    for (const file of files) {
      const reading = proposals.get(file) ?? readProposalFile(file);
      proposals.set(file, reading);
      const proposal = await reading;
      const key = proposal.usesDomain ? `${domain} ${file}` : file;
      const zone = parsed.get(key) ?? (await proposal.read(domain));
      if (!parsed.has(key) && (zone.format === 'zone' || zone.format === 'json')) {
        length += proposal.length;
        if (length > MAX_PARSED_ZONES) throw new ValueError(`${quoteInput(file)}: ${TOO_MUCH_TO_PARSE}`);
      }
      parsed.set(key, zone);
      zones.push(zone);
    }
    if (zones.length > 1) refuseConflicts(zones);
    return zones;
  };
}

/**
 * @param file the name of the file, where `-` is standard input.
 * @returns the proposed records of the file, whose text may be anything.
 * @throws UsageError for a file that cannot be read, is empty or is too large.
 */
export async function readProposalFile(file: string): Promise<Proposal> {
  const isStdin = file === STDIN;
  const content = isStdin ? await readStdinBytes('the proposed records', MAX_BYTES) : await readOptionFile(file);
  const { decodeProposal, proposalIn } = await import('../../standards/dns-plan/read.ts');
  const text = decodeProposal(content);
  if (text.length > MAX_ZONE_BYTES && !/^\s*\{/.test(text)) {
    throw new ValueError(`${quoteInput(file)} is larger than ${MAX_ZONE_BYTES / MIB} MiB`);
  }
  if (!isStdin) return proposalIn(text, file);
  const proposal = proposalIn(text, STDIN_NAME);
  return { ...proposal, read: async (domain) => ({ ...(await proposal.read(domain)), file }) };
}

/** What error messages call standard input. */
const STDIN_NAME = 'standard input';

const TOO_MUCH_TO_PARSE =
  'the zone files of all targets are too long together. Begin each with $ORIGIN, so that it is parsed only once';
