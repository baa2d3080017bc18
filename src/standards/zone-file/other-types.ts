/**
 * The record types whose data mailcheck does not use. Only the existence of such a record matters, but a name server
 * refuses a file with faulty data in any of them, and would then serve nothing of it.
 */
import { isNumber, readName } from './data.ts';
import { MAX_STRING, type Token } from './tokens.ts';

/** The parts that data consists of. One that ends in `+` takes all further tokens. */
const PARTS = {
  number8: ({ text }) => isNumber(text, 0xff),
  number16: ({ text }) => isNumber(text, 0xffff),
  algorithm: ({ text }) => isNumber(text, 0xff) || /^[a-z][a-z0-9-]*$/i.test(text),
  name: (token, origin) => readName(token, origin) !== undefined,
  tag: ({ text }) => /^[a-z0-9]{1,255}$/i.test(text),
  string: ({ text }) => text.length <= MAX_STRING,
  text: () => true,
  'string+': ({ text }) => text.length <= MAX_STRING,
  'any+': () => true,
  'hex+': ({ text }) => /^(?:[0-9a-f]{2})+$/i.test(text),
  'base64+': ({ text }) => /^[A-Za-z0-9+/]+={0,2}$/.test(text),
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
  URI: ['number16', 'number16', 'text'],
};

/** The types whose last part may be left out. */
const OPEN_END = new Set(['HTTPS', 'SVCB']);

/** @returns the fault in the data of a record, in words, or `undefined` if a name server would load it. */
export function faultOfOther(type: string, tokens: readonly Token[], origin: string): string | undefined {
  if (tokens.length === 0) return `a ${type} record without data`;
  if (tokens[0]?.text === '#')
    return isGeneric(tokens) ? undefined : `the octets of the ${type} record are not as many as it says`;
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
  const wrong = tokens.find((token, index) => {
    const part = parts[index] ?? last;
    return part !== undefined && !PARTS[part](token, origin);
  });
  return wrong === undefined ? undefined : `"${wrong.text.slice(0, 80)}" is not right in a ${type} record`;
}

/** Returns whether data has the form `\# length hex` (RFC 3597 §5), with as many octets as its length says. */
function isGeneric([, length, ...parts]: readonly Token[]): boolean {
  const hex = parts.map(({ text }) => text).join('');
  return (
    /^(?:[0-9a-f]{2})*$/i.test(hex) && isNumber(length?.text ?? '', 0xffff) && hex.length / 2 === Number(length?.text)
  );
}
