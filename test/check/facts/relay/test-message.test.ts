/** Tests the message of `--active-data`. */
import { describe, expect, test } from 'vitest';
import { testMessage } from '../../../../src/check/facts/relay/test-message.ts';

describe('relay test message', () => {
  test.each([
    ['probe.example.net', 'probe.example.net'],
    ['[192.0.2.1]', 'mailcheck.invalid'],
    ['[IPv6:2001:db8::1]', 'mailcheck.invalid'],
    ['x[1]', 'x[1]'],
    ['[1]x', '[1]x'],
  ])('probe name %s: header and text', (probeName, host) => {
    const now = Date.parse('2026-01-02T03:04:05Z');
    const lines = testMessage({
      token: 'mailcheck-1',
      recipient: 'me@elsewhere.example',
      vector: 'plain',
      now,
      probeName,
    });
    expect(lines.slice(0, 9)).toEqual([
      'From: mailcheck relay test <me@elsewhere.example>',
      'To: <me@elsewhere.example>',
      'Subject: mailcheck relay test mailcheck-1',
      'Date: Fri, 02 Jan 2026 03:04:05 +0000',
      `Message-ID: <mailcheck-1@${host}>`,
      'Auto-Submitted: auto-generated',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=us-ascii',
      '',
    ]);
    expect(lines.slice(9).join(' ')).toMatch(/relays for strangers.*that it does\. .*: plain$/);
    expect(lines.every((line) => line.length <= 78)).toBe(true);
  });
});
