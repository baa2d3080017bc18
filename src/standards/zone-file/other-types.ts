/**
 * The form of the data of record types that mail has no words for. Of most of them only the existence matters, but a name
 * server refuses a file with faulty data in any of them, and would then serve nothing of it.
 */
import { readAnyName } from './names.ts';
import { isNumber } from './numbers.ts';
import { isInOctets, OctetReader, octetsOf } from './octets.ts';
import { MAX_STRING, type Token } from './tokens.ts';

/** The parts that data consists of. One that ends in `+` takes all further tokens. */
const PARTS = {
  number8: ({ text }) => isNumber(text, 0xff),
  number16: ({ text }) => isNumber(text, 0xffff),
  algorithm: ({ text }) => isNumber(text, 0xff) || /^[a-z][a-z0-9-]*$/i.test(text),
  name: (token, origin) => readAnyName(token, origin) !== undefined,
  tag: ({ text }) => /^[a-z0-9]{1,255}$/i.test(text),
  string: ({ text }) => text.length <= MAX_STRING,
  text: () => true,
  target: ({ text, quoted }) => quoted && text !== '',
  'string+': ({ text }) => text.length <= MAX_STRING,
  'any+': () => true,
  'hex+': ({ text }) => /^(?:[0-9a-f]{2})+$/i.test(text),
  'base64+': ({ text }) => text !== '' && Buffer.from(text, 'base64').toString('base64') === text,
} as const satisfies Readonly<Record<string, (token: Token, origin: string) => boolean>>;

type Part = keyof typeof PARTS;

/** The data of each type, as its RFC writes it. Types without an entry take one token at least. */
const DATA: Readonly<Record<string, readonly Part[]>> = {
  AFSDB: ['number16', 'name'],
  CAA: ['number8', 'tag', 'text'],
  CDNSKEY: ['number16', 'number8', 'algorithm', 'base64+'],
  CDS: ['number16', 'algorithm', 'number8', 'hex+'],
  DNAME: ['name'],
  DNSKEY: ['number16', 'number8', 'algorithm', 'base64+'],
  DS: ['number16', 'algorithm', 'number8', 'hex+'],
  HINFO: ['string', 'string'],
  HTTPS: ['number16', 'name', 'any+'],
  KX: ['number16', 'name'],
  NAPTR: ['number16', 'number16', 'string', 'string', 'string', 'name'],
  OPENPGPKEY: ['base64+'],
  RP: ['name', 'name'],
  SMIMEA: ['number8', 'number8', 'number8', 'hex+'],
  SPF: ['string+'],
  SRV: ['number16', 'number16', 'number16', 'name'],
  SSHFP: ['number8', 'number8', 'hex+'],
  SVCB: ['number16', 'name', 'any+'],
  TLSA: ['number8', 'number8', 'number8', 'hex+'],
  URI: ['number16', 'number16', 'target'],
};

/** The types whose last part may be left out. */
const OPEN_END = new Set(['HTTPS', 'SVCB']);

/** The parts that may be in quotes. */
const QUOTED: ReadonlySet<Part> = new Set<Part>(['string', 'text', 'target', 'string+', 'any+']);

/** The parts that may be divided anywhere by spaces. */
const JOINED: ReadonlySet<Part | undefined> = new Set<Part>(['hex+', 'base64+']);

/** The octets of a digest by its type (RFC 3658 §2.4, RFC 4509 §2.1, RFC 6605 §2). */
const DIGESTS: Readonly<Record<string, number>> = { 1: 20, 2: 32, 4: 48 };

/** Returns the token of all that follows the first ones, as if there were no spaces. */
function joined(tokens: readonly Token[], from: number): Token[] {
  const rest = tokens.slice(from);
  const whole = { text: rest.map(({ text }) => text).join(''), quoted: rest.some(({ quoted }) => quoted) };
  return [...tokens.slice(0, from), whole];
}

/** @returns the fault in the data of a record, in words, or `undefined` if a name server would load it. */
export function faultOfOther(type: string, tokens: readonly Token[], origin: string): string | undefined {
  if (tokens.length === 0) return `a ${type} record without data`;
  if (isInOctets(tokens)) return faultOfOctets(type, tokens);
  if (/^TYPE\d/.test(type) || type === 'NULL')
    return `the data of a ${type} record must have the form \\# length hexadecimal`;
  const parts = DATA[type];
  if (parts === undefined) return undefined;
  const last = parts.at(-1);
  const isLong = last?.endsWith('+') ?? false;
  const least = OPEN_END.has(type) ? parts.length - 1 : parts.length;
  if (tokens.length < least || (!isLong && tokens.length > parts.length)) {
    return `${type} takes ${parts.length}${isLong ? ' or more' : ''} ${parts.length === 1 ? 'value' : 'values'}, not ${tokens.length}`;
  }
  const read = JOINED.has(last) ? joined(tokens, parts.length - 1) : tokens;
  const wrong = read.find((token, index) => {
    const part = parts[index] ?? last;
    return part !== undefined && ((token.quoted && !QUOTED.has(part)) || !PARTS[part](token, origin));
  });
  const [, , digestType, digest] = read;
  if (wrong === undefined && isDigestOfOtherLength(type, Number(digestType?.text), (digest?.text.length ?? 0) / 2))
    return `the digest of the ${type} record has not the length of its type ${Number(digestType?.text)}`;
  return wrong === undefined ? undefined : `"${wrong.text.slice(0, 80)}" is not right in a ${type} record`;
}

function isDigestOfOtherLength(type: string, digestType: number, size: number): boolean {
  return (type === 'DS' || type === 'CDS') && (DIGESTS[digestType] ?? size) !== size;
}

/** Returns the fault in data of the form `\# length hexadecimal` (RFC 3597 §5), in words. */
function faultOfOctets(type: string, tokens: readonly Token[]): string | undefined {
  const octets = octetsOf(tokens);
  if (octets === undefined) return `the ${type} record does not have as many octets as it says`;
  const reader = new OctetReader(octets);
  const isRight = (DATA[type] ?? []).every((part) => OCTETS[part](reader));
  const isWhole =
    (DATA[type] === undefined || reader.left === 0) && !isDigestOfOtherLength(type, octets[3] ?? 0, octets.length - 4);
  return isRight && isWhole ? undefined : `the octets are not the data of a ${type} record`;
}

const rest = (reader: OctetReader): boolean => reader.take(reader.left) !== undefined;
const someRest = (reader: OctetReader): boolean => reader.left > 0 && rest(reader);
const string = (reader: OctetReader): boolean => reader.string() !== undefined;

/** Takes each part from the octets of the data. */
const OCTETS: Readonly<Record<Part, (reader: OctetReader) => boolean>> = {
  number8: (reader) => reader.number(1) !== undefined,
  number16: (reader) => reader.number(2) !== undefined,
  algorithm: (reader) => reader.number(1) !== undefined,
  name: (reader) => reader.name() !== undefined,
  tag: (reader) => /^[a-z0-9]+$/i.test(reader.string() ?? ''),
  string,
  text: rest,
  target: someRest,
  'string+': (reader) => {
    while (string(reader)) if (reader.left === 0) return true;
    return false;
  },
  'any+': rest,
  'hex+': someRest,
  'base64+': someRest,
};
