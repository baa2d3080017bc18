/**
 * Reads the wire format of a message (RFC 1035 §4, RFC 6891 §6.1). Nothing is read from a message that is not well-formed
 * as a whole: the data of each record of a type that mailcheck reads fills its RDLENGTH, and names lead only backwards.
 */
import { TYPE, typeName } from './record-types.ts';
import { dataAt, nameAt } from './wire-data.ts';
import { CLASS_IN, HEADER, octet, placesAt, skipName, TYPE_OPT, WireError } from './wire-places.ts';

/** The type of a record that mailcheck does not read. */
const OTHER_TYPE = 'other';

/**
 * Computes the end of a record's data from its start, for each record type that mailcheck reads.
 *
 * @returns `undefined` for other types.
 */
function endOfData(type: number, bytes: Buffer, start: number, end: number): number | undefined {
  switch (type) {
    case TYPE.A:
      return start + 4;
    case TYPE.NS:
    case TYPE.CNAME:
    case TYPE.PTR:
      return skipName(bytes, start, end);
    case TYPE.SOA:
      return skipName(bytes, skipName(bytes, start, end), end) + 20;
    case TYPE.MX:
      return skipName(bytes, start + 2, end);
    case TYPE.TXT:
    case TYPE.SPF:
      return skipStrings(bytes, start, end);
    case TYPE.AAAA:
      return start + 16;
    // DS (RFC 4034 §5.1) and TLSA (RFC 6698 §2.1) end in octets whose number nothing but RDLENGTH tells.
    case TYPE.DS:
      return Math.max(start + 5, end);
    case TYPE.TLSA:
      return Math.max(start + 3, end);
    default:
      return undefined;
  }
}

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
 * Reads a message. Its names and the data of its records are read when they are asked for, because most never are.
 *
 * @returns the message, or `undefined` when it is not well-formed.
 */
export function readMessage(bytes: Buffer): Message | undefined {
  try {
    return new Message(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** The sections without records, of which most messages have some. */
const NONE: readonly MessageRecord[] = [];

/** A message that is well-formed. */
export class Message {
  readonly flags: number;
  /** The number of questions. */
  readonly questions: number;
  readonly answers: readonly MessageRecord[];
  readonly authorities: readonly MessageRecord[];
  /** The additional section, without the OPT record. */
  readonly additionals: readonly MessageRecord[];
  readonly #bytes: Buffer;
  /** Where the name of the first question ends, when there is one. */
  readonly #firstNameEnd: number;
  #firstName: string | undefined;
  /** The fixed fields of the OPT record, or zero. */
  #opt = 0;
  /** Where reading has come to. */
  #position = HEADER;

  /** @throws WireError when the message is not well-formed. */
  constructor(bytes: Buffer) {
    if (bytes.length < HEADER) throw new WireError('the message ends too early');
    this.#bytes = bytes;
    this.flags = bytes.readUInt16BE(2);
    this.questions = bytes.readUInt16BE(4);
    let nameEnd = 0;
    for (let left = this.questions; left > 0; left -= 1) {
      const end = skipName(bytes, this.#position, bytes.length);
      if (nameEnd === 0) nameEnd = end;
      this.#position = end + 4;
    }
    this.#firstNameEnd = nameEnd;
    this.answers = this.#section(bytes.readUInt16BE(6), false);
    this.authorities = this.#section(bytes.readUInt16BE(8), false);
    this.additionals = this.#section(bytes.readUInt16BE(10), true);
    if (this.#position > bytes.length) throw new WireError('the message ends too early');
  }

  #section(count: number, isAdditional: boolean): readonly MessageRecord[] {
    if (count === 0) return NONE;
    const bytes = this.#bytes;
    const records: MessageRecord[] = [];
    for (let left = count; left > 0; left -= 1) {
      const owner = this.#position;
      const { fixed, type, start, end } = placesAt(bytes, owner);
      this.#position = end;
      if (type === TYPE_OPT) {
        // "If a query message with more than one OPT RR is received, a FORMERR […] MUST be returned" (RFC 6891 §6.1.1).
        if (this.#opt > 0 || !isAdditional) throw new WireError('OPT where it must not be');
        if (skipOptions(bytes, start, end) !== end) throw new WireError('options that do not fill their length');
        this.#opt = fixed;
        continue;
      }
      const dataEnd = bytes.readUInt16BE(fixed + 2) === CLASS_IN ? endOfData(type, bytes, start, end) : undefined;
      if (dataEnd !== undefined && dataEnd !== end) {
        throw new WireError('a record whose data does not fill its length');
      }
      records.push(new MessageRecord(this, bytes, owner, fixed, dataEnd === undefined ? OTHER_TYPE : typeName(type)));
    }
    return records;
  }

  /** The name of the first question. */
  get questionName(): string {
    this.#firstName ??= nameAt(this.#bytes, HEADER);
    return this.#firstName;
  }

  get questionType(): number {
    return this.#bytes.readUInt16BE(this.#firstNameEnd);
  }

  get questionClass(): number {
    return this.#bytes.readUInt16BE(this.#firstNameEnd + 2);
  }

  /** The upper eight bits of the RCODE, which the OPT record has (RFC 6891 §6.1.3). */
  get extendedRcode(): number {
    return this.#opt === 0 ? 0 : (this.#bytes[this.#opt + 4] ?? 0);
  }

  /** @returns the data of the EDNS options with this code (RFC 6891 §6.1.2). */
  options(code: number): readonly Buffer[] {
    if (this.#opt === 0) return [];
    const bytes = this.#bytes;
    const found: Buffer[] = [];
    let position = this.#opt + 10;
    const end = position + bytes.readUInt16BE(this.#opt + 8);
    while (position < end) {
      const next = position + 4 + bytes.readUInt16BE(position + 2);
      if (bytes.readUInt16BE(position) === code) found.push(bytes.subarray(position + 4, next));
      position = next;
    }
    return found;
  }

  /** @returns the name at this position. Most records have the name of the question, by a pointer to it. */
  nameAt(position: number): string {
    const bytes = this.#bytes;
    const isOfQuestion = bytes[position] === 0xc0 && bytes[position + 1] === HEADER;
    return isOfQuestion ? this.questionName : nameAt(bytes, position);
  }
}

/** A record of a well-formed message. */
export class MessageRecord {
  /** The name of the type, or `other` for records of types and classes that mailcheck does not read. */
  readonly type: string;
  readonly #message: Message;
  readonly #bytes: Buffer;
  readonly #owner: number;
  /** Where its fixed fields are: TYPE, CLASS, TTL and RDLENGTH (RFC 1035 §4.1.3). */
  readonly #fixed: number;

  constructor(message: Message, bytes: Buffer, owner: number, fixed: number, type: string) {
    this.type = type;
    this.#message = message;
    this.#bytes = bytes;
    this.#owner = owner;
    this.#fixed = fixed;
  }

  /** The owner name as the server spells it. The root is `.`. */
  get name(): string {
    return this.#message.nameAt(this.#owner);
  }

  /** Seconds. */
  get ttl(): number {
    return ttlOf(this.#bytes.readUInt32BE(this.#fixed + 4));
  }

  /** The data in the form that `readData` takes. */
  get data(): unknown {
    const start = this.#fixed + 10;
    return dataAt(this.type, this.#bytes, start, start + this.#bytes.readUInt16BE(this.#fixed + 8));
  }
}

/** Largest valid TTL in seconds. A TTL with the top bit set counts as zero (RFC 2181 §8). */
const MAX_TTL = 2 ** 31 - 1;

/** @returns the seconds that a TTL means. */
export const ttlOf = (seconds: number): number => (seconds > MAX_TTL ? 0 : seconds);
