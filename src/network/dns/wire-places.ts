/** Where the parts of a DNS message are (RFC 1035 §4). The message is untrusted, so every step is checked. */

/** Longest name in octets, including the length octets of its labels (RFC 1035 §2.3.4). */
export const MAX_NAME = 255;
/** Octets of the header (RFC 1035 §4.1.1). */
export const HEADER = 12;
export const CLASS_IN = 1;
export const TYPE_OPT = 41;

/** The message is shorter than it claims, or a part of it is not valid. */
export class WireError extends Error {}

/**
 * Finds the position after a name (RFC 1035 §4.1.4). Accepts only backward pointers, so that no chain is endless.
 *
 * @param labels receives the labels of the name, where it is given.
 */
export function skipName(bytes: Buffer, start: number, end: number, labels?: Buffer[]): number {
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

export function octet(bytes: Buffer, position: number, end: number): number {
  const value = position < end ? bytes[position] : undefined;
  if (value === undefined) throw new WireError('the message ends too early');
  return value;
}

/** @returns the type of a record, where its fixed fields are, and where its data begins and ends (RFC 1035 §4.1.3). */
export function placesAt(bytes: Buffer, position: number, owner?: Buffer[]) {
  const fixed = skipName(bytes, position, bytes.length, owner);
  const start = fixed + 10;
  if (start > bytes.length) throw new WireError('the message ends too early');
  const end = start + bytes.readUInt16BE(fixed + 8);
  if (end > bytes.length) throw new WireError('a record runs past the end');
  return { fixed, type: bytes.readUInt16BE(fixed), start, end };
}
