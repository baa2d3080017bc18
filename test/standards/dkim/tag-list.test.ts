import { describe, expect, it } from 'vitest';
import { parseTagList } from '../../../src/standards/tag-list.ts';
import fc from '../../fast-check.ts';

describe('parseTagList, RFC 6376 §3.2', () => {
  const valid: [string, string, Record<string, string>][] = [
    ['one tag', 'v=DKIM1', { v: 'DKIM1' }],
    ['trailing semicolon', 'v=DKIM1; p=abc;', { v: 'DKIM1', p: 'abc' }],
    ['trailing semicolon and space', 'v=DKIM1; p=abc; ', { v: 'DKIM1', p: 'abc' }],
    ['whitespace around everything', ' v = DKIM1 \t;\tp\t=\tabc ', { v: 'DKIM1', p: 'abc' }],
    ['folding whitespace inside a value', 'p=ab\r\n cd', { p: 'ab\r\n cd' }],
    ['folding whitespace before a tag', 'v=DKIM1;\r\n p=x', { v: 'DKIM1', p: 'x' }],
    ['empty value', 'v=DKIM1; p=', { v: 'DKIM1', p: '' }],
    ['"=" inside a value', 'p=abc==', { p: 'abc==' }],
    ['names are case-sensitive', 'p=a; P=b', { p: 'a', P: 'b' }],
    ['digits and "_" in a name', 'a1_b=c', { a1_b: 'c' }],
  ];
  it.each(valid)('accepts: %s', (_, text, expected) => {
    const list = parseTagList(text);
    expect(Object.fromEntries(list.tags.map(({ name, value }) => [name, value]))).toEqual(expected);
    expect(list.defects).toEqual([]);
  });

  const broken: [string, string, string, number][] = [
    ['no "="', 'v=DKIM1; abc; p=x', 'no-equals', 9],
    ['a name that starts with a digit', '1a=b', 'bad-name', 0],
    ['a name with a hyphen', 'v=DKIM1; a-b=c', 'bad-name', 9],
    ['two semicolons', 'v=DKIM1;; p=x', 'empty', 8],
    ['a leading semicolon', ';p=x', 'empty', 0],
    ['an empty text', '', 'empty', 0],
    ['a tag twice', 'p=a; p=b', 'duplicate', 5],
    ['a control character in a value', 'p=a\x00b', 'bad-value', 2],
    ['an escape character in a value', 'p=a\x1b[2Jb', 'bad-value', 2],
    ['a non-ASCII octet in a value', 'p=a\xa0b', 'bad-value', 2],
    ['a line feed that folds nothing', 'p=a\nb', 'bad-value', 2],
    ['a line feed before a tag', 'v=DKIM1;\np=x', 'bad-value', 11],
    ['a line feed and a space before a tag', 'v=DKIM1;\n p=x', 'bad-value', 12],
    ['a carriage return before a tag', 'v=DKIM1;\rp=x', 'bad-value', 11],
    ['CRLF without a space after it', 'v=DKIM1;\r\np=x', 'bad-value', 12],
    ['a line feed at the end', 'v=DKIM1; p=x\n', 'bad-value', 11],
    ['a line feed after the last semicolon', 'v=DKIM1; p=x;\n', 'bad-value', 13],
  ];
  it.each(broken)('reports: %s', (_, text, kind, offset) => {
    expect(parseTagList(text).defects).toMatchObject([{ kind, offset }]);
  });

  it('reads the tags around line breaks that do not fold as lenient parsers do', () => {
    expect(parseTagList('v=DKIM1;\np=x\n').tags).toMatchObject([
      { name: 'v', value: 'DKIM1' },
      { name: 'p', value: 'x' },
    ]);
  });

  it('gives the offsets of the name and of the value', () => {
    const text = ' v = DKIM1 ; p= abc';
    for (const { name, value, offset, valueOffset } of parseTagList(text).tags) {
      expect(text.slice(offset).startsWith(name)).toBe(true);
      expect(text.slice(valueOffset).startsWith(value)).toBe(true);
    }
  });

  it('never throws, and every offset is inside the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { tags, defects } = parseTagList(text);
        for (const { offset } of [...tags, ...defects]) expect(offset >= 0 && offset <= text.length).toBe(true);
      }),
    );
  });

  it('parses every list that the grammar allows', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/);
    const value = fc.stringMatching(/^[!-:<-~]([!-:<-~ ]{0,10}[!-:<-~])?$/);
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { minLength: 1, selector: ([key]) => key }), (pairs) => {
        const list = parseTagList(pairs.map(([key, text]) => `${key}=${text}`).join('; '));
        expect(list.tags.map((tag) => [tag.name, tag.value])).toEqual(pairs);
        expect(list.defects).toEqual([]);
      }),
    );
  });

  it('parses 64 KiB of semicolons', () => {
    expect(parseTagList(';'.repeat(65_536)).defects).toHaveLength(65_536);
  });
});
