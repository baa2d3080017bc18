/**
 * Reads values in the Distinguished Encoding Rules (X.690) that come from a stranger. It never reads beyond the value that
 * it is given.
 */

/** One value: its tag octet and its contents. */
export interface DerValue {
  readonly tag: number;
  readonly contents: Buffer;
}

/** Most values in one constructed value. */
const MAX_VALUES = 1000;

/**
 * @returns the values that follow each other in the octets, or `undefined` when they are no such values. A tag of several
 *   octets and an indefinite length are not read: certificates have none.
 */
export function derValues(octets: Buffer): DerValue[] | undefined {
  const values: DerValue[] = [];
  let position = 0;
  while (position < octets.length) {
    const tag = octets[position] ?? 0;
    const first = octets[position + 1];
    if (first === undefined || (tag & 0x1f) === 0x1f || values.length >= MAX_VALUES) return undefined;
    const lengthOctets = first < 0x80 ? 0 : first & 0x7f;
    const start = position + 2 + lengthOctets;
    if (first === 0x80 || lengthOctets > 4 || start > octets.length) return undefined;
    const length = lengthOctets === 0 ? first : octets.readUIntBE(position + 2, lengthOctets);
    if (start + length > octets.length) return undefined;
    values.push({ tag, contents: octets.subarray(start, start + length) });
    position = start + length;
  }
  return values;
}

/** @returns the values inside the first value with this tag, or `undefined` when there is none. */
export function inside(values: readonly DerValue[] | undefined, tag: number): DerValue[] | undefined {
  const found = values?.find((value) => value.tag === tag);
  return found === undefined ? undefined : derValues(found.contents);
}
