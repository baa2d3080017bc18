/**
 * Replies as the `dns-packet` codec decodes them, after a check of their wire format. The codec ignores RDLENGTH for the
 * types that it knows, so the check must find every lie about it.
 */
import packet from 'dns-packet';
import type { Question } from '../../../src/network/dns/message.ts';
import { canonicalName } from '../../../src/network/domain.ts';

const MAX_TTL = 2 ** 31 - 1;

/**
 * @returns the reply, or why there is none, as `decodeReply` says it. A truncated message is not read by halves. `unclear`
 *   when a name leads through octets that had to be changed for the codec.
 */
export function replyByCodec(bytes: Buffer, id: number, question: Question) {
  if (bytes.length < HEADER || bytes.readUInt16BE(0) !== id) return 'mismatch';
  if ((bytes.readUInt16BE(2) & 0xf800) !== 0x8000) return 'mismatch';
  ofNames.clear();
  overwritten = [];
  const message = wellFormed(bytes);
  if (message === undefined) return 'malformed';
  if (overwritten.some((position) => ofNames.has(position))) return 'unclear';
  const decoded: packet.DecodedPacket & { rcode?: string } = packet.decode(message);
  const [asked, ...others] = decoded.questions ?? [];
  if (others.length > 0) return 'mismatch';
  const rcode = fullRcode(decoded.rcode ?? 'NOERROR', decoded.additionals ?? []);
  if (asked === undefined) {
    if (rcode === 'NOERROR' || rcode === 'NXDOMAIN') return 'mismatch';
  } else if (
    canonicalName(asked.name) !== canonicalName(question.name) ||
    asked.type !== question.type ||
    asked.class !== 'IN'
  ) {
    return 'mismatch';
  }
  return {
    rcode,
    truncated: decoded.flag_tc,
    authoritative: decoded.flag_aa,
    authenticated: decoded.flag_ad,
    recursionAvailable: decoded.flag_ra,
    answers: received(decoded.answers),
    authorities: received(decoded.authorities),
    additionals: received(decoded.additionals),
    extendedErrors: extendedErrors(decoded.additionals ?? []),
  };
}

function fullRcode(lower: string, additionals: readonly packet.Answer[]): string {
  const opt = additionals.find((record) => record.type === 'OPT');
  return opt?.type === 'OPT' && opt.extendedRcode > 0 ? `extended RCODE ${opt.extendedRcode << 4} + ${lower}` : lower;
}

function received(records: readonly packet.Answer[] = []) {
  return records.flatMap((record) => {
    if (!('data' in record && 'ttl' in record)) return [];
    const { name, type, data, ttl = 0 } = record;
    const isOther = (type as string) === `UNKNOWN_${TYPE_OPAQUE}`;
    return [{ name, type: isOther ? 'other' : type, ttl: ttl > MAX_TTL ? 0 : ttl, data: isOther ? data : known(data) }];
  });
}

/** @returns the data without the numbers of an SOA record that mailcheck does not read. */
function known(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || !('retry' in data && 'expire' in data)) return data;
  const { retry: _, expire: __, ...rest } = data;
  return rest;
}

function extendedErrors(additionals: readonly packet.Answer[]): string[] {
  const option = 15;
  return additionals.flatMap((record) => {
    if (record.type !== 'OPT') return [];
    return record.options.flatMap(({ code, data }) => {
      if (Number(code) !== option || !Buffer.isBuffer(data) || data.length < 2) return [];
      return [`${data.readUInt16BE(0)}: ${data.subarray(2).toString('utf8')}`];
    });
  });
}

/** Longest name in octets, including the length octets of its labels (RFC 1035 §2.3.4). */
const MAX_NAME = 255;
/** Octets of the header (RFC 1035 §4.1.1). */
const HEADER = 12;
const CLASS_IN = 1;
const TYPE_OPT = 41;
/** A record type for private use (RFC 6895 §3.1). The codec does not decode the data of such a record. */
const TYPE_OPAQUE = 0xff00;
/** An option code for local use (RFC 6891 §9). */
const OPTION_OPAQUE = 0xfde9;

/** The message is shorter than it claims, or a part of it is not valid. */
class WireError extends Error {}

/**
 * Finds the position after a name (RFC 1035 §4.1.4). Accepts only backward pointers, so that no chain is endless.
 */
function skipName(bytes: Buffer, start: number, end: number): number {
  let position = start;
  let limit = start;
  let size = 1;
  let after: number | undefined;
  for (;;) {
    const length = octet(bytes, position, after === undefined ? end : bytes.length);
    for (let index = 0; index <= length; index += 1) ofNames.add(position + index);
    if (length === 0) return after ?? position + 1;
    if (length < 0x40) {
      size += length + 1;
      if (size > MAX_NAME) throw new WireError('a name is too long');
      position += length + 1;
    } else if (length >= 0xc0) {
      const target = ((length & 0x3f) << 8) | octet(bytes, position + 1, after === undefined ? end : bytes.length);
      if (target >= limit || target < HEADER) throw new WireError('a compression pointer does not lead back');
      after ??= position + 2;
      limit = target;
      position = target;
    } else {
      throw new WireError('a label of a kind that does not exist');
    }
  }
}

/** The octets of names, which a change of the message must not touch: a pointer may lead to any place before it. */
const ofNames = new Set<number>();
let overwritten: number[] = [];

function octet(bytes: Buffer, position: number, end: number): number {
  const value = position < end ? bytes[position] : undefined;
  if (value === undefined) throw new WireError('the message ends too early');
  return value;
}

/** Computes the end of a record's data from its start, for each record type that mailcheck reads. */
const DATA_ENDS: Readonly<Record<number, (bytes: Buffer, start: number, end: number) => number>> = {
  1: (_, start) => start + 4,
  2: skipName,
  5: skipName,
  6: (bytes, start, end) => skipName(bytes, skipName(bytes, start, end), end) + 20,
  12: skipName,
  15: (bytes, start, end) => skipName(bytes, start + 2, end),
  16: skipStrings,
  28: (_, start) => start + 16,
  // DS (RFC 4034 §5.1) and TLSA (RFC 6698 §2.1) end in octets whose number nothing but RDLENGTH tells.
  43: (_, start, end) => Math.max(start + 5, end),
  52: (_, start, end) => Math.max(start + 3, end),
  99: skipStrings,
  [TYPE_OPT]: skipOptions,
};

/** TXT data is "one or more <character-string>s" (RFC 1035 §3.3.14). */
function skipStrings(bytes: Buffer, start: number, end: number): number {
  let position = start;
  do position += 1 + octet(bytes, position, end);
  while (position < end);
  return position;
}

/** Puts a number into a message that the codec does not know. */
function overwrite(bytes: Buffer, number: number, position: number): void {
  bytes.writeUInt16BE(number, position);
  overwritten.push(position, position + 1);
}

/** Makes the options opaque that the codec decodes, because it reads them past their end when they are too short. */
function skipOptions(bytes: Buffer, start: number, end: number): number {
  let position = start;
  while (position + 4 <= end) {
    if ([8, 11, 14].includes(bytes.readUInt16BE(position))) overwrite(bytes, OPTION_OPAQUE, position);
    position += 4 + bytes.readUInt16BE(position + 2);
  }
  return position;
}

/**
 * Checks a message, and makes every record opaque that is not of class IN or not of a type that mailcheck reads. The
 * codec then does not try to decode the data of these records.
 *
 * @returns a copy of the message, or `undefined` when it is not well-formed.
 */
function wellFormed(bytes: Buffer): Buffer | undefined {
  try {
    return checked(Buffer.from(bytes));
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** @returns the type of a record, where its fixed fields are, and where its data begins and ends (RFC 1035 §4.1.3). */
function placesAt(bytes: Buffer, position: number) {
  const fixed = skipName(bytes, position, bytes.length);
  const start = fixed + 10;
  if (start > bytes.length) throw new WireError('the message ends too early');
  const end = start + bytes.readUInt16BE(fixed + 8);
  if (end > bytes.length) throw new WireError('a record runs past the end');
  return { fixed, type: bytes.readUInt16BE(fixed), start, end };
}

function checked(bytes: Buffer): Buffer {
  if (bytes.length < HEADER) throw new WireError('the message ends too early');
  let position = HEADER;
  for (let left = bytes.readUInt16BE(4); left > 0; left -= 1) position = skipName(bytes, position, bytes.length) + 4;
  const [answers, authorities, additionals] = [6, 8, 10].map((offset) => bytes.readUInt16BE(offset));
  const beforeAdditionals = (answers ?? 0) + (authorities ?? 0);
  const records = beforeAdditionals + (additionals ?? 0);
  let options = 0;
  for (let index = 0; index < records; index += 1) {
    const { fixed, type, start, end } = placesAt(bytes, position);
    if (type === TYPE_OPT) {
      options += 1;
      // "If a query message with more than one OPT RR is received, a FORMERR […] MUST be returned" (RFC 6891 §6.1.1).
      if (options > 1 || index < beforeAdditionals) throw new WireError('OPT where it must not be');
    }
    const dataEnd = type === TYPE_OPT || bytes.readUInt16BE(fixed + 2) === CLASS_IN ? DATA_ENDS[type] : undefined;
    if (dataEnd === undefined) {
      overwrite(bytes, TYPE_OPAQUE, fixed);
    } else if (dataEnd(bytes, start, end) !== end) {
      throw new WireError('a record whose data does not fill its length');
    }
    position = end;
  }
  if (position > bytes.length) throw new WireError('the message ends too early');
  return bytes;
}
