/** Reads names and data of records in a message that is well-formed (wire.ts), so nothing is checked again. */
import { MAX_NAME, skipName } from './wire-places.ts';

const DOT = 0x2e;
const BACKSLASH = 0x5c;
/** Holds a name while it is read. Each of its octets may be a dot that takes two. */
const written = Buffer.alloc(2 * MAX_NAME);

/**
 * Reads a name of a well-formed message. Octets that are not UTF-8 are replaced.
 *
 * @param isMailbox whether a backslash stands before each dot in a label (RFC 1035 §8).
 * @returns the labels with dots between them; `.` for the root.
 */
export function nameAt(bytes: Buffer, start: number, isMailbox = false): string {
  let position = start;
  let size = 0;
  for (;;) {
    const length = bytes[position] ?? 0;
    if (length === 0) return size === 0 ? '.' : written.toString('utf8', 0, size);
    if (length >= 0xc0) {
      position = ((length & 0x3f) << 8) | (bytes[position + 1] ?? 0);
      continue;
    }
    if (size > 0) written[size++] = DOT;
    const end = position + 1 + length;
    for (position += 1; position < end; position += 1) {
      const value = bytes[position] ?? 0;
      if (isMailbox && value === DOT) written[size++] = BACKSLASH;
      written[size++] = value;
    }
  }
}

/** @returns the data of a record of a well-formed message, in the form that `readData` takes. */
export function dataAt(type: string, bytes: Buffer, start: number, end: number): unknown {
  switch (type) {
    case 'A':
      return `${bytes[start]}.${bytes[start + 1]}.${bytes[start + 2]}.${bytes[start + 3]}`;
    case 'AAAA':
      return ipv6Text(bytes, start);
    case 'NS':
    case 'CNAME':
    case 'PTR':
      return nameAt(bytes, start);
    case 'MX':
      return { preference: bytes.readUInt16BE(start), exchange: nameAt(bytes, start + 2) };
    case 'SOA': {
      const rname = skipName(bytes, start, end);
      const numbers = end - 20;
      return {
        mname: nameAt(bytes, start),
        rname: nameAt(bytes, rname, true),
        serial: bytes.readUInt32BE(numbers),
        refresh: bytes.readUInt32BE(numbers + 4),
        minimum: bytes.readUInt32BE(numbers + 16),
      };
    }
    case 'TXT':
      return stringsAt(bytes, start, end);
    case 'DS':
      return {
        keyTag: bytes.readUInt16BE(start),
        algorithm: bytes[start + 2],
        digestType: bytes[start + 3],
        digest: bytes.subarray(start + 4, end),
      };
    case 'TLSA':
      return {
        usage: bytes[start],
        selector: bytes[start + 1],
        matchingType: bytes[start + 2],
        certificate: bytes.subarray(start + 3, end),
      };
    default:
      return bytes.subarray(start, end);
  }
}

function stringsAt(bytes: Buffer, start: number, end: number): Buffer[] {
  const strings: Buffer[] = [];
  for (let position = start; position < end; ) {
    const next = position + 1 + (bytes[position] ?? 0);
    strings.push(bytes.subarray(position + 1, next));
    position = next;
  }
  return strings;
}

/** @returns the address, with its first zeros shortened to `::`. An IPv4-mapped one has no dots. */
function ipv6Text(bytes: Buffer, start: number): string {
  const groups: string[] = [];
  for (let index = 0; index < 16; index += 2) groups.push(bytes.readUInt16BE(start + index).toString(16));
  return groups
    .join(':')
    .replace(/(^|:)0(:0)*:0(:|$)/, '$1::$3')
    .replace(/:{3,4}/, '::');
}
