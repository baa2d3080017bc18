/** Reads the records of a message octet by octet, for those who verify signatures (RFC 4034 §6). */
import { CLASS_IN, HEADER, octet, placesAt, skipName, WireError } from './wire-places.ts';

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

/** The parts of a message that only a question for signatures needs. */
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
