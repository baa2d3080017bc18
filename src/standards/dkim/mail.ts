/**
 * Splits a message into header fields and body (RFC 5322 §2.1). RFC 6376 §3.7 hashes a message with CRLF line ends, so
 * this file restores them when the message was saved with other line ends.
 */
import { type Domain, parseDomain } from '../../network/domain.ts';

export interface HeaderField {
  /** The name in lower case. */
  readonly name: string;
  /** The whole field with one character per octet (latin1). It includes inner line breaks, but not the last one. */
  readonly text: string;
}

export interface Mail {
  /** The header fields from top to bottom. */
  readonly fields: readonly HeaderField[];
  readonly body: Buffer;
}

/** Largest header in octets. Postfix accepts 100 KB (`header_size_limit`), and honest messages have a tenth of that. */
export const MAX_MESSAGE_HEADER = 100 * 1024;

const CR = 0x0d;
const LF = 0x0a;

/** @returns whether the header is at most `MAX_MESSAGE_HEADER` octets long, so that mail servers accept it. */
export function isHeaderReadable(message: Uint8Array): boolean {
  const start = withCrlf(message.subarray(0, MAX_MESSAGE_HEADER + 4));
  return headOf(start).end !== undefined || message.length <= MAX_MESSAGE_HEADER;
}

/** @returns the header fields and the body with CRLF line ends, or `undefined` when the header is too long. */
export function readMail(message: Uint8Array): Mail | undefined {
  if (!isHeaderReadable(message)) return undefined;
  const octets = withCrlf(message);
  const { head, end } = headOf(octets);
  return { fields: fieldsOf(head), body: octets.subarray(end ?? octets.length) };
}

/** @returns the header as latin1 text and the offset of the body, or no offset when the message has no empty line. */
function headOf(octets: Buffer): { head: string; end: number | undefined } {
  if (octets[0] === CR && octets[1] === LF) return { head: '', end: 2 };
  const end = octets.indexOf('\r\n\r\n', 0, 'latin1');
  if (end < 0) return { head: octets.toString('latin1'), end: undefined };
  return { head: octets.toString('latin1', 0, end), end: end + 4 };
}

function fieldsOf(head: string): HeaderField[] {
  const folded: string[][] = [];
  for (const line of head.split('\r\n')) {
    const field = folded.at(-1);
    if (field && /^[ \t]/.test(line)) field.push(line);
    else folded.push([line]);
  }
  // The first line of an mbox file is not part of the message.
  if (folded[0]?.[0]?.startsWith('From ')) folded.shift();
  return folded.map((lines) => {
    const text = lines.join('\r\n');
    const [name = ''] = /^[^: \t\r]*(?=[ \t]*:)/.exec(text) ?? [];
    return { name: name.toLowerCase(), text };
  });
}

/**
 * Converts a domain in a header field to the form of the DNS. A domain in UTF-8 (RFC 6532 §3.2) becomes A-labels (RFC
 * 5890 §2.3.2.1).
 *
 * @param written the domain with one character per octet (latin1).
 * @returns the domain, or `undefined` when the text is not a domain.
 */
export function domainOf(written: string): Domain | undefined {
  return parseDomain(Buffer.from(written, 'latin1').toString('utf8'));
}

/** Converts every line end to CRLF. A lone CR ends a line only in a file without LF, as old Macs wrote it. */
function withCrlf(message: Uint8Array): Buffer {
  // Only the start decides, so that a part of a message gives the same result as the whole message.
  const lineEnd = message.subarray(0, MAX_MESSAGE_HEADER).includes(LF) ? LF : CR;
  const isBare = (index: number): boolean =>
    message[index] === lineEnd && (lineEnd === LF ? message[index - 1] !== CR : message[index + 1] !== LF);
  let bare = 0;
  for (let index = 0; index < message.length; index++) if (isBare(index)) bare++;
  if (bare === 0) return Buffer.from(message.buffer, message.byteOffset, message.length);
  const octets = Buffer.allocUnsafe(message.length + bare);
  let end = 0;
  for (let index = 0; index < message.length; index++) {
    if (isBare(index)) {
      octets[end++] = CR;
      octets[end++] = LF;
    } else octets[end++] = message[index] ?? 0;
  }
  return octets;
}
