/** Domains of different shapes, as the changes of a plan. */
import type { RecordData, RecordType } from '../../../../src/network/dns/answer.ts';
import type { PlannedType, SetChange, ZoneChanges } from '../../../../src/standards/dns-plan/codec.ts';
import {
  addressValue,
  mxValue,
  nameValue,
  type RecordValue,
  textValue,
  tlsaValue,
} from '../../../../src/standards/zone-file/line.ts';

/** @returns the changes of example.com. Each set is `[name, type, values after, values before]`. */
function zone(...sets: [string, PlannedType, RecordValue[], RecordValue[]?][]): ZoneChanges {
  return {
    zone: 'example.com',
    sets: sets.map(([name, type, after, before = []]): SetChange => ({ name, type, ttl: 300, before, after })),
  };
}

const octets = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const txt = (...texts: string[]): RecordValue[] => texts.map((text) => textValue(octets(text)));
const mx = (preference: number, exchange: string): RecordValue => mxValue({ preference, exchange });
const key = `v=DKIM1; k=rsa; p=${'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A'.repeat(14)}`;

/** The shapes, by what is special about each. */
export const SHAPES: Readonly<Record<string, ZoneChanges>> = {
  'one of each type': zone(
    ['example.com', 'A', [addressValue('192.0.2.1')]],
    ['mail.example.com', 'A', [addressValue('192.0.2.5'), addressValue('192.0.2.6')]],
    ['mail.example.com', 'AAAA', [addressValue('2001:db8::5')]],
    ['example.com', 'MX', [mx(10, 'mail.example.com')]],
    ['example.com', 'TXT', txt('v=spf1 mx -all')],
    ['_dmarc.example.com', 'TXT', txt('v=DMARC1; p=reject; rua=mailto:d@example.com')],
    ['s1._domainkey.example.com', 'CNAME', [nameValue('s1.dkim.example.net')]],
    ['5.example.com', 'PTR', [nameValue('mail.example.com')]],
  ),
  'a long DKIM key': zone(['s1._domainkey.example.com', 'TXT', txt(key)]),
  'several texts, of which one changes': zone([
    'example.com',
    'TXT',
    txt('v=spf1 mx -all', 'site-verification=abc'),
    txt('v=spf1 -all', 'site-verification=abc'),
  ]),
  'quotes, backslashes and semicolons': zone(['q.example.com', 'TXT', txt('a "b" \\ c; d\\;e', '"', '\\', '" "')]),
  'interpolations and directives': zone([
    'i.example.com',
    'TXT',
    txt(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a hostile value
      '${file("/etc/passwd")}',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a hostile value
      '%{ if true }$${x}$$${y}%%%{z}$',
      '`id` $(id) %{',
    ),
  ]),
  'line ends and control octets': zone([
    'c.example.com',
    'TXT',
    txt('a\nresource "x" "y" {\r\n}\t\0\x1b[31m\x7f', '# x\n', '\u2028\u202e'),
  ]),
  'letters beyond ASCII': zone(['u.example.com', 'TXT', txt('Grüße 😀', 'ä'.repeat(300))]),
  'sixteen MX records': zone([
    'example.com',
    'MX',
    Array.from({ length: 16 }, (_, index) => mx(index, `mx${index}.example.net`)),
  ]),
  'TLSA records': zone([
    '_25._tcp.mail.example.com',
    'TLSA',
    ['ab', 'cd'].map((pair) => tlsaValue({ usage: 3, selector: 1, matchingType: 1, data: pair.repeat(32) })),
  ]),
  'wildcards and names that are alike': zone(
    ['*.example.com', 'MX', [mx(10, 'mail.example.com')]],
    ['a-b.example.com', 'TXT', txt('one')],
    ['a_b.example.com', 'TXT', txt('two')],
    ['a.b.example.com', 'TXT', txt('three')],
    ['1.example.com', 'TXT', txt('four')],
  ),
  'a null MX record': zone(['example.com', 'MX', [mx(0, '')], [mx(10, 'mail.example.com')]]),
  'octets that are no text': zone(['o.example.com', 'TXT', [textValue('\xff\xfe')]]),
};

/** @returns the data of a record as a value. */
export function valueOfData(type: string, data: RecordData[RecordType] | null): string {
  if (data === null) return '';
  if (typeof data === 'string') return type === 'A' || type === 'AAAA' ? addressValue(data) : nameValue(data);
  if (Array.isArray(data)) return textValue(data.join(''));
  if ('exchange' in data) return mxValue(data);
  if ('matchingType' in data) return tlsaValue(data);
  return JSON.stringify(data);
}
