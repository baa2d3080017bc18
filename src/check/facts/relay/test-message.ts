/**
 * Composes the message of `--active-data` (RFC 5322). It tells the reader what it is, and tells software not to reply
 * (`Auto-Submitted`, RFC 3834).
 */

interface TestMessage {
  /** The word by which the user finds the message. */
  readonly token: string;
  readonly recipient: string;
  /** The id of the vector that the message is sent with. */
  readonly vector: string;
  /** The time for the Date field, in milliseconds since the epoch. */
  readonly now: number;
  readonly probeName: string;
}

/** @returns the lines of the message, header and body, without line endings. */
export function testMessage({ token, recipient, vector, now, probeName }: TestMessage): string[] {
  const host = probeName.replace(/^\[.*\]$/, 'mailcheck.invalid');
  return [
    `From: mailcheck relay test <${recipient}>`,
    `To: <${recipient}>`,
    `Subject: mailcheck relay test ${token}`,
    `Date: ${new Date(now).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${token}@${host}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'You asked mailcheck to test whether a mail server relays for strangers, and',
    'gave this address. That the message has reached you means that it does.',
    `The form of the envelope was: ${vector}`,
  ];
}
