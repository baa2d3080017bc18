/** What a zone file may not contain, beside the judgement of a real name server where one is installed. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseZone, refuseConflicts } from '../../../src/standards/zone-file/parse.ts';

const CHECKZONE = ['/usr/bin/named-checkzone', '/usr/sbin/named-checkzone'].find((path) => existsSync(path));
const HEAD =
  '$ORIGIN example.com.\n$TTL 300\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A 192.0.2.53\n';
const FIRST_LINE = HEAD.split('\n').length;

/** What BIND does with a zone: it refuses it, loads it as it is, or loads it and leaves out or changes something. */
type Bind = 'refuses' | 'loads' | 'loads, but not as written';

const A255 = `"${'x'.repeat(255)}"`;
const DIGEST = 'ab'.repeat(32);

/** The lines after the head, what is wrong with them (in the last line, unless another is named), and what BIND does. */
type Case = [name: string, lines: string, fault: string | null, bind: Bind];

const cases: Case[] = [
  ['a CNAME beside other data', 'w CNAME m\nw A 192.0.2.1', 'w.example.com has a CNAME and a A record', 'refuses'],
  ['other data beside a CNAME', 'w A 192.0.2.1\nw CNAME m', 'w.example.com has a CNAME and a A record', 'refuses'],
  ['a CNAME at the apex', '@ CNAME m', 'example.com has a CNAME and a SOA record', 'refuses'],
  ['a CNAME beside a DNAME', 'w DNAME m.example.\nw CNAME m', 'has a CNAME and a DNAME record', 'refuses'],
  ['a CNAME of a wildcard', '* CNAME m\n* A 192.0.2.1', '*.example.com has a CNAME and a A record', 'refuses'],
  ['two CNAMEs', 'w CNAME a\nw CNAME b', 'w.example.com has two different CNAME records', 'refuses'],
  ['the same CNAME twice', 'w CNAME a\nW 60 IN CNAME A', null, 'loads'],
  ['a CNAME with a DNSSEC type', 'w CNAME a\nw NSEC x CNAME NSEC', null, 'loads'],
  ['two DNAMEs', 'w DNAME a.example.\nw DNAME b.example.', 'has two different DNAME records', 'refuses'],
  ['two SOAs', '@ SOA ns h 2 1 1 1 1', 'example.com has two different SOA records', 'refuses'],
  ['an SOA below', 'sub SOA ns h 2 1 1 1 1', 'sub.example.com is below the zone of the file', 'refuses'],
  [
    'a record elsewhere',
    'w.example.net. A 192.0.2.1',
    'w.example.net is outside the zone of the file (example.com)',
    'loads, but not as written',
  ],
  [
    'an origin elsewhere',
    '$ORIGIN example.net.\nw A 192.0.2.1',
    'is outside the zone of the file (example.com)',
    'loads, but not as written',
  ],
  [
    'a name that ends alike',
    'badexample.com. TXT "a"',
    'is outside the zone of the file (example.com)',
    'loads, but not as written',
  ],
  [
    'data below a delegation',
    'sub NS ns.example.net.\nx.sub TXT "a"',
    'because sub.example.com has NS records',
    'loads',
  ],
  ['data at a delegation', 'sub NS ns.example.net.\nsub MX 10 m', 'would not serve this MX record', 'loads'],
  ['glue', 'sub NS ns.sub\nns.sub A 192.0.2.9\nns.sub AAAA 2001:db8::9\nsub A 192.0.2.8', null, 'loads'],
  ['the digest of a key at a delegation', `sub NS ns.example.net.\nsub DS 1 8 2 ${DIGEST}`, null, 'loads'],
  ['the digest of its own key', `@ DS 1 8 2 ${DIGEST}`, 'belongs in the zone above it', 'refuses'],
  ['NS records of a wildcard', '*.x NS ns.example.net.', 'a wildcard cannot have NS records', 'refuses'],
  ['a wildcard', '* A 192.0.2.1\n*.sub TXT "a"', null, 'loads'],
  ['a label of 64', `${'a'.repeat(64)} A 192.0.2.1`, 'is not a name', 'refuses'],
  ['a label of 63', `${'a'.repeat(63)} A 192.0.2.1`, null, 'loads'],
  ['a name of 254', `${`${'a'.repeat(60)}.`.repeat(3)}${'b'.repeat(59)} A 192.0.2.1`, 'is not a name', 'refuses'],
  ['a name of 253', `${`${'a'.repeat(60)}.`.repeat(3)}${'b'.repeat(58)} A 192.0.2.1`, null, 'loads'],
  ['an empty label', 'a..b A 192.0.2.1', '"a..b" is not a name', 'refuses'],
  ['an empty label in the data', 'w CNAME a..b', '"a..b" is not a name', 'refuses'],
  ['a target in quotes', 'w CNAME "m"', 'CNAME takes no value in quotes', 'refuses'],
  ['a string of 256', `@ TXT "${'x'.repeat(256)}"`, 'a string has 256 octets', 'refuses'],
  ['a string of 255', `@ TXT ${A255}`, null, 'loads'],
  ['256 strings of 255', `@ TXT ${`${A255} `.repeat(256)}`, 'the text has 65536 octets', 'refuses'],
  ['a text of nothing', 'w TXT ""', null, 'loads'],
  ['a text without a string', 'w TXT', 'TXT takes one or more values, not 0', 'refuses'],
  ['a TTL beyond 31 bits', 'w 2147483648 A 192.0.2.1', '"2147483648" is not a TTL', 'loads, but not as written'],
  ['a TTL of 31 bits', 'w 2147483647 A 192.0.2.1', null, 'loads'],
  ['a TTL in units beyond', 'w 9999w A 192.0.2.1', '"9999w" is not a TTL', 'refuses'],
  ['two TTLs', 'w 300 300 A 192.0.2.1', '"300" is not a record type', 'refuses'],
  ['two classes', 'w IN IN A 192.0.2.1', '"IN" is not a record type', 'refuses'],
  ['three octets', 'w A 192.0.2', 'is not an IPv4 address', 'refuses'],
  ['a leading zero', 'w A 192.0.2.010', 'is not an IPv4 address', 'refuses'],
  ['too much data', 'w A 192.0.2.1 x', 'A takes 1 value, not 2', 'refuses'],
  ['a preference beyond 16 bits', '@ MX 65536 m', 'is not a preference', 'refuses'],
  [
    'a serial number in units',
    '$TTL 60\n@ SOA ns h 1d 1 1 1 1',
    'the last five values of the SOA must be numbers',
    'refuses',
  ],
  ['a service', '_a._tcp SRV 1 2 3 .', null, 'loads'],
  ['a service without a port', '_a._tcp SRV 1 2 m', 'SRV takes 4 values, not 3', 'refuses'],
  ['an authority', '@ CAA 0 issue "ca.example"', null, 'loads'],
  ['an authority beyond 8 bits', '@ CAA 256 issue "ca.example"', '"256" is not right in a CAA record', 'refuses'],
  ['a digest that is not hexadecimal', '_25._tcp TLSA 3 1 1 xyz', '"xyz" is not right in a TLSA record', 'refuses'],
  ['half an octet', '_25._tcp TLSA 3 1 1 abc', '"abc" is not right in a TLSA record', 'refuses'],
  ['no digest', '_25._tcp TLSA 3 1 1', 'TLSA takes 4 or more values, not 3', 'refuses'],
  ['a key that is not base64', '@ DNSKEY 256 3 8 !!!', '"!!!" is not right in a DNSKEY record', 'refuses'],
  ['a service without parameters', 'w HTTPS 0 m', null, 'loads'],
  ['a service by name alone', 'w HTTPS x', 'HTTPS takes 3 or more values, not 1', 'refuses'],
  ['a type by number', 'w TYPE65280 \\# 2 abcd', null, 'loads'],
  [
    'a type by number with another length',
    'w TYPE65280 \\# 3 abcd',
    'does not have as many octets as it says',
    'refuses',
  ],
  ['a type beyond 16 bits', 'w TYPE99999 \\# 0', '"TYPE99999" is not a record type', 'refuses'],
  ['a type that is read, by its number', 'w TYPE1 \\# 4 c0000201', null, 'loads'],
  ['an alias by number beside data', 'w TYPE5 \\# 1 00\nw A 192.0.2.1', 'has a CNAME and a A record', 'refuses'],
  ['a dot that belongs to a label', 'a\\.b TXT "x"', null, 'loads'],
  ['a text in octets', 'w TXT \\# 4 03616263', null, 'loads'],
  ['a text in octets of another length', 'w TXT \\# 5 03616263', 'does not have as many octets as it says', 'refuses'],
  ['a text in octets that ends early', 'w TXT \\# 4 04616263', 'are not the data of a TXT record', 'refuses'],
  ['a text in octets without a string', 'w TXT \\# 0', 'are not the data of a TXT record', 'refuses'],
  // BIND reads the texts "#" and "foo". Other name servers refuse them.
  ['octets without a length', 'w TXT \\# foo', 'does not have as many octets as it says', 'loads'],
  ['three octets of an address', 'w A \\# 3 c00002', 'are not the data of a A record', 'refuses'],
  ['four octets of an address', 'w A \\# 4 c0000201', null, 'loads'],
  ['four octets of an address of sixteen', 'w AAAA \\# 4 c0000201', 'are not the data of a AAAA record', 'refuses'],
  ['an exchange in octets', 'w MX \\# 3 000a00', null, 'loads'],
  ['an exchange in octets without a name', 'w MX \\# 2 000a', 'are not the data of a MX record', 'refuses'],
  ['a service in octets', '_a._tcp SRV \\# 7 00000000000000', null, 'loads'],
  ['a service in octets without a name', '_a._tcp SRV \\# 6 000000000000', 'not the data of a SRV record', 'refuses'],
  ['an authority in octets', 'w CAA \\# 4 00016100', null, 'loads'],
  ['an authority in octets without a tag', 'w CAA \\# 2 0000', 'are not the data of a CAA record', 'refuses'],
  ['a digest in octets', 'w TLSA \\# 4 03010100', null, 'loads'],
  ['no digest in octets', 'w TLSA \\# 3 030101', 'are not the data of a TLSA record', 'refuses'],
  ['an address without quotes', 'w URI 1 1 https://example.com/', 'is not right in a URI record', 'refuses'],
  ['an address in quotes', 'w URI 1 1 "https://example.com/"', null, 'loads'],
  ['an IPv4-mapped address', 'w AAAA ::ffff:192.0.2.1', null, 'loads'],
  ['an IPv4-mapped address of four octets', 'w A ::ffff:192.0.2.1', 'is not an IPv4 address', 'refuses'],
  ['a type in quotes', 'w "TXT" "x"', '"TXT" is not a record type', 'refuses'],
  ['a class in quotes', 'w "IN" TXT "x"', '"IN" is not a record type', 'refuses'],
  ['a TTL in quotes', 'w "300" A 192.0.2.1', '"300" is not a record type', 'refuses'],
  ['a number in quotes', 'w CAA "0" issue "ca.example"', '"0" is not right in a CAA record', 'refuses'],
  ...['TYPE0', 'TYPE41', 'TYPE128', 'TYPE249', 'TYPE255', 'OPT', 'ANY', 'AXFR'].map(
    (type): Case => [`the type ${type} of messages`, `w ${type} \\# 0`, `"${type}" is not a record type`, 'refuses'],
  ),
  ['a digest of another length', 'w NS n.example.\nw DS 1 8 2 abcd', 'has not the length of its type 2', 'refuses'],
  ['a digest with more', `w NS n.example.\nw DS 1 8 2 ${DIGEST} 01`, 'has not the length of its type 2', 'refuses'],
  ['a digest in parts', `w NS n.example.\nw DS 1 8 2 a ${DIGEST.slice(1)}`, null, 'loads'],
  ['a digest of a type without length', 'w NS n.example.\nw DS 1 8 200 abcd', null, 'loads'],
  ['a key that ends early', 'w DNSKEY 256 3 8 AwEAA', 'is not right in a DNSKEY record', 'refuses'],
  ['a key in parts', 'w DNSKEY 256 3 8 ( AwEAA\nQ== )', null, 'loads'],
  ['hexadecimal in odd parts', '_25._tcp TLSA 3 1 1 ( abc\ndef )', null, 'loads'],
  ['an odd number of digits in parts', '_25._tcp TLSA 3 1 1 abc de', 'is not right in a TLSA record', 'refuses'],
  ['a fingerprint in odd parts', `w SSHFP 4 2 abc ${DIGEST.slice(3)}`, null, 'loads'],
  ['a space in a name', 'My\\032Printer._ipp._tcp TXT "x"', null, 'loads'],
  ['a mailbox with a dot', 'w RP john\\.doe .', null, 'loads'],
  ['other characters in a name', 'a!b~c+d&e@f TXT "x"', null, 'loads'],
  ['an octet of a name that is none', 'a\\999 TXT "x"', 'more than an octet can hold', 'refuses'],
  // named-checkzone warns of it. BIND itself refuses it in a primary zone, unless its check-names is off.
  ['other characters in the name of a host', 'a!b A 192.0.2.1', '"a!b" is not a host name', 'loads'],
  ...[
    ...['AVC "x"', 'RESINFO qnamemin', 'WALLET "BTC" "x"', 'X25 1234', 'WKS 192.0.2.1 tcp 25', 'RT 10 m', 'PX 1 m m'],
    ...['NSAP 0x47', 'GPOS 1 1 1', 'NID 10 1:2:3:4', 'L32 10 10.1.2.0', 'LP 10 m', 'AMTRELAY 10 0 1 192.0.2.1'],
    ...['MB m', 'MG m', 'MR m', 'MINFO m m'],
  ].map((data): Case => [`the rare type of ${data}`, `w ${data}`, null, 'loads']),
  ['a rare type without data', 'w MB', 'a MB record without data', 'refuses'],
  ['a name below a DNAME', 'w DNAME m.example.\na.w TXT "x"', 'a.w.example.com is below w.example.com', 'loads'],
  ['a DNAME of the zone', '@ DNAME m.example.', 'a DNAME record of the whole zone', 'refuses'],
  ['a name server that is an alias', 'w CNAME m\n@ NS w', 'a name server of example.com, is an alias', 'refuses'],
  [
    'records of a name that are too long together',
    Array.from({ length: 3 }, (_, at) => `w TXT ${`"${at}${'x'.repeat(250)}" `.repeat(100)}`).join('\n'),
    'the TXT records of w.example.com have more than 65535 octets',
    'refuses',
  ],
];

describe('a zone', () => {
  test.each(cases)('%s', (_, lines, what) => {
    const read = (): unknown => parseZone(`${HEAD}${lines}\n`, 'proposed.zone', 'example.com');
    if (what === null) return expect(read).not.toThrow();
    const line = FIRST_LINE + lines.split('\n').length - 1;
    expect(read).toThrow(new RegExp(`^proposed\\.zone:${line}: `));
    return expect(read).toThrow(what);
  });
});

describe.skipIf(CHECKZONE === undefined)('BIND', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mailcheck-bind-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(cases)('%s', (_name, lines, _what, bind) => {
    const file = join(folder, 'zone');
    writeFileSync(file, `${HEAD}${lines}\n`);
    const judge = (): Bind => {
      try {
        const said = execFileSync(CHECKZONE ?? '', ['-i', 'none', 'example.com', file], {
          encoding: 'utf8',
          stdio: 'pipe',
        });
        return /ignoring out-of-zone data|> MAXTTL/.test(said) ? 'loads, but not as written' : 'loads';
      } catch {
        return 'refuses';
      }
    };
    expect(judge()).toBe(bind);
  });
});

test.each([
  ['My\\032Printer._ipp TXT x', 'my\\032printer._ipp.example.com'],
  ['john\\.doe TXT x', 'john\\046doe.example.com'],
  ['\\042 TXT x', '*.example.com'],
  ['\\119\\087\\w TXT x', 'www.example.com'],
  ['a\\000\\255 TXT x', 'a\\000\\255.example.com'],
  ['a!B~c+d&e@f TXT x', 'a!b~c+d&e@f.example.com'],
  ['\\@ TXT x', '@.example.com'],
])('%s is the name %s', (line, name) => {
  expect(parseZone(line, 'z', 'example.com').records.map((record) => record.name)).toEqual([name]);
});

test('an IPv4-mapped address is the address that it contains, as in live answers', () => {
  const text = `w AAAA ::ffff:192.0.2.1\nw AAAA \\# 16 ${'00'.repeat(10)}ffffc0000201\n`;
  expect(parseZone(text, 'z', 'example.com').records.map(({ data }) => data)).toEqual(['192.0.2.1']);
});

test.each([
  ['a word', 'x'.repeat(1_000_000), 'a record has more than 131070 characters'],
  ['a string', `@ TXT "${'x'.repeat(1_000_000)}`, 'a record has more than 131070 characters'],
  ['many words', `@ TXT ${'x '.repeat(100_000)}`, 'a record has more than 131070 characters'],
  ['a TTL', `w ${'1d'.repeat(11)} A 192.0.2.1`, `"${'1d'.repeat(11)}" is not a TTL`],
])('%s beyond the longest is refused before it is read', (_, text, what) => {
  expect(() => parseZone(text, 'z', 'example.com')).toThrow(`z:1: ${what}`);
});

test.each([
  ['example.com IN SOA ns h 1 1 1 1 1\n@ NS ns.example.net.', 'its name lacks the final dot. Write "example.com."'],
])('%j is no zone', (text, what) => {
  expect(() => parseZone(text, 'z', 'example.com')).toThrow(/^z:1: /);
  expect(() => parseZone(text, 'z', 'example.com')).toThrow(what);
});

test('a zone may lack its own NS records, which a DNS host adds', () => {
  const text = '@ IN SOA ns h 1 1 1 1 1\nmail A 192.0.2.1';
  expect(parseZone(text, 'z', 'example.com').records).toHaveLength(2);
});

test('the same record twice counts as one, whatever its TTL', () => {
  const { records } = parseZone('w 60 A 192.0.2.1\nW.example.com. A 192.0.2.1\nw A 192.0.2.2\n', 'z', 'example.com');
  expect(records.map(({ data }) => data)).toEqual(['192.0.2.1', '192.0.2.2']);
});

test('a set of changes has no zone, so its names may be anywhere', () => {
  const text = 'mail A 203.0.113.5\n5.113.0.203.in-addr.arpa. PTR mail\nsub NS ns.sub\nx.sub TXT "a"\n';
  expect(parseZone(text, 'z', 'example.com').records).toHaveLength(4);
});

test('several zones in one file have their records in one of them', () => {
  const soa = (name: string): string => `${name}. SOA ns.${name}. h.${name}. 1 1 1 1 1\n${name}. NS ns.example.org.\n`;
  const zones = `${soa('example.com')}${soa('2.0.192.in-addr.arpa')}1.2.0.192.in-addr.arpa. PTR mail.example.com.\n`;
  expect(parseZone(zones, 'z', 'example.com').records).toHaveLength(5);
  expect(() => parseZone(`${zones}w.example.net. A 192.0.2.1\n`, 'z', 'example.com')).toThrow(
    'z:6: w.example.net is outside the zone of the file (example.com, 2.0.192.in-addr.arpa)',
  );
});

describe('several files', () => {
  const zone = (text: string, file: string) => parseZone(text, file, 'example.com');
  test.each([
    ['w CNAME a', 'w TXT "x"', 'b: w.example.com has a CNAME and a TXT record with the other files of --zone'],
    ['w CNAME a', 'w CNAME b', 'b: w.example.com has two different CNAME records with the other files of --zone'],
  ])('%s and %s exclude each other', (first, second, says) => {
    expect(() => refuseConflicts([zone(first, 'a'), zone(second, 'b')])).toThrow(says);
  });
  test.each([
    ['w CNAME a', 'w CNAME a'],
    ['w TXT "a"', 'w TXT "b"'],
    ['w DNAME a.example.', 'w DNAME a.example.'],
  ])('%s and %s do not', (first, second) => {
    expect(() => refuseConflicts([zone(first, 'a'), zone(second, 'b')])).not.toThrow();
  });
});

test('a name with every type that has a number takes no longer than as many names', () => {
  const types = Array.from({ length: 65_000 }, (_, index) => `w TYPE${index + 263} \\# 0`);
  expect(parseZone(types.join('\n'), 'z', 'example.com').records).toHaveLength(65_000);
});

test('a file with more records than are read', () => {
  const text = `@ TXT "a"\n${' TXT "a"\n'.repeat(100_001)}`;
  expect(() => parseZone(text, 'z', 'example.com')).toThrow(/^z:\d+: more than 100000 records/);
  expect(() => parseZone(`[${'{},'.repeat(100_001)}{}]`, 'z', 'example.com')).toThrow(/^z:1: more than 100000 records/);
});
