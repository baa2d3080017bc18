/** What is printed to be pasted is made from checked values only: by the types, and by the checks behind them. */
import { describe, expect, test } from 'vitest';
import { addValues } from '../../../src/check/rules/edit.ts';
import type { Fix } from '../../../src/check/rules/fix.ts';
import {
  address,
  command,
  hostName,
  inWords,
  knownLines,
  links,
  selectorName,
  variableName,
} from '../../../src/check/rules/pasted.ts';
import { lines } from '../../../src/knowledge/mail-servers/configuration-line.ts';
import { isPublishable, mxValue, nameValue, textValue } from '../../../src/standards/zone-file/line.ts';

describe('the types refuse a plain text', () => {
  const fromTheNetwork: string = 'mail.example.com';

  test('in a command, among commands and links, and in a record', () => {
    // @ts-expect-error: a text of the network is no word.
    expect(command`postconf -e ${fromTheNetwork}`).toHaveLength(1);
    // @ts-expect-error: a text is no command, and none is a link.
    const fix: Fix = { summary: '', commands: [fromTheNetwork], links: [fromTheNetwork] };
    expect(fix.commands).toHaveLength(1);
    // @ts-expect-error: a text is no value of a record.
    expect(addValues('MX', 'example.com', fromTheNetwork)).toMatchObject({ record: 'MX' });
    // @ts-expect-error: a line that is made at run time is not known by heart.
    expect(lines(fromTheNetwork)).toHaveLength(1);
    // @ts-expect-error: neither is a plain text.
    expect(knownLines([fromTheNetwork])).toHaveLength(1);
  });
});

describe('words', () => {
  test.each<[string, string | undefined, string | undefined]>([
    ['a host name', hostName('mail.example.com'), 'mail.example.com'],
    ['a name with a command in it', hostName('$(id).example.com'), undefined],
    ['a name with a blank', hostName('a b.example.com'), undefined],
    ['a name with a line break at its end', hostName('mail.example.com\n'), undefined],
    ['a name that begins like an option', hostName('--config.example.com'), undefined],
    ['an IPv4 address', address('203.0.113.5'), '203.0.113.5'],
    ['an IPv6 address', address('2001:DB8::5'), '2001:db8::5'],
    ['no address', address('203.0.113.5; id'), undefined],
    ['a selector', selectorName('s1.mail_2024'), 's1.mail_2024'],
    ['a selector that begins like an option', selectorName('-s1'), undefined],
    ['a wildcard', selectorName('*'), undefined],
    ['a variable', variableName('LIST_KEY'), 'LIST_KEY'],
    ['a variable with an assignment', variableName('A=1'), undefined],
  ])('%s', (_, made, expected) => {
    expect(made).toBe(expected);
  });

  test('a command without one of its values is none', () => {
    expect(command`a ${hostName('mail.example.com')} ${hostName('`id`')}`).toEqual([]);
  });
});

test('only plain addresses with https are links', () => {
  const refused = [
    'http://example.com/',
    'https://a@example.com/',
    'javascript:x',
    'https://example.com/$(id)',
    'https://x',
  ];
  expect(links('https://example.com/a?b=1&c=2', null, ...refused)).toEqual(['https://example.com/a?b=1&c=2']);
});

describe('sentences', () => {
  test.each<[string, string, string]>([
    ['a name with a substitution', '$(id)', '\\036(id)'],
    ['a name with a second command', 'x; id', 'x\\059 id'],
    ['a redirection', '<x> y', '\\060x\\062 y'],
    ['a line break', 'x\nid', 'x\\010id'],
    ['a mark of the writing direction', 'a\u202eb', 'a\\226\\128\\174b'],
    [
      'the text of a record',
      'v=DMARC1; p=none; rua=mailto:a@example.com',
      'v=DMARC1; p=none; rua=mailto:a@example.com',
    ],
  ])('%s', (_, value, shown) => {
    expect(inWords(`Set it to ${value}; then run again with --helo <name>.`, { value })).toBe(
      `Set it to ${shown}; then run again with --helo <name>.`,
    );
  });
});

describe('records that a name server would not load are not printed', () => {
  test.each<[string, boolean, boolean]>([
    [
      'an MX record',
      isPublishable('example.com', 'MX', mxValue({ preference: 10, exchange: 'mail.example.com' })),
      true,
    ],
    ['the null MX', isPublishable('example.com', 'MX', mxValue({ preference: 0, exchange: '' })), true],
    [
      'an MX of no host',
      isPublishable('example.com', 'MX', mxValue({ preference: 10, exchange: 'a b.example' })),
      false,
    ],
    ['a PTR record of no host', isPublishable('5.113.0.203.in-addr.arpa', 'PTR', nameValue('a;b.example')), false],
    [
      'a CNAME with an underscore',
      isPublishable('s1._domainkey.example.com', 'CNAME', nameValue('s1._x.example.net')),
      true,
    ],
    ['a CNAME with a quotation mark', isPublishable('www.example.com', 'CNAME', nameValue('a"b.example')), false],
    ['an owner with a semicolon', isPublishable('x;id._domainkey.example.com', 'TXT', textValue('v=DKIM1; p=')), false],
    ['a text with anything in it', isPublishable('example.com', 'TXT', textValue('a"\\\n$(id)')), true],
    ['a text that no record holds', isPublishable('example.com', 'TXT', textValue('x'.repeat(65_535))), false],
  ])('%s', (_, isPrinted, expected) => {
    expect(isPrinted).toBe(expected);
  });
});

test('a text of 64 KiB that is almost a record is looked at in time that grows with its length', () => {
  const started = performance.now();
  inWords('a sentence', { text: `a=${' '.repeat(65_000)}<` });
  expect(performance.now() - started).toBeLessThan(1000);
});
