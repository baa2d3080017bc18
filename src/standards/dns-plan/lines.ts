/** The records of a plan as lines of a zone file, and the parts of their values. */
import { presentationName, quotedStrings, type RecordValue } from '../zone-file/line.ts';
import type { PlannedType, SetChange } from './codec.ts';

/** @returns the data of a record as in a zone file (RFC 1035 §5.1): ASCII without line ends. Texts are quoted and split. */
export function dataText(type: PlannedType, value: RecordValue): string {
  return type === 'TXT' ? quotedStrings(value) : value;
}

/** @returns a record as a line of a zone file, with its TTL and without a line end. */
export function recordLine({ name, type, ttl }: SetChange, value: RecordValue): string {
  return `${presentationName(name)}. ${ttl} IN ${type} ${dataText(type, value)}`;
}

/** @returns a published record as a line of a zone file. It has no TTL, because nobody knows which one is published. */
function publishedLine({ name, type }: SetChange, value: RecordValue): string {
  return `${presentationName(name)}. IN ${type} ${dataText(type, value)}`;
}

/**
 * @returns the published records of a set that the change removes, each as a line of a zone file. The lines are ASCII
 *   without line ends, so that each of them can be a comment.
 */
export function goingLines(set: SetChange): string[] {
  return set.before.filter((value) => !set.after.includes(value)).map((value) => publishedLine(set, value));
}

/** @returns the parts of the value of an MX record. The exchange ends in a dot. */
export function mxParts(value: RecordValue): { readonly preference: number; readonly exchange: string } {
  const [preference = '', exchange = ''] = value.split(' ');
  return { preference: Number(preference), exchange };
}

/** @returns the parts of the value of a TLSA record (RFC 6698 §2.2). The data is hexadecimal. */
export function tlsaParts(
  value: RecordValue,
): readonly [usage: number, selector: number, matching: number, data: string] {
  const [usage = '', selector = '', matching = '', data = ''] = value.split(' ');
  return [Number(usage), Number(selector), Number(matching), data];
}
