/**
 * Checks the wire format of a message (RFC 1035 §4, RFC 6891 §6.1) before the codec decodes it. The codec ignores
 * RDLENGTH for the types that it knows: it always reads four octets for an A record. A wrong RDLENGTH would therefore
 * make it read every following record from the wrong position.
 */

/** Longest name in octets, including the length octets of its labels (RFC 1035 §2.3.4). */
const MAX_NAME = 255;
/** Octets of the header (RFC 1035 §4.1.1). */
const HEADER = 12;
const CLASS_IN = 1;
export const TYPE_OPT = 41;
/** A record type for private use (RFC 6895 §3.1). The codec does not decode the data of such a record. */
const TYPE_OPAQUE = 0xff00;

/** The message is shorter than it claims, or a part of it is not valid. */
class WireError extends Error {}

/**
 * Finds the position after a name (RFC 1035 §4.1.4). Accepts only backward pointers, so that no chain is endless.
 *
 * @param labels receives the labels of the name, where it is given.
 */
function skipName(bytes: Buffer, start: number, end: number, labels?: Buffer[]): number {
  let position = start;
  let limit = start;
  let size = 1;
  let after: number | undefined;
  for (;;) {
    const length = octet(bytes, position, after === undefined ? end : bytes.length);
    if (length === 0) return after ?? position + 1;
    if (length < 0x40) {
      size += length + 1;
      if (size > MAX_NAME) throw new WireError('a name is too long');
      labels?.push(bytes.subarray(position + 1, position + 1 + length));
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

function skipOptions(bytes: Buffer, start: number, end: number): number {
  let position = start;
  while (position + 4 <= end) position += 4 + bytes.readUInt16BE(position + 2);
  return position;
}

/**
 * Checks a message, and makes every record opaque that is not of class IN or not of a type that mailcheck reads. The
 * codec then does not try to decode the data of these records.
 *
 * @returns the message (a copy when it has opaque records), or `undefined` when it is not well-formed.
 */
export function wellFormed(bytes: Buffer): Buffer | undefined {
  try {
    return checked(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** @returns the type of a record, where its fixed fields are, and where its data begins and ends (RFC 1035 §4.1.3). */
function placesAt(bytes: Buffer, position: number, owner?: Buffer[]) {
  const fixed = skipName(bytes, position, bytes.length, owner);
  const start = fixed + 10;
  if (start > bytes.length) throw new WireError('the message ends too early');
  const end = start + bytes.readUInt16BE(fixed + 8);
  if (end > bytes.length) throw new WireError('a record runs past the end');
  return { fixed, type: bytes.readUInt16BE(fixed), start, end };
}

function checked(bytes: Buffer): Buffer {
  if (bytes.length < HEADER) throw new WireError('the message ends too early');
  let message = bytes;
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
      if (message === bytes) message = Buffer.from(bytes);
      message.writeUInt16BE(TYPE_OPAQUE, fixed);
    } else if (dataEnd(bytes, start, end) !== end) {
      throw new WireError('a record whose data does not fill its length');
    }
    position = end;
  }
  if (position > bytes.length) throw new WireError('the message ends too early');
  return message;
}

/** The places of names in the data of a record. What follows them has none. */
interface NamePlaces {
  /** Octets before the first name. */
  readonly before: number;
  /** Character strings between them and the first name. */
  readonly strings?: number;
  readonly names: number;
}

const ONE_NAME: NamePlaces = { before: 0, names: 1 };
const TWO_NAMES: NamePlaces = { before: 0, names: 2 };
const AFTER_NUMBER: NamePlaces = { before: 2, names: 1 };

/** The types whose data has names: those of RFC 1035 §3.3, of RFC 4034 §6.2, and DNAME. */
const NAME_PLACES: Readonly<Record<number, NamePlaces>> = {
  2: ONE_NAME,
  3: ONE_NAME,
  4: ONE_NAME,
  5: ONE_NAME,
  6: TWO_NAMES,
  7: ONE_NAME,
  8: ONE_NAME,
  9: ONE_NAME,
  12: ONE_NAME,
  14: TWO_NAMES,
  15: AFTER_NUMBER,
  17: TWO_NAMES,
  18: AFTER_NUMBER,
  21: AFTER_NUMBER,
  24: { before: 18, names: 1 },
  26: { before: 2, names: 2 },
  30: ONE_NAME,
  33: { before: 6, names: 1 },
  35: { before: 4, strings: 3, names: 1 },
  36: AFTER_NUMBER,
  39: ONE_NAME,
  46: { before: 18, names: 1 },
  47: ONE_NAME,
};

/** A record with the octets of its data. Names in it are not compressed. */
export interface WireRecord {
  /** The labels of the owner name as the server spells them, without the root. */
  readonly owner: readonly Buffer[];
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly data: Buffer;
}

/** The parts of a message that the codec does not give. */
export interface WireParts {
  /** The type of the first question. */
  readonly questionType: number | undefined;
  readonly answers: readonly WireRecord[];
  readonly authorities: readonly WireRecord[];
}

/**
 * Reads the answer and authority sections of a well-formed message.
 *
 * @returns the records of all types, or `undefined` when the data of one is not of its type.
 */
export function wireParts(bytes: Buffer): WireParts | undefined {
  try {
    return partsOf(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function partsOf(bytes: Buffer): WireParts {
  let position = HEADER;
  let questionType: number | undefined;
  for (let left = bytes.readUInt16BE(4); left > 0; left -= 1) {
    const after = skipName(bytes, position, bytes.length);
    questionType ??= (octet(bytes, after, bytes.length) << 8) | octet(bytes, after + 1, bytes.length);
    position = after + 4;
  }
  const section = (count: number): WireRecord[] =>
    Array.from({ length: count }, () => {
      const owner: Buffer[] = [];
      const { fixed, type, start, end } = placesAt(bytes, position, owner);
      position = end;
      const class_ = bytes.readUInt16BE(fixed + 2);
      const places = class_ === CLASS_IN ? NAME_PLACES[type] : undefined;
      const data = uncompressed(bytes, start, end, places);
      return { owner, type, class: class_, ttl: bytes.readUInt32BE(fixed + 4), data };
    });
  return {
    questionType,
    answers: section(bytes.readUInt16BE(6)),
    authorities: section(bytes.readUInt16BE(8)),
  };
}

/** @returns the data of a record, with its names written out. */
function uncompressed(bytes: Buffer, start: number, end: number, places: NamePlaces | undefined): Buffer {
  if (places === undefined) return Buffer.from(bytes.subarray(start, end));
  let position = start + places.before;
  for (let left = places.strings ?? 0; left > 0; left -= 1) position += 1 + octet(bytes, position, end);
  const parts: Buffer[] = [bytes.subarray(start, position)];
  for (let left = places.names; left > 0; left -= 1) {
    const labels: Buffer[] = [];
    position = skipName(bytes, position, end, labels);
    for (const label of labels) parts.push(Buffer.from([label.length]), label);
    parts.push(Buffer.from([0]));
  }
  if (position > end) throw new WireError('a record whose data does not fill its length');
  return Buffer.concat([...parts, bytes.subarray(position, end)]);
}
