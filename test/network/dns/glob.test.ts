/** Patterns as the glob library of dnscontrol reads them. */
import { expect, test } from 'vitest';
import { globOf } from '../../../src/network/dns/glob.ts';

test.each<[string, readonly string[], readonly string[]]>([
  ['mail', ['mail'], ['mai', 'mails', 'Mail', '']],
  ['', [''], ['a']],
  ['*._domainkey', ['s1._domainkey', '._domainkey', 'a.b._domainkey'], ['_domainkey', 's1._domainkey.sub']],
  ['**.example.net.', ['a.b.example.net.'], ['example.net.']],
  ['s?._dom*', ['s1._domainkey'], ['s._domainkey', 's12._domainkey']],
  ['a*b*a', ['aba', 'abba', 'axbxa'], ['ab', 'aa']],
  ['[ab]', ['a', 'b'], ['c', 'ab', '[ab]', '_dmarc']],
  ['[!ab]x', ['cx'], ['ax', 'x']],
  ['[a-c]1', ['a1', 'c1'], ['d1', '-1']],
  ['[!a-c]', ['d'], ['b']],
  ['{foo,bar}', ['foo', 'bar'], ['{foo,bar}', 'foobar', '_dmarc']],
  ['{a{1,2},b*}.x', ['a1.x', 'a2.x', 'b.x', 'bcd.x'], ['a.x', 'a3.x']],
  ['{,www.}a', ['a', 'www.a'], ['w.a']],
  ['a,b}]!', ['a,b}]!'], ['a']],
  ['\\*', ['*'], ['a']],
  ['[\\]x]', [']', 'x'], ['\\']],
])('%s matches %j, and not %j', (pattern, yes, no) => {
  const isMatch = globOf(pattern);
  expect(yes.map((text) => isMatch?.(text))).toEqual(yes.map(() => true));
  expect(no.map((text) => isMatch?.(text))).toEqual(no.map(() => false));
});

test.each(['[', '[]', '[!]', '[a', '[c-a]', '[a-bc]', '{a,b', '{a,[}', 'a\\', '{'.repeat(9), 'a'.repeat(256)])(
  '%s cannot be read',
  (pattern) => expect(globOf(pattern)).toBeUndefined(),
);

test('a pattern of many asterisks is matched in little time', () => {
  expect(globOf('*a'.repeat(120))?.('a'.repeat(5000).concat('b'))).toBe(false);
});
