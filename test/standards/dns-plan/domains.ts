/** Ten domains of different shapes, each with a plan, and what a reader of any format must find in it. */
import type { PlannedType, SetChange, ZoneChanges } from '../../../src/standards/dns-plan/codec.ts';
import {
  addressValue,
  mxValue,
  nameValue,
  type RecordValue,
  textValue,
  tlsaValue,
} from '../../../src/standards/zone-file/line.ts';

export const set = (
  name: string,
  type: PlannedType,
  after: readonly RecordValue[],
  before: readonly RecordValue[] = [],
): SetChange => ({ name, type, ttl: 300, before, after });

export const text = (letters: string): RecordValue => textValue(Buffer.from(letters, 'utf8').toString('latin1'));

const mx = (preference: number, exchange: string): RecordValue => mxValue({ preference, exchange });
const zone = (sets: readonly SetChange[], apex = 'example.com'): ZoneChanges[] => [{ zone: apex, sets }];

const KEY = `v=DKIM1; k=rsa; p=${'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A'.repeat(12)}`;

/** Values that would act if a format took them for anything but data. */
export const HOSTILE = [
  `${'$'}{var.secret}`,
  '%{if true}',
  '$(id)\x60id\x60',
  '"); process.exit(1); ("',
  "'; drop",
  '*/ x /*',
  'a\nupdate delete example.com\nsend\n',
  'a\r\n::error::x',
  '\0\x1b[31m\x7f\\',
  '# ; // --',
  '---\n!!js/function x: &a *a',
  '{{ template }} {x}',
  '\u2028alert(1)\u2029\u0085',
  'bücher \u{1f600} \u202e',
  '</script>',
] as const;

/** Texts that octoDNS alone cannot hold, and one that is not UTF-8, which dnscontrol cannot hold either. */
export const NOT_FOR_OCTODNS = 'a" "b';
export const NOT_UTF8 = textValue('\xff\xfe v=spf1');

export const DOMAINS: readonly (readonly [what: string, changes: readonly ZoneChanges[]])[] = [
  [
    'a plain domain',
    zone([
      set('example.com', 'MX', [mx(10, 'mail.example.com')]),
      set('mail.example.com', 'A', [addressValue('192.0.2.1')]),
      set('mail.example.com', 'AAAA', [addressValue('2001:db8::1')]),
      set('example.com', 'TXT', [text('v=spf1 mx -all')]),
      set(
        '_dmarc.example.com',
        'TXT',
        [text('v=DMARC1; p=reject; rua=mailto:d@example.com')],
        [text('v=DMARC1; p=none')],
      ),
    ]),
  ],
  ['a long DKIM key', zone([set('s1._domainkey.example.com', 'TXT', [text(KEY)], [text(`${KEY}AA`)])])],
  [
    'several texts',
    zone([set('example.com', 'TXT', [text('v=spf1 -all'), text('site=1'), text('site=2')], [text('old')])]),
  ],
  [
    'quotes, backslashes and semicolons',
    zone([set('q.example.com', 'TXT', ['"a"', '"', 'a\\b', '\\', 'a\\;b', 'x;y; z;', ';', "it's", ''].map(text))]),
  ],
  ['what acts elsewhere', zone([set('h.example.com', 'TXT', HOSTILE.map(text))])],
  [
    'sixteen MX records, and none',
    zone([
      set(
        'example.com',
        'MX',
        Array.from({ length: 16 }, (_, at) => mx(at * 10, `mx${at}.example.net`)),
      ),
      set('null.example.com', 'MX', [mx(0, '')]),
    ]),
  ],
  [
    'TLSA records',
    zone([
      set('_25._tcp.mail.example.com', 'TLSA', [
        tlsaValue({ usage: 3, selector: 1, matchingType: 1, data: 'ab'.repeat(32) }),
        tlsaValue({ usage: 0, selector: 0, matchingType: 2, data: '12'.repeat(64) }),
      ]),
    ]),
  ],
  [
    'aliases, and what they replace',
    zone([
      set('s2._domainkey.example.com', 'TXT', [], [text('v=DKIM1; p=')]),
      set('s2._domainkey.example.com', 'CNAME', [nameValue('s2.dkim.example.net')]),
      set('autoconfig.example.com', 'CNAME', [], [nameValue('old.example.net')]),
      set('autoconfig.example.com', 'A', [addressValue('192.0.2.7'), addressValue('192.0.2.8')]),
    ]),
  ],
  [
    'wildcards, underscores and digits',
    zone([
      set('*.example.com', 'TXT', [text('v=spf1 -all')]),
      set('*.sub.example.com', 'MX', [mx(0, '')]),
      set('a10.example.com', 'A', [addressValue('192.0.2.10')]),
      set('a9.example.com', 'A', [addressValue('192.0.2.9')]),
      set('_mta-sts.example.com', 'TXT', [text('v=STSv1; id=1')]),
      set('_smtp._tls.example.com', 'TXT', [text('v=TLSRPTv1; rua=mailto:t@example.com')]),
    ]),
  ],
  [
    'several zones',
    [
      ...zone([set('example.com', 'MX', [mx(10, 'mail.example.net')], [mx(5, 'mail.example.com')])]),
      ...zone([set('mail.example.net', 'A', [addressValue('198.51.100.1')])], 'example.net'),
      ...zone([set('1.100.51.198.in-addr.arpa', 'PTR', [nameValue('mail.example.net')])], '100.51.198.in-addr.arpa'),
    ],
  ],
];

/** A record set as every reader of the tests returns it: values of texts are octets, names in values have no final dot. */
export type ReadSet = readonly [name: string, type: string, values: readonly string[]];

/** @returns the sets that a plan leaves in place, sorted. */
export function stayingSets(changes: readonly ZoneChanges[]): ReadSet[] {
  return sorted(
    changes.flatMap(({ sets }) =>
      sets
        .filter(({ after }) => after.length > 0)
        .map(
          ({ name, type, after }): ReadSet => [
            name,
            type,
            after.map((value) => (type === 'TXT' ? value : undotted(value))),
          ],
        ),
    ),
  );
}

/** @returns sets in one order, each with its values in one order. */
export function sorted(sets: readonly ReadSet[]): ReadSet[] {
  return sets
    .map(([name, type, values]): ReadSet => [name, type, [...values].sort()])
    .sort((a, b) => (`${a[0]} ${a[1]}` < `${b[0]} ${b[1]}` ? -1 : 1));
}

export const undotted = (value: string): string => value.replace(/\.$/, '');

/** @returns records as sets. */
export function setsOf(records: readonly (readonly [name: string, type: string, value: string])[]): ReadSet[] {
  const sets = new Map<string, [string, string, string[]]>();
  for (const [name, type, value] of records) {
    const known = sets.get(`${name} ${type}`) ?? [name, type, []];
    sets.set(`${name} ${type}`, known);
    known[2].push(value);
  }
  return sorted([...sets.values()]);
}
