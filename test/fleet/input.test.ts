/** The input of a fleet: every form, lines that are wrong, and lines that are hostile. */
import { expect, test } from 'vitest';
import { MAX_LINE_BYTES } from '../../src/fleet/input/lines.ts';
import { countTargets, readTargets } from '../../src/fleet/input/read.ts';

/** Gives the text in pieces of so many bytes. */
async function* pieces(text: string, size = 7): AsyncIterable<Uint8Array> {
  const octets = Buffer.from(text);
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}

/** What is read: a target as its words, a line that is none as its place and error. */
async function read(text: string, size?: number): Promise<string[]> {
  const found: string[] = [];
  for await (const item of readTargets(pieces(text, size), 'f')) {
    found.push(
      'error' in item
        ? `${item.place}: ${item.error}`
        : [item.domain, ...item.ips, item.helo, ...item.selectors, item.provider, ...item.tags.map((tag) => `#${tag}`)]
            .filter((word) => word !== undefined)
            .join(' '),
    );
  }
  return found;
}

const forms: Readonly<Record<string, readonly [text: string, found: readonly string[]]>> = {
  'CSV with every column': [
    'domain,ips,helo,selectors,provider,tags,team\nexample.com,192.0.2.1 2001:DB8::1,mail.example.com,s1;s2,linode,prod web,a b\n',
    ['example.com 192.0.2.1 2001:db8::1 mail.example.com s1 s2 linode #prod #web #team=a b'],
  ],
  'a byte order mark, CR LF, quotes, blank lines and comments': [
    '\uFEFFDomain,"IPs"\r\n"example.com","192.0.2.1,192.0.2.2"\r\n\r\n# no target\r\n,,\r\nexample.net,\r\n',
    ['example.com 192.0.2.1 192.0.2.2', 'example.net'],
  ],
  'semicolons between the columns': ['domain;ips\nexample.com;192.0.2.1\n', ['example.com 192.0.2.1']],
  'the first line of some spreadsheets': [
    '\uFEFFsep=;\r\ndomain;ips\r\nexample.com;192.0.2.1\r\n',
    ['example.com 192.0.2.1'],
  ],
  'a cell of several lines, and the last line without an end': [
    'note,domain\n"first\nsecond, third",example.com\nx,example.net',
    ['example.com #note=first\nsecond, third', 'example.net #note=x'],
  ],
  'a quote that is never closed costs its own line': [
    `domain,note\nexample.com,"open\n${'example.net,x\n'.repeat(25)}`,
    ['f:2: a quoted cell has no closing quote', ...Array<string>(25).fill('example.net #note=x')],
  ],
  'more cells than the header': [
    'domain,ips\nexample.com,192.0.2.1,192.0.2.2\n',
    ['f:2: the line has 3 cells, and the header 2'],
  ],
  'lines of words': [
    'example.com 192.0.2.1\nexample.net\nexample.org, 192.0.2.3\n',
    ['example.com 192.0.2.1', 'example.net', 'example.org 192.0.2.3'],
  ],
  NDJSON: [
    '{"domain":"example.com","ips":["192.0.2.1"],"selectors":"s1 s2","tags":["prod"],"team":"a","rack":4}\n{"domain":7}\nno\n[]\n',
    [
      'example.com 192.0.2.1 s1 s2 #prod #team=a #rack=4',
      'f:2: domain: Invalid input: expected string, received number',
      'f:3: the line is not JSON',
      'f:4: the line is not JSON'.replace(
        'the line is not JSON',
        'the line: Invalid input: expected object, received array',
      ),
    ],
  ],
  'wrong values': [
    'domain,ips,provider\nnothing,,\n=1+1,,\nexample.com,192.0.2.300,\nexample.com,,none-such\n',
    [
      'f:2: "nothing" is not a domain name such as example.com',
      'f:3: "=1+1" is not a domain name such as example.com',
      'f:4: "192.0.2.300" is not an IP address such as 203.0.113.5 or 2001:db8::5',
      'f:5: there is no provider "none-such". Type: mailcheck providers',
    ],
  ],
  'a line that is too long': [
    `domain\n${'x'.repeat(MAX_LINE_BYTES + 1)}\nexample.com\n`,
    ['f:2: the line is longer than 64 KiB', 'example.com'],
  ],
  nothing: ['\n\n', []],
};

test.each(Object.entries(forms))('%s', async (_, [text, found]) => {
  expect(await read(text)).toEqual(found);
  expect(await read(text, 100_000)).toEqual(found);
});

test('a configuration and UTF-16 are refused with what to do', async () => {
  await expect(read('targets:\n  - domain: example.com\n')).rejects.toThrow(/must end in .yaml/);
  await expect(read('{\n "targets": []}')).rejects.toThrow(/must end in .yaml/);
  await expect(read('e\0x\0')).rejects.toThrow(/not UTF-8/);
});

test('the number of lines that may be targets, without the header', async () => {
  expect(await countTargets(pieces('domain\n\na.example\n# x\nb.example'))).toBe(2);
  expect(await countTargets(pieces('a.example\nb.example'))).toBe(2);
});

test('the same target has the same id in any order', async () => {
  const ids: string[] = [];
  const text = 'domain,ips,team\nexample.com,192.0.2.1 192.0.2.2,a\nEXAMPLE.com.,192.0.2.2;192.0.2.1,b\n';
  for await (const item of readTargets(pieces(text), 'f')) ids.push('id' in item ? item.id : '');
  expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(ids[1]).toBe(ids[0]);
});
