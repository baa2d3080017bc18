/** Writes DNS records as lines of a zone file (RFC 1035 §5.1). */
import { lettersOf, type MxRecord, type OctetString } from '../../network/dns/answer.ts';
import { canonicalName } from '../../network/domain.ts';

/** One DNS record to publish. `line` is the record as a line of a zone file, ready to paste (RFC 1035 §5.1). */
export interface RecordToPublish {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly line: string;
}

/** Longest character string a TXT record can hold, in octets (RFC 1035 §3.3). */
const MAX_STRING = 255;

/** @returns the value of a TXT record as quoted strings, split into strings of at most 255 octets (RFC 1035 §3.3). */
export function quotedStrings(text: OctetString): string {
  const octets = Buffer.from(text, 'latin1');
  const parts: string[] = [];
  for (let start = 0; start === 0 || start < octets.length; start += MAX_STRING) {
    parts.push(`"${[...octets.subarray(start, start + MAX_STRING)].map(escapeOctet).join('')}"`);
  }
  return parts.join(' ');
}

function escapeOctet(octet: number): string {
  if (octet === 0x22 || octet === 0x5c) return `\\${String.fromCharCode(octet)}`;
  return octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : `\\${String(octet).padStart(3, '0')}`;
}

/** @returns a TXT record. Its `value` is the whole text as letters, and its `line` has the octets quoted and split. */
export function txtRecord(name: string, text: OctetString): RecordToPublish {
  return {
    name,
    type: 'TXT',
    value: lettersOf(text),
    line: `${presentationName(name)}. IN TXT ${quotedStrings(text)}`,
  };
}

/**
 * @returns the name without its final dot as a zone file can hold it (RFC 1035 §5.1). A character that has a meaning in
 *   zone files becomes an escape, so that a name from the network cannot become another record.
 */
export function presentationName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.*/-]/gu, (character) =>
    [...Buffer.from(character, 'utf8')].map((octet) => `\\${String(octet).padStart(3, '0')}`).join(''),
  );
}

/** @returns a record whose line contains `value` unchanged. Names in `value` must end in a dot. */
export function plainRecord(name: string, type: 'A' | 'AAAA' | 'MX' | 'CNAME' | 'PTR', value: string): RecordToPublish {
  return { name, type, value, line: `${presentationName(name)}. IN ${type} ${value}` };
}

/** @returns a name from the network as a value: canonical, safe in a zone file, and with its final dot. */
export function nameValue(name: string): string {
  return `${presentationName(canonicalName(name))}.`;
}

/** @returns the value of an MX record. The root as exchange is a dot (RFC 7505 §3). */
export function mxValue({ preference, exchange }: MxRecord): string {
  return `${preference} ${nameValue(exchange)}`;
}
