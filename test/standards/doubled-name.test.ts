import { describe, expect, test } from 'vitest';
import { misplacedNames, typedAddress, typedNames } from '../../src/standards/doubled-name.ts';

describe('doubled names: what was typed without its final dot', () => {
  test.each<[name: string, owner: string, typed: string[]]>([
    ['mail.example.com.example.com', 'example.com', ['mail.example.com (example.com) plain']],
    ['MAIL.Example.com.EXAMPLE.com.', 'example.com', ['mail.example.com (example.com) plain']],
    ['example.com.example.com', 'example.com', ['example.com (example.com) plain']],
    ['mail.example.com.example.com', 'example.net', ['mail.example.com (example.com) plain']],
    ['mail.example.com.news.example.com', 'news.example.com', ['mail.example.com (news.example.com) plain']],
    ['mail.news.example.com.example.com', 'news.example.com', ['mail.news.example.com (example.com) plain']],
    [
      'mail.example.com.example.com.example.com',
      'example.com',
      ['mail.example.com.example.com (example.com) plain', 'mail.example.com (example.com) plain'],
    ],
    ['mail.example.co.uk.example.co.uk', 'example.co.uk', ['mail.example.co.uk (example.co.uk) plain']],
    ['mx.example.net.example.com', 'example.com', ['mx.example.net (example.com)']],
    [
      'mail.example.com.2.0.192.in-addr.arpa',
      '10.2.0.192.in-addr.arpa',
      ['mail.example.com (2.0.192.in-addr.arpa) plain'],
    ],
    [
      'mail.example.com.0-31.2.0.192.in-addr.arpa',
      '10.0-31.2.0.192.in-addr.arpa',
      ['mail.example.com (0-31.2.0.192.in-addr.arpa) plain'],
    ],
    [
      '10.0/27.2.0.192.in-addr.arpa.2.0.192.in-addr.arpa',
      '10.2.0.192.in-addr.arpa',
      ['10.0/27.2.0.192.in-addr.arpa (2.0.192.in-addr.arpa) plain'],
    ],
    ['s1._domainkey.example.com.example.com', 'example.com', ['s1._domainkey.example.com (example.com) plain']],
    // Nothing was appended: the name has one label in front of the zone, or is of another zone.
    ['mail.example.com', 'example.com', []],
    ['example.com', 'example.com', []],
    ['example.com.mx1.example.net', 'example.com', []],
    ['mail.example.com.com', 'example.com', []],
    ['mail.dev.example.com', 'example.com', []],
    ['192.0.2.1.example.com', 'example.com', []],
    ['mail', 'example.com', []],
    ['', 'example.com', []],
    [`${'a.'.repeat(40_000)}example.com`, 'example.com', []],
  ])('%s in a record of %s', (name, owner, typed) => {
    const shown = typedNames(name, owner).map(
      (found) => `${found.name} (${found.zone})${found.isPlain ? ' plain' : ''}`,
    );
    expect(shown).toEqual(typed);
  });

  test.each<[name: string, owner: string, ip: string | undefined]>([
    ['192.0.2.1.example.com', 'example.com', '192.0.2.1'],
    ['192.0.2.1.news.example.com', 'news.example.com', '192.0.2.1'],
    ['1.example.com', 'example.com', undefined],
    ['192.0.2.1.example.net', 'example.com', undefined],
    ['192.0.2.1', 'example.com', undefined],
  ])('the address in %s of %s', (name, owner, ip) => {
    expect(typedAddress(name, owner)).toBe(ip);
  });
});

test('doubled names: the names at which a record stands by mistake', () => {
  expect(misplacedNames('Mail.example.com', ['example.com', 'example.com.', 'com'])).toEqual([
    'mail.example.com.example.com',
    'mail.example.com.com',
  ]);
  expect(misplacedNames('mail.example.com', ['', 'a'.repeat(250)])).toEqual([]);
});
