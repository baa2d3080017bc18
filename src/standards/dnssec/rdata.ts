/** Reads the data of the records of DNSSEC (RFC 4034, RFC 5155). Malformed data is `undefined`: the record is ignored. */
import type { SignedRecord } from '../../network/dns/signed.ts';
import { type Labels, lowered } from './names.ts';

/** The octets of an RRSIG record before the name of its signer (RFC 4034 §3.1). */
export const BEFORE_SIGNER = 18;

/** A DNSKEY record (RFC 4034 §2). */
export interface Dnskey {
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly publicKey: Buffer;
  /** RFC 4034 App. B. */
  readonly keyTag: number;
  /** The whole data, over which a DS record is computed. */
  readonly data: Buffer;
}

/** A DS record (RFC 4034 §5). */
export interface Ds {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Buffer;
}

/** An RRSIG record (RFC 4034 §3). */
export interface Rrsig {
  readonly typeCovered: number;
  readonly algorithm: number;
  readonly labels: number;
  /** Seconds. */
  readonly originalTtl: number;
  /** Seconds since the epoch, modulo 2^32. */
  readonly expiration: number;
  readonly inception: number;
  readonly keyTag: number;
  readonly signer: Labels;
  readonly signature: Buffer;
  /** The data without the signature and without the name of the signer. */
  readonly fixed: Buffer;
}

/** The types that a name has (RFC 4034 §4.1.2). */
export type TypeBitmap = ReadonlySet<number>;

/** An NSEC record (RFC 4034 §4). */
export interface Nsec {
  readonly owner: Labels;
  readonly next: Labels;
  readonly types: TypeBitmap;
}

/** An NSEC3 record (RFC 5155 §3). */
export interface Nsec3 {
  /** The hash that is the first label of the owner name. */
  readonly hash: Buffer;
  readonly zone: Labels;
  readonly hashAlgorithm: number;
  readonly flags: number;
  readonly iterations: number;
  readonly salt: Buffer;
  readonly nextHash: Buffer;
  readonly types: TypeBitmap;
}

/** @returns the name that starts at a position, in lower case, and the position after it. `undefined` if there is none. */
export function readNameAt(data: Buffer, start: number): { readonly labels: Labels; readonly end: number } | undefined {
  const labels: string[] = [];
  let position = start;
  for (;;) {
    const length = data[position];
    if (length === undefined || length > 63 || position - start > 254) return undefined;
    if (length === 0) return { labels, end: position + 1 };
    const end = position + 1 + length;
    if (end > data.length) return undefined;
    labels.push(lowered(data.toString('latin1', position + 1, end)));
    position = end;
  }
}

/** Computes the tag of a key (RFC 4034 App. B). The tag of algorithm 1, which nobody validates, differs. */
export function keyTagOf(data: Buffer): number {
  let sum = 0;
  for (const [index, octet] of data.entries()) sum += index % 2 === 0 ? octet << 8 : octet;
  return (sum + ((sum >>> 16) & 0xffff)) & 0xffff;
}

export function readDnskey({ data }: Pick<SignedRecord, 'data'>): Dnskey | undefined {
  if (data.length < 5) return undefined;
  return {
    flags: data.readUInt16BE(0),
    protocol: data.readUInt8(2),
    algorithm: data.readUInt8(3),
    publicKey: data.subarray(4),
    keyTag: keyTagOf(data),
    data,
  };
}

export function readDs({ data }: Pick<SignedRecord, 'data'>): Ds | undefined {
  if (data.length < 5) return undefined;
  return {
    keyTag: data.readUInt16BE(0),
    algorithm: data.readUInt8(2),
    digestType: data.readUInt8(3),
    digest: data.subarray(4),
  };
}

export function readRrsig({ data }: Pick<SignedRecord, 'data'>): Rrsig | undefined {
  const signer = readNameAt(data, BEFORE_SIGNER);
  if (signer === undefined || signer.end >= data.length) return undefined;
  return {
    typeCovered: data.readUInt16BE(0),
    algorithm: data.readUInt8(2),
    labels: data.readUInt8(3),
    originalTtl: data.readUInt32BE(4),
    expiration: data.readUInt32BE(8),
    inception: data.readUInt32BE(12),
    keyTag: data.readUInt16BE(16),
    signer: signer.labels,
    signature: data.subarray(signer.end),
    fixed: data.subarray(0, BEFORE_SIGNER),
  };
}

export function readNsec({ owner, data }: Pick<SignedRecord, 'owner' | 'data'>): Nsec | undefined {
  const next = readNameAt(data, 0);
  const types = next && readBitmap(data.subarray(next.end));
  return types && { owner, next: next.labels, types };
}

export function readNsec3({ owner, data }: Pick<SignedRecord, 'owner' | 'data'>): Nsec3 | undefined {
  const [label, ...zone] = owner;
  const hash = label === undefined ? undefined : base32Decoded(label);
  const saltEnd = 5 + (data[4] ?? 0);
  const nextEnd = saltEnd + 1 + (data[saltEnd] ?? 0);
  if (hash === undefined || data.length < 6 || saltEnd >= data.length || nextEnd > data.length) return undefined;
  const types = readBitmap(data.subarray(nextEnd));
  return (
    types && {
      hash,
      zone,
      hashAlgorithm: data.readUInt8(0),
      flags: data.readUInt8(1),
      iterations: data.readUInt16BE(2),
      salt: data.subarray(5, saltEnd),
      nextHash: data.subarray(saltEnd + 1, nextEnd),
      types,
    }
  );
}

/** Reads a type bit map (RFC 4034 §4.1.2): windows of 256 types in increasing order. */
function readBitmap(data: Buffer): TypeBitmap | undefined {
  const types = new Set<number>();
  let position = 0;
  let lastWindow = -1;
  while (position < data.length) {
    const window = data[position] ?? 0;
    const length = data[position + 1] ?? 0;
    const start = position + 2;
    if (window <= lastWindow || length === 0 || length > 32 || start + length > data.length) return undefined;
    for (let index = 0; index < length * 8; index += 1) {
      if (((data[start + (index >> 3)] ?? 0) & (0x80 >> (index & 7))) !== 0) types.add(window * 256 + index);
    }
    lastWindow = window;
    position = start + length;
  }
  return types;
}

const BASE32HEX = '0123456789abcdefghijklmnopqrstuv';

/** @returns the octets of unpadded base32hex in lower case (RFC 4648 §7), or `undefined` for other text. */
export function base32Decoded(text: string): Buffer | undefined {
  const octets: number[] = [];
  let bits = 0;
  let count = 0;
  for (const character of text) {
    const value = BASE32HEX.indexOf(character);
    if (value < 0) return undefined;
    bits = ((bits << 5) | value) & 0xfff;
    count += 5;
    if (count >= 8) {
      count -= 8;
      octets.push((bits >> count) & 0xff);
    }
  }
  return Buffer.from(octets);
}
