/** The octets that a signature is computed over (RFC 4034 §3.1.8.1, §6). */
import type { SignedRecord } from '../../network/dns/signed.ts';
import { type Labels, lastLabels, lowered, wireName } from './names.ts';
import type { Rrsig } from './rdata.ts';

/** A part of the data of a record: a number of octets, a character string, or a name. */
type Part = number | 'string' | 'name';

/**
 * The types whose data has names that the canonical form writes in lower case (RFC 4034 §6.2), with the parts of their
 * data as far as the last name. NSEC is not one of them (RFC 6840 §5.1).
 */
const LOWERED: Readonly<Record<number, readonly Part[]>> = {
  2: ['name'], // NS
  3: ['name'], // MD
  4: ['name'], // MF
  5: ['name'], // CNAME
  6: ['name', 'name'], // SOA
  7: ['name'], // MB
  8: ['name'], // MG
  9: ['name'], // MR
  12: ['name'], // PTR
  14: ['name', 'name'], // MINFO
  15: [2, 'name'], // MX
  17: ['name', 'name'], // RP
  18: [2, 'name'], // AFSDB
  21: [2, 'name'], // RT
  24: [18, 'name'], // SIG
  26: [2, 'name', 'name'], // PX
  30: ['name'], // NXT
  33: [6, 'name'], // SRV
  35: [4, 'string', 'string', 'string', 'name'], // NAPTR
  36: [2, 'name'], // KX
  39: ['name'], // DNAME
  46: [18, 'name'], // RRSIG
};

/** @returns the data of a record in canonical form. Data that is malformed is returned as it is. */
export function canonicalData(type: number, data: Buffer): Buffer {
  const parts = LOWERED[type];
  if (parts === undefined) return data;
  const copy = Buffer.from(data);
  let position = 0;
  for (const part of parts) {
    if (typeof part === 'number') position += part;
    else if (part === 'string') position += 1 + (copy[position] ?? 0);
    else {
      const end = loweredAt(copy, position);
      if (end === undefined) return data;
      position = end;
    }
  }
  return copy;
}

/** Writes the name at a position in lower case. @returns the position after the name, or `undefined` without a name. */
function loweredAt(data: Buffer, start: number): number | undefined {
  let position = start;
  for (;;) {
    const length = data[position];
    if (length === undefined || length > 63) return undefined;
    const end = position + 1 + length;
    if (length === 0) return end;
    data.write(lowered(data.toString('latin1', position + 1, end)), position + 1, 'latin1');
    position = end;
  }
}

/** @returns the number of labels that an RRSIG record counts: without the root and without a wildcard (RFC 4034 §3.1.3). */
export function countedLabels(owner: Labels): number {
  return owner[0] === '*' ? owner.length - 1 : owner.length;
}

/**
 * @returns the data that a signature covers: the RRSIG record without its signature, and the records in canonical form
 *   and order, each of them once (RFC 4034 §6.3). All records have one owner, type and class.
 */
export function signedData(
  rrsig: Pick<Rrsig, 'fixed' | 'signer' | 'labels' | 'originalTtl'>,
  records: readonly SignedRecord[],
): Buffer {
  const [first] = records;
  if (first === undefined) return Buffer.alloc(0);
  const isExpanded = rrsig.labels < countedLabels(first.owner);
  const owner = wireName(isExpanded ? ['*', ...lastLabels(first.owner, rrsig.labels)] : first.owner);
  const head = Buffer.alloc(8);
  head.writeUInt16BE(first.type, 0);
  head.writeUInt16BE(first.class, 2);
  head.writeUInt32BE(rrsig.originalTtl, 4);
  const parts = [rrsig.fixed, wireName(rrsig.signer)];
  const sorted = records.map(({ type, data }) => canonicalData(type, data)).sort(Buffer.compare);
  for (const [index, data] of sorted.entries()) {
    if (index > 0 && sorted[index - 1]?.equals(data)) continue;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(data.length);
    parts.push(owner, head, length, data);
  }
  return Buffer.concat(parts);
}
