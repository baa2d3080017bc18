import { describe, expect, test } from 'vitest';
import { mailboxText, mailtoUri, parseMailbox } from '../../src/network/mailbox.ts';

describe('parseMailbox (RFC 5321 §4.1.2)', () => {
  test.each([
    ['you@example.com', 'you@example.com'],
    ['  You.Too@EXAMPLE.com. ', 'You.Too@example.com'],
    ['<you@example.com>', 'you@example.com'],
    ['you+tag@bücher.example', 'you+tag@xn--bcher-kva.example'],
    ["!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-@example.com"],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('accepts %s → %s', (text, expected) => {
    const mailbox = parseMailbox(text);
    expect(mailbox && mailboxText(mailbox)).toBe(expected);
  });

  test.each([
    ['no domain', 'you@'],
    ['no local part', '@example.com'],
    ['a name alone', 'example.com'],
    ['a single label', 'you@localhost'],
    ['a dot at the beginning of the local part', '.you@example.com'],
    ['two dots in a row in the local part', 'you..too@example.com'],
    ['a dot at the end of the local part', 'you.@example.com'],
    ['a local part of 65 octets (§4.5.3.1.1)', `${'a'.repeat(65)}@example.com`],
    ['a quoted string', '"you too"@example.com'],
    ['an address literal', 'you@[192.0.2.1]'],
    ['a space in the local part', 'you too@example.com'],
    ['two mailboxes', 'you@example.com,me@example.com'],
    ['a path without its closing bracket', '<you@example.com'],
    ['characters that are not ASCII', 'bücher@example.com'],
    ['a second line', 'you@example.com\nDATA'],
  ])('rejects %s', (_, text) => {
    expect(parseMailbox(text)).toBeUndefined();
  });
});

describe('mailtoUri (RFC 6068 §2)', () => {
  test.each([
    ['dmarc@example.com', 'mailto:dmarc@example.com'],
    ['a.b+c-d_e~f@example.com', 'mailto:a.b+c-d_e~f@example.com'],
    // A size behind `!` would be read in a DMARC record, and a header field behind `?` in any URI.
    ['a!1m@example.com', 'mailto:a%211m@example.com'],
    ['a?b&c=d/e#f%g@example.com', 'mailto:a%3Fb%26c%3Dd%2Fe%23f%25g@example.com'],
    ["'`$x@example.com", 'mailto:%27%60%24x@example.com'],
  ])('%s → %s', (text, expected) => {
    const mailbox = parseMailbox(text);
    expect(mailbox && mailtoUri(mailbox)).toBe(expected);
  });
});
