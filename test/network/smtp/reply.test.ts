import { describe, expect, test } from 'vitest';
import { MAX_LINE_BYTES, MAX_REPLY_LINES, type ReplyEvent, ReplyParser } from '../../../src/network/smtp/reply.ts';
import fc from '../../fast-check.ts';

function parse(text: string, chunkSize = text.length): ReplyEvent[] {
  const parser = new ReplyParser();
  const bytes = Buffer.from(text, 'latin1');
  const events: ReplyEvent[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) events.push(...parser.feed(bytes.subarray(at, at + chunkSize)));
  return events;
}

const valid: readonly [string, string, { code: number; enhanced: string | null; lines: string[] }][] = [
  ['one line', '220 mx ESMTP\r\n', { code: 220, enhanced: null, lines: ['mx ESMTP'] }],
  [
    'several lines',
    '250-mx\r\n250-SIZE 1\r\n250 HELP\r\n',
    { code: 250, enhanced: null, lines: ['mx', 'SIZE 1', 'HELP'] },
  ],
  ['a code alone (RFC 5321 §4.2)', '250\r\n', { code: 250, enhanced: null, lines: [''] }],
  ['a lone line feed', '250-a\n250 b\n', { code: 250, enhanced: null, lines: ['a', 'b'] }],
  ['an enhanced code', '550 5.7.1 no\r\n', { code: 550, enhanced: '5.7.1', lines: ['5.7.1 no'] }],
  ['an enhanced code alone', '250 2.1.5\r\n', { code: 250, enhanced: '2.1.5', lines: ['2.1.5'] }],
  [
    'an enhanced code of another class (RFC 2034 §4)',
    '550 4.7.1 x\r\n',
    { code: 550, enhanced: null, lines: ['4.7.1 x'] },
  ],
  ['an address that looks like one', '220 2.2.2.2 x\r\n', { code: 220, enhanced: null, lines: ['2.2.2.2 x'] }],
  [
    'NUL and escape bytes as data',
    '220 a\0b\x1b[31m\xff\r\n',
    { code: 220, enhanced: null, lines: ['a\0b\x1b[31m\xff'] },
  ],
  ['a code outside the usual ones', '571 no\r\n', { code: 571, enhanced: null, lines: ['no'] }],
];

describe('ReplyParser', () => {
  test.each(valid)('reads %s', (_name, text, reply) => {
    expect(parse(text)).toEqual([{ kind: 'reply', reply }]);
    expect(parse(text, 1)).toEqual([{ kind: 'reply', reply }]);
  });

  test('reads several replies from one chunk', () => {
    expect(parse('250 a\r\n550-b\r\n550 c\r\n').map((event) => event.kind === 'reply' && event.reply.code)).toEqual([
      250, 550,
    ]);
  });

  test.each([
    ['a change of code within one reply', '250-a\r\n251 b\r\n'],
    ['what is not a reply', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a 1yz code', '150 a\r\n'],
    ['an unknown separator', '250_a\r\n'],
    ['an empty line', '\r\n'],
  ])('calls %s malformed', (_name, text) => {
    expect(parse(text)).toMatchObject([{ kind: 'error', status: 'malformed' }]);
  });

  test('returns no replies after an error', () => {
    const parser = new ReplyParser();
    parser.feed(Buffer.from('garbage\r\n'));
    expect(parser.feed(Buffer.from('250 ok\r\n'))).toEqual([]);
  });

  test.each([
    ['a line', `220 ${'a'.repeat(MAX_LINE_BYTES)}\r\n`],
    ['a line without an end', 'a'.repeat(MAX_LINE_BYTES + 1)],
    ['too many lines', '250-x\r\n'.repeat(MAX_REPLY_LINES)],
    ['too many bytes in few lines', `250-${'x'.repeat(2000)}\r\n`.repeat(40)],
  ])('stops at %s beyond the limit', (_name, text) => {
    for (const size of [text.length, 7])
      expect(parse(text, size).at(-1)).toMatchObject({ kind: 'error', status: 'too-long' });
  });

  test('accepts the longest allowed reply', () => {
    expect(parse(`${'250-x\r\n'.repeat(MAX_REPLY_LINES - 1)}250 end\r\n`)).toMatchObject([{ kind: 'reply' }]);
  });

  test('returns the same replies for any split into chunks, and never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('250-', '250 ', '550 ', 'a', '\r\n', '\n', '\0', '5.7.1 ')),
        fc.integer({ min: 1, max: 9 }),
        (parts, size) => {
          expect(parse(parts.join(''), size)).toEqual(parse(parts.join('')));
        },
      ),
    );
  });
});
