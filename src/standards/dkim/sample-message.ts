/** Checks that the user's sample is a message whose signatures can be verified. */
import { isHeaderReadable, MAX_MESSAGE_HEADER } from './mail.ts';

/** Largest sample in octets. Receivers accept smaller messages than this. */
const MAX_MESSAGE_BYTES = 50 * 1024 * 1024;

/**
 * @returns why these octets are not a usable message, in words that follow "the message", or `undefined` if they are.
 */
export function refusalOf(message: Uint8Array): string | undefined {
  if (message.length > MAX_MESSAGE_BYTES) return 'is larger than 50 MiB';
  // A message starts with header fields (RFC 5322 §2.1). An mbox file has one line before them.
  if (
    !/^(?:From [^\n]*\n)?[\x21-\x39\x3b-\x7e]+[ \t]*:/.test(Buffer.from(message.subarray(0, 2000)).toString('latin1'))
  ) {
    return 'is not a message: it must begin with its header fields, as saved with "show original"';
  }
  if (isHeaderReadable(message)) return undefined;
  return `has a header of more than ${MAX_MESSAGE_HEADER / 1024} KiB; no mail server takes it`;
}
