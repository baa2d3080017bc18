import { describe, expect, it } from 'vitest';
import { withoutTag } from '../../../src/standards/dkim/edit.ts';

describe('DKIM: a record without a tag', () => {
  const cases: [string, string, string, string[] | undefined, string][] = [
    ['a tag', 'v=DKIM1; h=sha1; p=abc', 'h', undefined, 'v=DKIM1; p=abc'],
    ['the last tag', 'p=abc; g=', 'g', undefined, 'p=abc'],
    ['one item of a list', 't=y:s; p=abc', 't', ['y'], 't=s; p=abc'],
    ['an item in another case', 't=Y : s; p=abc', 't', ['y'], 't=s; p=abc'],
    ['the only item of a list', 't=y; p=abc', 't', ['y'], 'p=abc'],
    ['no such tag', 'v=DKIM1;p=abc', 'h', undefined, 'v=DKIM1;p=abc'],
    ['no such item', 't=s;p=abc', 't', ['y'], 't=s;p=abc'],
    ['folding whitespace in the rest', 'g=*; n=a\r\n b; p=ab\r\n c', 'g', undefined, 'n=a b; p=abc'],
  ];
  it.each(cases)('%s', (_, text, tag, items, expected) => {
    expect(withoutTag(text, tag, items)).toBe(expected);
  });
});
