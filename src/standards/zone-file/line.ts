/**
 * Writes DNS records as lines of a zone file (RFC 1035 §5.1). Every record that mailcheck prints comes from here, and its
 * value is made by a function for its type: a name, an address, an MX record, a TLSA record or a text.
 */
import type { MxRecord, TlsaRecord } from '../../network/dns/answer.ts';
import { canonicalName, isHostName, MAX_NAME } from '../../network/domain.ts';
import { ipFamily, parseIp } from '../../network/ip.ts';
import { lettersOf, type OctetString } from '../../network/octet-string.ts';

declare const valueBrand: unique symbol;

/** The data of a record as in a zone file. Names end in a dot. For TXT it is the whole text. */
export type RecordValue = string & { readonly [valueBrand]: true };

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
    parts.push(
      `"${[...octets.subarray(start, start + MAX_STRING)].map(escapeOctet).join('').replace(CI_COMMAND, escapedMark)}"`,
    );
  }
  return parts.join(' ');
}

/** Matches the marks with which a CI system begins a command. Reports escape them, and a record must stay as it is. */
const CI_COMMAND = /(?<!\S):(?=:)|#(?=#)/g;

const escapedMark = (mark: string): string => (mark === ':' ? '\\058' : '\\035');

function escapeOctet(octet: number): string {
  if (octet === 0x22 || octet === 0x5c) return `\\${String.fromCharCode(octet)}`;
  // In a shell, "$" and "`" would act even within the quotes.
  if (octet === 0x24 || octet === 0x60) return `\\${String(octet).padStart(3, '0')}`;
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

/** The types of the records that `plainRecord` writes. */
type PlainRecordType = 'A' | 'AAAA' | 'MX' | 'CNAME' | 'PTR' | 'TLSA';

/** @returns a record whose line contains `value` unchanged. */
export function plainRecord(name: string, type: PlainRecordType, value: RecordValue): RecordToPublish {
  return { name, type, value, line: `${presentationName(name)}. IN ${type} ${value}` };
}

/** @returns a name from the network as a value: canonical, safe in a zone file, and with its final dot. */
export function nameValue(name: string): RecordValue {
  return branded(`${presentationName(canonicalName(name))}.`);
}

/** @returns the value of an MX record. The root as exchange is a dot (RFC 7505 §3). */
export function mxValue({ preference, exchange }: MxRecord): RecordValue {
  return branded(`${Math.trunc(preference)} ${nameValue(exchange)}`);
}

/** @returns the value of a TLSA record (RFC 6698 §2.2). */
export function tlsaValue({ usage, selector, matchingType, data }: TlsaRecord): RecordValue {
  return branded(
    `${Math.trunc(usage)} ${Math.trunc(selector)} ${Math.trunc(matchingType)} ${data.replace(/[^0-9a-f]/g, '')}`,
  );
}

/** @returns the value of an address record. What is no address becomes a value that `isPublishable` refuses. */
export function addressValue(ip: string): RecordValue {
  return branded(presentationNameOrAddress(ip));
}

/** @returns the value of a TXT record: its whole text, which its line quotes. */
export function textValue(text: OctetString): RecordValue {
  return branded(text);
}

/** Matches a name that `nameValue` has made, with its final dot. */
const NAME = /^(?:[A-Za-z0-9_.*/-]|\\\d{3})*\.$/;

/** Matches one quoted string that `quotedStrings` has made, without its quotes. */
const QUOTED = /"((?:[^"\\]|\\["\\]|\\[0-9]{3})*)"/g;

/**
 * Reads back the value of a record that was written by `txtRecord` or `plainRecord`, from a report for example.
 *
 * @returns the value. For TXT it is the text of the line, one letter an octet. `undefined` for a record of another type, or
 *   one that these functions have not written.
 */
export function readValue({ type, value, line }: RecordToPublish): RecordValue | undefined {
  const [, number = '', name = ''] = /^(\d{1,5}) (.+)$/.exec(value) ?? [];
  switch (type) {
    case 'A':
    case 'AAAA':
      return parseIp(value) === value ? branded(value) : undefined;
    case 'CNAME':
    case 'PTR':
      return NAME.test(value) ? branded(value) : undefined;
    case 'MX':
      return NAME.test(name) ? branded(`${Number(number)} ${name}`) : undefined;
    case 'TLSA':
      return /^(?:\d{1,3} ){3}[0-9a-f]*$/.test(value) ? branded(value) : undefined;
    case 'TXT':
      return readStrings(/ IN TXT (".*")$/.exec(line)?.[1] ?? '');
    default:
      return undefined;
  }
}

function readStrings(quoted: string): RecordValue | undefined {
  if (quoted === '' || quoted.replace(QUOTED, '').trim() !== '' || /[^\x20-\x7e]/.test(quoted)) return undefined;
  const text = [...quoted.matchAll(QUOTED)].map(([, inner = '']) => inner).join('');
  return branded(
    text.replace(/\\(\d{3}|.)/g, (_, escaped: string) =>
      escaped.length === 1 ? escaped : String.fromCharCode(Number(escaped) % 0x100),
    ),
  );
}

function presentationNameOrAddress(text: string): string {
  return parseIp(text) ?? presentationName(text);
}

/** The only place where a text becomes a value. Every function that calls it has made the text safe in a zone file. */
function branded(text: string): RecordValue {
  return text as RecordValue;
}

/** Longest data of a record, in octets (RFC 1035 §3.2.1). */
const MAX_DATA = 65_535;

/** An owner name that each editor of zones takes as it is. */
const PLAIN_OWNER = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_/-]{0,62})(?:\.[a-z0-9_][a-z0-9_/-]{0,62})*$/i;

/**
 * @returns whether a name server loads the record, with the checks of names that are usual: addresses stand at host
 *   names, and MX and PTR records name hosts.
 */
export function isPublishable(name: string, type: PlainRecordType | 'TXT', value: RecordValue): boolean {
  if (name.length > MAX_NAME || !PLAIN_OWNER.test(name)) return false;
  switch (type) {
    case 'A':
    case 'AAAA': {
      const ip = parseIp(value);
      return isHostName(name) && ip !== undefined && ipFamily(ip) === (type === 'A' ? 4 : 6);
    }
    case 'MX': {
      const [, preference, exchange = ''] = /^(\d{1,5}) (.+)$/.exec(value) ?? [];
      return Number(preference) <= 65_535 && (exchange === '.' || isHost(exchange));
    }
    case 'PTR':
      return isHost(value);
    case 'CNAME':
      return value.endsWith('.') && value.length <= MAX_NAME + 1 && PLAIN_OWNER.test(value.slice(0, -1));
    case 'TLSA':
      return /^(?:\d{1,3} ){3}(?:[0-9a-f]{2})+$/.test(value);
    case 'TXT': {
      const octets = Buffer.byteLength(value, 'latin1');
      return octets + Math.ceil(octets / MAX_STRING) <= MAX_DATA;
    }
  }
}

const isHost = (value: string): boolean => value.endsWith('.') && isHostName(value);
