/**
 * A message as it goes over the wire: header fields and body, with CRLF line ends (RFC 5322 §2.1). RFC 6376 §3.7 hashes
 * that form, whatever line ends the message was saved with.
 */
import { type Domain, parseDomain } from '../../network/domain.ts';

export interface HeaderField {
  /** In lower case. */
  readonly name: string;
  /** The whole field, one character per octet (latin1), with the line breaks of its folding but not the last one. */
  readonly text: string;
}

export interface Mail {
  /** From the top. */
  readonly fields: readonly HeaderField[];
  readonly body: Buffer;
}

/** Octets; Postfix takes 100 KB (`header_size_limit`), and honest messages have a tenth. */
export const MAX_MESSAGE_HEADER = 100 * 1024;

const CR = 0x0d;
const LF = 0x0a;

/** @returns whether the header is of a size that mail servers take. */
export function isHeaderReadable(message: Uint8Array): boolean {
  const start = withCrlf(message.subarray(0, MAX_MESSAGE_HEADER + 4));
  return headOf(start).end !== undefined || message.length <= MAX_MESSAGE_HEADER;
}

/** @returns `undefined` for a header that is not readable. */
export function readMail(message: Uint8Array): Mail | undefined {
  if (!isHeaderReadable(message)) return undefined;
  const octets = withCrlf(message);
  const { head, end } = headOf(octets);
  return { fields: fieldsOf(head), body: octets.subarray(end ?? octets.length) };
}

/** The header, and where the body starts; a message without an empty line has no body. */
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
  // The first line of an mbox file is no part of the message.
  if (folded[0]?.[0]?.startsWith('From ')) folded.shift();
  return folded.map((lines) => {
    const text = lines.join('\r\n');
    const [name = ''] = /^[^: \t\r]*(?=[ \t]*:)/.exec(text) ?? [];
    return { name: name.toLowerCase(), text };
  });
}

/**
 * @param written octets of a header field, one character each.
 * @returns the domain in the form of the DNS, in which one in UTF-8 is compared and looked up (RFC 6532 §3.2, RFC 5890
 *   §2.3.2.1).
 */
export function domainOf(written: string): Domain | undefined {
  return parseDomain(Buffer.from(written, 'latin1').toString('utf8'));
}

/** Writes every line end as CRLF. A lone CR ends a line only in a file that has no LF, as old Macs wrote it. */
function withCrlf(message: Uint8Array): Buffer {
  // The start tells, so that a part of the message is read as the whole is.
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
