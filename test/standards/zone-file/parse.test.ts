/** Master files and JSON: what is read, and what is refused with file and line. */
import { describe, expect, test } from 'vitest';
import { parseZone } from '../../../src/standards/zone-file/parse.ts';

const read = (text: string) =>
  parseZone(text, 'proposed.zone', 'example.com').records.map(({ name, type, data }) => ({ name, type, data }));

describe('zone file', () => {
  test('parses a whole zone: $ORIGIN, $TTL, @, blank owners, parentheses, comments, classes', () => {
    const text = `$ORIGIN example.com.
$TTL 1h ; an hour
@  IN SOA ns.example.com. hostmaster (
       2026112401 ; serial
       1d 2h 4w 5m )
   IN NS ns
   300 IN MX 10 mail
   IN 300 TXT "v=spf1 " "ip4:203.0.113.5 -all"
mail A 203.0.113.5
     AAAA 2001:db8::5
_dmarc TXT "v=DMARC1; p=none"
www CNAME mail
_25._tcp.mail TLSA 3 1 1 abcdef
`;
    expect(read(text)).toEqual([
      {
        name: 'example.com',
        type: 'SOA',
        data: { mname: 'ns.example.com', rname: 'hostmaster.example.com', serial: 2026112401, minimum: 300 },
      },
      { name: 'example.com', type: 'NS', data: 'ns.example.com' },
      { name: 'example.com', type: 'MX', data: { preference: 10, exchange: 'mail.example.com' } },
      { name: 'example.com', type: 'TXT', data: ['v=spf1 ', 'ip4:203.0.113.5 -all'] },
      { name: 'mail.example.com', type: 'A', data: '203.0.113.5' },
      { name: 'mail.example.com', type: 'AAAA', data: '2001:db8::5' },
      { name: '_dmarc.example.com', type: 'TXT', data: ['v=DMARC1; p=none'] },
      { name: 'www.example.com', type: 'CNAME', data: 'mail.example.com' },
      {
        name: '_25._tcp.mail.example.com',
        type: 'TLSA',
        data: { usage: 3, selector: 1, matchingType: 1, data: 'abcdef' },
      },
    ]);
  });

  test.each([
    ['escapes in strings', String.raw`@ TXT "a\"b\\c\065"`, ['a"b\\cA']],
    ['a semicolon in quotes', '@ TXT "k=rsa; p=x" ; note', ['k=rsa; p=x']],
    ['a string without quotes', '@ TXT v=spf1', ['v=spf1']],
    ['strings over lines', '@ TXT ( "a"\n "b" )', ['a', 'b']],
    ['octets', String.raw`@ TXT \# 8 03763d31 03 ( 202d61 )`, ['v=1', ' -a']],
    ['a number sign that is no octets', '@ TXT "\\#" 4 03616263', ['#', '4', '03616263']],
    ['UTF-8 as octets', '@ TXT "é"', ['\u00c3\u00a9']],
  ])('%s', (_, text, data) => {
    expect(read(text)).toEqual([{ name: 'example.com', type: 'TXT', data }]);
  });

  test('accepts the null MX, Windows line ends and a byte order mark', () => {
    expect(read('\ufeffexample.com. IN MX 0 .\r\n')).toEqual([
      { name: 'example.com', type: 'MX', data: { preference: 0, exchange: '' } },
    ]);
  });

  test.each([
    [1, 'mail IN AA 203.0.113.5', '"AA" is not a record type'],
    [2, '\nmail IN A 203.0.113.999', '"203.0.113.999" is not an IPv4 address'],
    [1, 'mail AAAA 203.0.113.5', 'is not an IPv6 address'],
    [1, '@ MX mail', 'MX takes 2 values, not 1'],
    [1, '@ MX high mail', '"high" is not a preference'],
    [3, '\n\n@ TXT "open', 'a quoted string has no closing quote'],
    [2, '\n@ TXT ( "a"\n"b"\n', 'an opening parenthesis has no closing one'],
    [1, '@ TXT "a" )', 'a closing parenthesis has no opening one'],
    [1, 'exa$mple A 203.0.113.5', '"exa$mple" is not a host name'],
    [1, '  A 203.0.113.5', 'the first record has no name'],
    [1, 'mail', 'a name without a record'],
    [1, '$INCLUDE other.zone', '$INCLUDE is not supported'],
    [1, '$GENERATE 1-9 a$ A 203.0.113.$', '$GENERATE is not supported'],
    [1, '@ CH TXT "x"', 'class CH is not supported, only IN'],
    [1, `@ TXT "${'x'.repeat(256)}"`, 'split it into strings of at most 255'],
    [2, 'www CNAME mail\nwww A 203.0.113.5', 'has a CNAME and a A record'],
    [1, String.raw`@ TXT "\999"`, 'more than an octet can hold'],
    [1, '; nothing\n', 'has no records'],
  ])('reports an error in line %i of %j: %s', (line, text, what) => {
    expect(() => read(text)).toThrow(`proposed.zone:${line}: `);
    expect(() => read(text)).toThrow(what);
  });
});

describe('proposed records as JSON', () => {
  test('accepts the records of a report, and an array of records', () => {
    const records = [
      { name: 'example.com', type: 'TXT', value: 'v=spf1 ip4:203.0.113.5 -all' },
      { name: 'example.com', type: 'MX', value: '10 mail.example.com.' },
      { name: 'mail', type: 'A', value: '203.0.113.5' },
      { name: '5.113.0.203.in-addr.arpa', type: 'PTR', value: 'mail.example.com.' },
    ];
    expect(read(JSON.stringify({ records }))).toEqual(read(JSON.stringify(records)));
    // The list of `mailcheck records` has entries whose lookup failed.
    const unknown = { name: 'example.com', type: 'MX', value: '', line: '', status: 'unknown' };
    expect(read(JSON.stringify([...records, unknown]))).toEqual(read(JSON.stringify(records)));
    expect(read(JSON.stringify(records)).map(({ name, data }) => [name, data])).toEqual([
      ['example.com', ['v=spf1 ip4:203.0.113.5 -all']],
      ['example.com', { preference: 10, exchange: 'mail.example.com' }],
      ['mail.example.com', '203.0.113.5'],
      ['5.113.0.203.in-addr.arpa', 'mail.example.com'],
    ]);
  });

  test('splits a long text into strings', () => {
    const [record] = read(JSON.stringify([{ name: '@', type: 'TXT', value: 'x'.repeat(300) }]));
    expect(record?.data).toEqual(['x'.repeat(255), 'x'.repeat(45)]);
  });

  test.each([
    ['[{"name": "a"', 'not JSON'],
    ['{"zone": 1}', 'must be an array of records'],
    ['[1]', 'record 1: is not an object'],
    ['[{"name": "mail", "type": "A", "value": "x"}]', 'record 1: "x" is not an IPv4 address'],
    ['[{"name": "mail", "type": "A", "value": 1}]', 'record 1: value must be text'],
  ])('%s → error: %s', (text, what) => {
    expect(() => read(text)).toThrow(what);
    expect(() => read(text)).toThrow('proposed.zone:1: ');
  });
});
