/** DNS records as lines to paste into a zone file (RFC 1035 §5.1). */

/** One DNS record to publish. `line` is its zone-file form, ready to paste (RFC 1035 §5.1). */
export interface RecordToPublish {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly line: string;
}

/** Longest character string a TXT record can hold, in octets (RFC 1035 §3.3). */
const MAX_STRING = 255;

/** @returns the character strings of a TXT value, quoted and split where it is longer than one string can be. */
export function quotedStrings(text: string): string {
  const octets = Buffer.from(text, 'utf8');
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

/** @returns a TXT record; `value` is the text as one piece, the line has it quoted and split. */
export function txtRecord(name: string, text: string): RecordToPublish {
  return { name, type: 'TXT', value: text, line: `${name}. IN TXT ${quotedStrings(text)}` };
}

/** @returns a record whose data is written as it is; names in `value` must end in a dot. */
export function plainRecord(name: string, type: 'A' | 'AAAA' | 'MX' | 'CNAME' | 'PTR', value: string): RecordToPublish {
  return { name, type, value, line: `${name}. IN ${type} ${value}` };
}

/** @returns the A or AAAA record of an address. */
export function addressRecord(name: string, ip: string): RecordToPublish {
  return plainRecord(name, ip.includes(':') ? 'AAAA' : 'A', ip);
}
