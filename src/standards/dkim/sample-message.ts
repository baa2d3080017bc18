/** What the message the user gives must be, so that its signatures can be verified. */
import { isHeaderReadable, MAX_MESSAGE_HEADER } from './mail.ts';

/** Larger than any receiver takes; a sample need not be. */
const MAX_MESSAGE_BYTES = 50 * 1024 * 1024;

/** @returns why these octets cannot be taken for a message, in words to follow "the message", or `undefined`. */
export function refusalOf(message: Uint8Array): string | undefined {
  if (message.length > MAX_MESSAGE_BYTES) return 'is larger than 50 MiB';
  // A message begins with header fields (RFC 5322 §2.1), in an mbox file with a line before them.
  if (
    !/^(?:From [^\n]*\n)?[\x21-\x39\x3b-\x7e]+[ \t]*:/.test(Buffer.from(message.subarray(0, 2000)).toString('latin1'))
  ) {
    return 'is not a message: it must begin with its header fields, as saved with "show original"';
  }
  if (isHeaderReadable(message)) return undefined;
  return `has a header of more than ${MAX_MESSAGE_HEADER / 1024} KiB; no mail server takes it`;
}
