/** Encodes DNS queries, and decodes replies. Replies are untrusted input. */
import { canonicalName } from '../domain.ts';
import { parseIp } from '../ip.ts';
import type { RecordData, RecordType } from './answer.ts';
import { TYPE } from './record-types.ts';
import type { SignedRecord } from './signed.ts';
import { type Message, readMessage, ttlOf } from './wire.ts';
import { type WireRecord, wireParts } from './wire-parts.ts';
import { CLASS_IN, HEADER, TYPE_OPT } from './wire-places.ts';

/** EDNS0 payload size in octets that avoids IP fragmentation (DNS flag day 2020, RFC 9715). */
const UDP_PAYLOAD = 1232;
/** The OPCODE bits in the flags of the header. Zero is a standard query (RFC 1035 §4.1.1). */
const OPCODE = 0x7800;
/** The flags in the header (RFC 1035 §4.1.1, RFC 4035 §3.2). */
const FLAG = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  authenticData: 0x0020,
  checkingDisabled: 0x0010,
} as const;
/** The bits of the RCODE in the flags. */
const RCODE = 0x000f;
/** The names of the RCODEs by number (IANA, "DNS RCODEs"). */
const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
] as const;
/** The EDNS option with an extended error (RFC 8914 §2). */
const EXTENDED_ERROR = 15;

export interface Question {
  readonly name: string;
  readonly type: RecordType;
  /** CD bit: the query tells a validating resolver not to validate (RFC 4035 §3.2.2). */
  readonly checkingDisabled: boolean;
  /** Whether the query goes without EDNS0, for servers that do not support it. */
  readonly plain?: boolean;
  /** Whether the query asks a name server for what it holds itself: without the RD bit (RFC 1035 §4.1.1). */
  readonly isIterative?: boolean;
}

/**
 * A question for records with their signatures: with DO and CD set (RFC 4035 §3.2.1, §3.2.2). Its type is a number, since
 * it may be one that mailcheck does not read.
 */
export interface SignedQuestion {
  readonly name: string;
  readonly type: number;
  readonly isIterative?: boolean;
}

export interface ReceivedRecord {
  readonly name: string;
  readonly type: string;
  /** Seconds. */
  readonly ttl: number;
  readonly data: unknown;
}

export interface Reply {
  readonly rcode: string;
  readonly truncated: boolean;
  readonly authoritative: boolean;
  readonly authenticated: boolean;
  readonly recursionAvailable: boolean;
  readonly answers: readonly ReceivedRecord[];
  readonly authorities: readonly ReceivedRecord[];
  /** The additional section, in which a referral has the addresses of name servers. */
  readonly additionals: readonly ReceivedRecord[];
  readonly extendedErrors: readonly string[];
  /** The records of the answer and authority sections as they are, in the reply to a question for signatures. */
  readonly signed?: SignedSections;
}

/** The sections of a reply that have signatures. */
export interface SignedSections {
  readonly answers: readonly SignedRecord[];
  readonly authorities: readonly SignedRecord[];
}

/** @returns whether a question is for records with their signatures. */
export function isForSignatures(question: Question | SignedQuestion): question is SignedQuestion {
  return typeof question.type === 'number';
}

/**
 * Checks whether a name fits into a DNS message: labels of 1–63 octets, and 255 octets in all (RFC 1035 §3.1). A name
 * that does not fit cannot exist, so no query is necessary.
 *
 * @returns whether the name can be queried.
 */
export function isEncodable(name: string): boolean {
  const canonical = canonicalName(name);
  let size = 1;
  for (let start = 0; start <= canonical.length; ) {
    const dot = canonical.indexOf('.', start);
    const end = dot < 0 ? canonical.length : dot;
    const length = Buffer.byteLength(canonical.slice(start, end));
    if (length < 1 || length > 63) return false;
    size += length + 1;
    start = end + 1;
  }
  return size <= 255;
}

/** Octets of what follows the name of a question (RFC 1035 §4.1.2), and of an OPT record. */
const TYPE_AND_CLASS = 4;
const OPT_RECORD = 11;
/** The DO bit of an OPT record (RFC 3225 §3). */
const DNSSEC_OK = 0x8000;

/** @returns the wire form (RFC 1035 §4) of a query, with EDNS0 unless the question is `plain`. */
export function encodeQuery(id: number, question: Question | SignedQuestion): Buffer {
  const isSigned = isForSignatures(question);
  const name = canonicalName(question.name);
  // A length octet stands before each label, in the place of the dot before it. One of zero ends the name.
  const nameEnd = HEADER + (name === '' ? 1 : Buffer.byteLength(name) + 2);
  const hasEdns0 = isSigned || !question.plain;
  const query = Buffer.alloc(nameEnd + TYPE_AND_CLASS + (hasEdns0 ? OPT_RECORD : 0));
  query.writeUInt16BE(id, 0);
  query.writeUInt16BE(flagsOf(question), 2);
  query.writeUInt16BE(1, 4);
  let position = HEADER;
  for (const label of name === '' ? [] : name.split('.')) {
    const length = query.write(label, position + 1);
    query[position] = length;
    position += length + 1;
  }
  query.writeUInt16BE(isSigned ? question.type : TYPE[question.type], nameEnd);
  query.writeUInt16BE(CLASS_IN, nameEnd + 2);
  if (hasEdns0) {
    const opt = nameEnd + TYPE_AND_CLASS;
    query.writeUInt16BE(1, 10);
    // The name of the record is the root, an octet of zero (RFC 6891 §6.1.2).
    query.writeUInt16BE(TYPE_OPT, opt + 1);
    query.writeUInt16BE(UDP_PAYLOAD, opt + 3);
    query.writeUInt16BE(isSigned ? DNSSEC_OK : 0, opt + 7);
  }
  return query;
}

function flagsOf(question: Question | SignedQuestion): number {
  const recursion = question.isIterative ? 0 : FLAG.recursionDesired;
  if (isForSignatures(question)) return recursion | FLAG.checkingDisabled;
  if (question.isIterative) return 0;
  return recursion | FLAG.authenticData | (question.checkingDisabled ? FLAG.checkingDisabled : 0);
}

/**
 * Decodes a reply to the query for `question` with this ID.
 *
 * @returns the reply; `'mismatch'` when the message is no reply to this query (spoofed or late: the caller ignores it,
 *   RFC 5452 §9); `'malformed'` when the ID matches but the message cannot be decoded.
 */
export function decodeReply(
  bytes: Buffer,
  id: number,
  question: Question | SignedQuestion,
): Reply | 'mismatch' | 'malformed' {
  if (bytes.length < HEADER || bytes.readUInt16BE(0) !== id) return 'mismatch';
  const flags = bytes.readUInt16BE(2);
  if ((flags & FLAG.response) === 0 || (flags & OPCODE) !== 0) return 'mismatch';
  const message = readMessage(bytes);
  if (message === undefined) return truncatedReply(bytes, question) ?? 'malformed';
  if (message.questions > 1) return 'mismatch';
  const parts = isForSignatures(question) ? wireParts(bytes) : undefined;
  if (isForSignatures(question) && parts === undefined) return 'malformed';
  const rcode = rcodeOf(message);
  if (message.questions === 1) {
    if (!isAsked(message, question)) return 'mismatch';
  } else if (rcode === 'NOERROR' || rcode === 'NXDOMAIN') {
    // Servers may send FORMERR, REFUSED and other errors without the question section.
    return 'mismatch';
  }
  const reply: Reply = {
    rcode,
    truncated: (flags & FLAG.truncated) !== 0,
    authoritative: (flags & FLAG.authoritative) !== 0,
    authenticated: (flags & FLAG.authenticData) !== 0,
    recursionAvailable: (flags & FLAG.recursionAvailable) !== 0,
    answers: message.answers,
    authorities: message.authorities,
    additionals: message.additionals,
    extendedErrors: extendedErrors(message),
  };
  if (parts === undefined) return reply;
  const { answers, authorities } = parts;
  return { ...reply, signed: { answers: answers.map(signedRecord), authorities: authorities.map(signedRecord) } };
}

/** Tells whether the question in a reply is the one that was asked. Servers may change the case of its name. */
function isAsked(message: Message, { name, type }: Question | SignedQuestion): boolean {
  const { questionName } = message;
  return (
    message.questionType === (typeof type === 'number' ? type : TYPE[type]) &&
    message.questionClass === CLASS_IN &&
    (questionName === name || canonicalName(questionName) === canonicalName(name))
  );
}

function signedRecord({ owner, ttl, ...record }: WireRecord): SignedRecord {
  const labels = owner.map((label) => label.toString('latin1').replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
  return { ...record, owner: labels, ttl: ttlOf(ttl) };
}

/** @returns the name of the RCODE. The OPT record may have its upper eight bits (RFC 6891 §6.1.3). */
function rcodeOf({ flags, extendedRcode }: Message): string {
  const lower = RCODES[flags & RCODE] ?? `RCODE_${flags & RCODE}`;
  return extendedRcode > 0 ? `extended RCODE ${extendedRcode << 4} + ${lower}` : lower;
}

/** Reads only the header and the question, because a server may cut a truncated message in the middle of a record. */
function truncatedReply(bytes: Buffer, question: Question | SignedQuestion): Reply | undefined {
  if ((bytes.readUInt16BE(2) & FLAG.truncated) === 0) return undefined;
  const encoded = encodeQuery(0, question);
  const written = canonicalName(question.name).length;
  // A length octet stands before each label, and one of zero at the end. The root has that one alone.
  const length = written === 0 ? 5 : written + 6;
  const same = bytes
    .subarray(12, 12 + length)
    .toString('latin1')
    .toLowerCase();
  if (
    same !==
    encoded
      .subarray(12, 12 + length)
      .toString('latin1')
      .toLowerCase()
  )
    return undefined;
  return {
    rcode: 'NOERROR',
    truncated: true,
    authoritative: false,
    authenticated: false,
    recursionAvailable: false,
    answers: [],
    authorities: [],
    additionals: [],
    extendedErrors: [],
  };
}

const NO_ERRORS: readonly string[] = [];

/** Reads the extended DNS errors: an info code and UTF-8 text (RFC 8914 §2). */
function extendedErrors(message: Message): readonly string[] {
  const options = message.options(EXTENDED_ERROR);
  if (options.length === 0) return NO_ERRORS;
  const whole = options.filter((data) => data.length >= 2);
  return whole.map((data) => `${data.readUInt16BE(0)}: ${data.subarray(2).toString('utf8')}`);
}

/** Reads the data of one record into the shape of `RecordData`. Returns `undefined` when the data does not have it. */
type Reader<T extends RecordType> = (data: unknown) => RecordData[T] | undefined;

const isObject = (data: unknown): data is Record<string, unknown> => typeof data === 'object' && data !== null;
const readName = (data: unknown): string | undefined =>
  typeof data === 'string' ? (data === '.' ? '' : data.replace(/\.$/, '')) : undefined;

const readers: { readonly [T in RecordType]: Reader<T> } = {
  A: (data) => (typeof data === 'string' ? parseIp(data) : undefined),
  // An IPv4-mapped address in an AAAA record is not converted to IPv4: IPv4 mail can never come from it.
  AAAA: (data) => (typeof data === 'string' ? (parseIp(data)?.includes(':') ? parseIp(data) : data) : undefined),
  CNAME: readName,
  NS: readName,
  PTR: readName,
  MX: (data) => {
    const exchange = isObject(data) ? readName(data.exchange) : undefined;
    if (exchange === undefined || !isObject(data)) return undefined;
    return { preference: Number(data.preference ?? 0), exchange };
  },
  SOA: (data) => {
    if (!isObject(data)) return undefined;
    const { mname, rname, serial, refresh, minimum } = data;
    return {
      mname: String(mname),
      rname: String(rname),
      serial: Number(serial),
      refresh: Number(refresh),
      minimum: Number(minimum),
    };
  },
  DS: (data) => {
    if (!isObject(data) || !Buffer.isBuffer(data.digest)) return undefined;
    const { keyTag, algorithm, digestType, digest } = data;
    return {
      keyTag: Number(keyTag),
      algorithm: Number(algorithm),
      digestType: Number(digestType),
      digest: digest.toString('hex'),
    };
  },
  TLSA: (data) => {
    if (!isObject(data) || !Buffer.isBuffer(data.certificate)) return undefined;
    const { usage, selector, matchingType, certificate } = data;
    return {
      usage: Number(usage),
      selector: Number(selector),
      matchingType: Number(matchingType),
      data: certificate.toString('hex'),
    };
  },
  // The octets of this type come as they are: each string has its length before it.
  SPF: (data) => (Buffer.isBuffer(data) ? stringsIn(data) : undefined),
  TXT: (data) => {
    const strings = Array.isArray(data) ? data : [data];
    return strings.map((part) => (Buffer.isBuffer(part) ? part.toString('latin1') : String(part)));
  },
};

/** @returns the character strings (RFC 1035 §3.3) in the octets of a record, which the wire check has found whole. */
function stringsIn(octets: Buffer): string[] {
  const strings: string[] = [];
  for (let at = 0; at < octets.length; at += 1 + (octets[at] ?? 0)) {
    strings.push(octets.toString('latin1', at + 1, at + 1 + (octets[at] ?? 0)));
  }
  return strings;
}

/** @returns the data of one received record as `RecordData[type]`, or `undefined` when it is not of that type. */
export function readData<T extends RecordType>(type: T, data: unknown): RecordData[T] | undefined {
  return readers[type](data);
}
