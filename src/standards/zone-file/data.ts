/** Parses the data of records in a zone file. Rejects the data that a name server would refuse to load. */
import type { RecordData, RecordType } from '../../network/dns/answer.ts';
import { canonicalName, MAX_NAME } from '../../network/domain.ts';
import { ipFamily, parseIp } from '../../network/ip.ts';
import type { Token } from './tokens.ts';

/** The types whose data is parsed. For other types only the existence of the record matters. */
const READ = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'TXT'] as const satisfies readonly RecordType[];

/** Other types in common use (from IANA's registry of DNS parameters). */
const KNOWN = new Set(
  (
    'AFSDB APL CAA CDNSKEY CDS CERT CSYNC DHCID DNAME DNSKEY DS EUI48 EUI64 HINFO HIP HTTPS IPSECKEY KEY KX LOC NAPTR NSEC ' +
    'NSEC3 NSEC3PARAM NULL OPENPGPKEY RP RRSIG SIG SMIMEA SPF SRV SSHFP SVCB TLSA URI ZONEMD'
  ).split(' '),
);

/** @returns whether the parser reads the data of this type (in upper case). */
export function isReadType(type: string): type is RecordType {
  return READ.some((known) => known === type);
}

/** @returns whether a zone file may contain this type (in upper case), including `TYPE123` (RFC 3597 §5). */
export function isKnownType(type: string): boolean {
  return isReadType(type) || KNOWN.has(type) || /^TYPE\d{1,5}$/.test(type);
}

/** Longest character string, in octets (RFC 1035 §3.3). */
const MAX_STRING = 255;

/**
 * Parses a domain name (RFC 1035 §5.1). A name without trailing dot is relative to `origin`, and `@` is the origin
 * itself.
 *
 * @returns the absolute name in canonical form, or `undefined` when the text is not a name.
 */
export function readName(text: string, origin: string): string | undefined {
  if (text === '@') return origin;
  if (text === '.') return '';
  const whole = text.endsWith('.') ? text : origin === '' ? `${text}.` : `${text}.${origin}.`;
  const name = canonicalName(whole);
  const valid =
    name.length <= MAX_NAME &&
    name.split('.').every((label, index) => /^[a-z0-9_/-]{1,63}$/.test(label) || (label === '*' && index === 0));
  return valid ? name : undefined;
}

type Reading = { readonly data: RecordData[RecordType] } | { readonly fault: string };

/**
 * Parses the data of a record.
 *
 * @param origin the name that completes relative names in the data.
 * @returns the data, or its fault in words.
 */
export function readData(type: RecordType, tokens: readonly Token[], origin: string): Reading {
  const texts = tokens.map(({ text }) => text);
  const [first = '', second = ''] = texts;
  const fields = type === 'TXT' ? undefined : type === 'MX' ? 2 : type === 'SOA' ? 7 : 1;
  if (tokens.length === 0 || (fields !== undefined && tokens.length !== fields)) {
    return {
      fault: `${type} takes ${fields ?? 'one or more'} ${fields === 1 ? 'value' : 'values'}, not ${tokens.length}`,
    };
  }
  switch (type) {
    case 'A':
    case 'AAAA': {
      const ip = parseIp(first);
      const matches = ip !== undefined && ipFamily(ip) === (type === 'A' ? 4 : 6);
      return matches ? { data: ip } : { fault: `"${first}" is not an ${type === 'A' ? 'IPv4' : 'IPv6'} address` };
    }
    case 'CNAME':
    case 'NS':
    case 'PTR': {
      const name = readName(first, origin);
      return name === undefined ? { fault: `"${first}" is not a name` } : { data: name };
    }
    case 'MX': {
      const exchange = readName(second, origin);
      if (!isNumber(first, 65535)) return { fault: `"${first}" is not a preference (0 to 65535)` };
      return exchange === undefined
        ? { fault: `"${second}" is not a name` }
        : { data: { preference: Number(first), exchange } };
    }
    case 'TXT': {
      const long = texts.find((text) => text.length > MAX_STRING);
      return long === undefined
        ? { data: texts }
        : { fault: `a string of ${long.length} octets: split it into strings of at most ${MAX_STRING}` };
    }
    case 'SOA': {
      const mname = readName(first, origin);
      const rname = readName(second, origin);
      const numbers = texts.slice(2).map(readTtl);
      const [serial, , , , minimum] = numbers;
      if (mname === undefined || rname === undefined) return { fault: 'the names of the SOA are not names' };
      if (numbers.includes(undefined) || serial === undefined || minimum === undefined) {
        return { fault: 'the numbers of the SOA are not numbers' };
      }
      return { data: { mname, rname, serial, minimum } };
    }
  }
}

function isNumber(text: string, max: number): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= max;
}

/**
 * Parses a TTL: a number of seconds, or BIND's notation with units such as `1h30m`.
 *
 * @returns the seconds, or `undefined` when the text is not a TTL.
 */
export function readTtl(text: string): number | undefined {
  if (isNumber(text, 0xffffffff)) return Number(text);
  const units: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };
  if (!/^(?:\d{1,6}[wdhms])+$/i.test(text)) return undefined;
  return [...text.toLowerCase().matchAll(/(\d+)([wdhms])/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (units[unit ?? 's'] ?? 1),
    0,
  );
}
