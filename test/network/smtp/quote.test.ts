import { expect, test } from 'vitest';
import { MAX_QUOTE, quoteLines, quoteReply } from '../../../src/network/smtp/quote.ts';

test.each<[string, readonly string[], string]>([
  ['one line as it is', ['5.7.1 Relay access denied'], '5.7.1 Relay access denied'],
  [
    'every line, and not the last one alone',
    ['mx.example.com service not available', 'The address is block listed.', 'See https://example.com/case'],
    'mx.example.com service not available The address is block listed. See https://example.com/case',
  ],
  [
    'a sentence that is broken over lines',
    ['5.7.26 This mail is blocked because the', '5.7.26 sender is unauthenticated.'],
    '5.7.26 This mail is blocked because the sender is unauthenticated.',
  ],
  ['a repeated line once', ['go away', 'go away', ''], 'go away'],
  ['another enhanced code of a later line', ['4.7.0 Too many', '4.7.1 call 555-0100'], '4.7.0 Too many call 555-0100'],
  ['a number that is no enhanced code', ['wait', '4.7.0.1 is the version'], 'wait 4.7.0.1 is the version'],
  ['no text', [''], ''],
])('the quoted lines of a reply: %s', (_, lines, quoted) => {
  expect(quoteLines(lines)).toBe(quoted);
});

test('a long reply is quoted from its beginning', () => {
  const quoted = quoteLines(['The cause.', 'x'.repeat(2 * MAX_QUOTE)]);
  expect(quoted.length).toBe(MAX_QUOTE);
  expect(quoted).toMatch(/^The cause\. x+…$/);
});

test('a reply is quoted with its code', () => {
  expect(quoteReply({ code: 554, lines: ['5.7.1 no', '5.7.1 never'] })).toBe('554 5.7.1 no never');
  expect(quoteReply({ code: 421, lines: [''] })).toBe('421');
});

test.each([
  ['UTF-8', 'D\xc3\xa9sol\xc3\xa9', 'Désolé'],
  ['Latin-1', 'D\xe9sol\xe9', 'Désolé'],
])('quotes a reply in %s as letters', (_, octets, letters) => {
  expect(quoteLines([octets])).toBe(letters);
});
