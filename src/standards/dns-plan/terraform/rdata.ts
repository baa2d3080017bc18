/** Reads the data of records as the attributes of Terraform resources hold it. */
import type { RecordData, RecordType } from '../../../network/dns/answer.ts';
import { isReadType, readData } from '../../zone-file/data.ts';
import { MAX_STRING, type Token } from '../../zone-file/tokens.ts';
import { NotKnown } from './attributes.ts';

/** The data of one record, as the words of a zone file. */
export type Rdata = readonly Token[];

/**
 * What follows a name in the data that has no final dot:
 * - `whole`: nothing, the name is whole.
 * - `label`: the zone, if the name is a single label.
 * - `zone-file`: the zone (RFC 1035 §5.1).
 */
export type Targets = 'whole' | 'label' | 'zone-file';

/** @returns the words of a value without quotes: `10 mx.example.com`. */
export function wordsOf(value: string): Rdata {
  return value
    .trim()
    .split(/[ \t\r\n]+/)
    .map((text) => ({ text, quoted: false }));
}

/** @returns the octets of a text, one character per octet. */
function octetsOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** @returns a text in strings of at most 255 octets, for a DNS host that divides it itself. */
export function plainText(text: string): Rdata {
  const octets = octetsOf(text);
  return (octets.match(/[\s\S]{1,255}/g) ?? ['']).map((part) => ({ text: part, quoted: true }));
}

/**
 * Reads the strings of a TXT record that are in quotes, as in a zone file. A word without quotes is a string too.
 *
 * @param base of the numbers of escaped octets: 10 in zone files (RFC 1035 §5.1), 8 in Route 53.
 * @throws NotKnown for a quote that is not closed, or an escape that is none.
 */
export function quotedText(text: string, base: 8 | 10): Rdata {
  const octets = octetsOf(text);
  const strings: Token[] = [];
  for (let at = 0; at < octets.length; ) {
    if (/\s/.test(octets[at] ?? '')) {
      at += 1;
      continue;
    }
    const quoted = octets[at] === '"';
    const ends = quoted ? /"/ : /[\s"]/;
    if (quoted) at += 1;
    let string = '';
    while (at < octets.length && !ends.test(octets[at] ?? '')) {
      if (octets[at] !== '\\') {
        string += octets[at];
        at += 1;
        continue;
      }
      const digits = /^\d{3}/.exec(octets.slice(at + 1, at + 4))?.[0];
      const code = digits === undefined ? undefined : Number.parseInt(digits, base);
      if (code !== undefined && (Number.isNaN(code) || code > 255)) throw new NotKnown(UNREADABLE_TEXT);
      if (code === undefined && at + 1 >= octets.length) throw new NotKnown(UNREADABLE_TEXT);
      string += code === undefined ? octets[at + 1] : String.fromCharCode(code);
      at += code === undefined ? 2 : 4;
    }
    if (quoted && octets[at] !== '"') throw new NotKnown(UNREADABLE_TEXT);
    if (quoted) at += 1;
    strings.push({ text: string, quoted: true });
  }
  return strings.length === 0 ? [{ text: '', quoted: true }] : strings;
}

const UNREADABLE_TEXT = 'the quotes of its text do not end';

/** @returns a text that is in quotes or not. Without quotes the whole of it is the text. */
export function maybeQuoted(text: string): Rdata {
  const trimmed = text.trim();
  return trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"')
    ? quotedText(trimmed, 10)
    : plainText(text);
}

/** The position of the name in the data of the types that have one. */
const NAME_AT: Readonly<Record<string, number>> = { CNAME: 0, NS: 0, PTR: 0, MX: 1 };

/**
 * @param zone completes the names that are relative. `undefined` when it is not known.
 * @returns the data of a record, and `null` for a type that mailcheck never queries.
 * @throws NotKnown for data that no DNS host can publish.
 */
export function dataOf(
  type: string,
  rdata: Rdata,
  targets: Targets,
  zone: string | undefined,
): RecordData[RecordType] | null {
  if (!isReadType(type)) return null;
  const at = NAME_AT[type];
  const words = rdata.map((token, index) => (index === at ? completed(token, targets, zone) : token));
  if (words.some(({ text }) => text.length > MAX_STRING) && (type === 'TXT' || type === 'SPF')) {
    throw new NotKnown(`a string of its text has more than ${MAX_STRING} octets, which no DNS host publishes`);
  }
  const reading = readData(type, words, zone ?? '');
  if ('fault' in reading) throw new NotKnown(`its value is not that of a ${type} record`);
  return reading.data;
}

function completed(token: Token, targets: Targets, zone: string | undefined): Token {
  const { text } = token;
  if (text.endsWith('.')) return token;
  const isRelative = text === '@' || targets === 'zone-file' || (targets === 'label' && !text.includes('.'));
  if (!isRelative) return { ...token, text: `${text}.` };
  if (zone === undefined) throw new NotKnown('the plan does not name its zone');
  return token;
}
