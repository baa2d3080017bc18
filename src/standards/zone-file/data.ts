/** Parses the data of records in a zone file. Rejects the data that a name server would refuse to load. */
import type { RecordData, RecordType } from '../../network/dns/answer.ts';
import { ipFamily, parseIp } from '../../network/ip.ts';
import { isPlainName, readAnyName } from './names.ts';
import { isNumber } from './numbers.ts';
import { dataOfOctets, isInOctets, MAX_DATA, octetsOf } from './octets.ts';
import { faultOfOther } from './other-types.ts';
import { cut, MAX_STRING, type Token } from './tokens.ts';

/** The types whose data is parsed. For other types only the existence of the record matters. */
const READ = [
  'A',
  'AAAA',
  'CNAME',
  'DS',
  'MX',
  'NS',
  'PTR',
  'SOA',
  'SPF',
  'TLSA',
  'TXT',
] as const satisfies readonly RecordType[];

/** @returns whether the parser reads the data of this type (in upper case). */
export function isReadType(type: string): type is RecordType {
  return READ.some((known) => known === type);
}

/**
 * Parses a domain name that mail uses (see `readAnyName`).
 *
 * @returns the absolute name in canonical form, or `undefined` when the text is not such a name.
 */
export function readName(token: Token, origin: string): string | undefined {
  const name = readAnyName(token, origin);
  return name !== undefined && isPlainName(name) ? name : undefined;
}

type Reading = { readonly data: RecordData[RecordType] } | { readonly fault: string };

/**
 * Parses the data of a record.
 *
 * @param origin the name that completes relative names in the data.
 * @returns the data, or its fault in words.
 */
export function readData(type: RecordType, tokens: readonly Token[], origin: string): Reading {
  if (isInOctets(tokens)) return readOctets(type, tokens);
  if (type === 'DS' || type === 'TLSA') return readHex(type, tokens, origin);
  const texts = tokens.map(({ text }) => text);
  const [{ text: first } = EMPTY, { text: second } = EMPTY] = tokens;
  const nameAt = (index: number): string | undefined => readName(tokens[index] ?? EMPTY, origin);
  const isText = type === 'TXT' || type === 'SPF';
  const fields = isText ? undefined : type === 'MX' ? 2 : type === 'SOA' ? 7 : 1;
  if (tokens.length === 0 || (fields !== undefined && tokens.length !== fields)) {
    return {
      fault: `${type} takes ${fields ?? 'one or more'} ${fields === 1 ? 'value' : 'values'}, not ${tokens.length}`,
    };
  }
  if (!isText && tokens.some(({ quoted }) => quoted)) return { fault: `${type} takes no value in quotes` };
  switch (type) {
    case 'A':
    case 'AAAA': {
      const ip = parseIp(first);
      // The address of an IPv4-mapped IPv6 address is the IPv4 address (see `parseIp`), also in live answers.
      const matches =
        ip !== undefined && (type === 'A' ? ipFamily(ip) === 4 && !first.includes(':') : first.includes(':'));
      return matches ? { data: ip } : { fault: `"${cut(first)}" is not an ${type === 'A' ? 'IPv4' : 'IPv6'} address` };
    }
    case 'CNAME':
    case 'NS':
    case 'PTR': {
      const name = nameAt(0);
      return name === undefined ? { fault: `"${cut(first)}" is not a name` } : { data: name };
    }
    case 'MX': {
      const exchange = nameAt(1);
      if (!isNumber(first, 65535)) return { fault: `"${cut(first)}" is not a preference (0 to 65535)` };
      return exchange === undefined
        ? { fault: `"${cut(second)}" is not a name` }
        : { data: { preference: Number(first), exchange } };
    }
    case 'SPF':
    case 'TXT': {
      const long = texts.find((text) => text.length > MAX_STRING);
      if (long !== undefined) {
        return { fault: `a string has ${long.length} octets: split it into strings of at most ${MAX_STRING}` };
      }
      const size = texts.reduce((sum, text) => sum + 1 + text.length, 0);
      return size > MAX_DATA
        ? { fault: `the text has ${size} octets, and a record holds at most ${MAX_DATA}` }
        : { data: texts };
    }
    case 'SOA': {
      const mname = nameAt(0);
      // The first label is the local part of a mailbox, which may contain dots (RFC 1035 §8).
      const rname = readAnyName(tokens[1] ?? EMPTY, origin);
      const numbers = texts.slice(2).map((text) => readTtl(text, 0xffffffff));
      const [serial, , , , minimum] = numbers;
      if (mname === undefined || rname === undefined) return { fault: 'the first two values of the SOA must be names' };
      if (
        numbers.includes(undefined) ||
        !isNumber(texts[2] ?? '', 0xffffffff) ||
        serial === undefined ||
        minimum === undefined
      ) {
        return { fault: 'the last five values of the SOA must be numbers' };
      }
      return { data: { mname, rname, serial, minimum } };
    }
  }
}

/** Parses a DS or TLSA record: three numbers, and hexadecimal digits that spaces may divide. */
function readHex(type: 'DS' | 'TLSA', tokens: readonly Token[], origin: string): Reading {
  const fault = faultOfOther(type, tokens, origin);
  if (fault !== undefined) return { fault };
  const [first = 0, second = 0, third = 0] = tokens.slice(0, 3).map(({ text }) => Number(text));
  const digits = tokens
    .slice(3)
    .map(({ text }) => text)
    .join('')
    .toLowerCase();
  if (type === 'TLSA') return { data: { usage: first, selector: second, matchingType: third, data: digits } };
  const algorithm = algorithmNamed(tokens[1]?.text ?? '');
  if (algorithm === undefined) return { fault: `"${cut(tokens[1]?.text ?? '')}" is not an algorithm of DNSSEC` };
  return { data: { keyTag: first, algorithm, digestType: third, digest: digits } };
}

/** The mnemonics of DNSSEC algorithms (RFC 4034 App. A.1 and the IANA registry). */
const ALGORITHMS: Readonly<Record<string, number>> = {
  RSAMD5: 1,
  DH: 2,
  DSA: 3,
  RSASHA1: 5,
  'DSA-NSEC3-SHA1': 6,
  NSEC3DSA: 6,
  'RSASHA1-NSEC3-SHA1': 7,
  NSEC3RSASHA1: 7,
  RSASHA256: 8,
  RSASHA512: 10,
  'ECC-GOST': 12,
  ECCGOST: 12,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
};

function algorithmNamed(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : ALGORITHMS[text.toUpperCase()];
}

/** Parses data in octets (RFC 3597 §5). Names in it must be such as mail uses, except for the mailbox of an SOA. */
function readOctets(type: RecordType, tokens: readonly Token[]): Reading {
  const octets = octetsOf(tokens);
  if (octets === undefined) return { fault: `the ${type} record does not have as many octets as it says` };
  const data = dataOfOctets(type, octets);
  const names = typeof data === 'string' ? [data] : data !== undefined && 'exchange' in data ? [data.exchange] : [];
  const isRight = data !== undefined && (type === 'A' || type === 'AAAA' || names.every(isPlainName));
  return isRight ? { data } : { fault: `the octets are not the data of a ${type} record` };
}

const EMPTY: Token = { text: '', quoted: false };

/** The longest TTL, in seconds (RFC 2181 §8). */
const MAX_TTL = 0x7fffffff;

/** The longest TTL as it is written, in characters. */
const MAX_TTL_WORD = 20;

const SECONDS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };

/**
 * Parses a TTL: a number of seconds, or BIND's notation with units such as `1h30m`.
 *
 * @returns the seconds, or `undefined` when the text is not a TTL, or is longer than `max` seconds.
 */
export function readTtl(text: string, max = MAX_TTL): number | undefined {
  if (isNumber(text, max)) return Number(text);
  if (text.length > MAX_TTL_WORD || !/^(?:\d{1,10}[wdhms])+$/i.test(text)) return undefined;
  const seconds = [...text.toLowerCase().matchAll(/(\d+)([wdhms])/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (SECONDS[unit ?? 's'] ?? 1),
    0,
  );
  return seconds <= max ? seconds : undefined;
}
