/**
 * Canonicalization (RFC 6376 §3.4): the form of a message that is hashed, so that small changes in transit do no harm.
 */
import type { HeaderField } from './mail.ts';

export type Canonicalization = 'simple' | 'relaxed';

/**
 * Canonicalizes a header field (RFC 6376 §3.4.1, §3.4.2). Only space and tab are white space (§2.8). The octet A0,
 * which is part of some UTF-8 characters, is not.
 *
 * @returns the field without the line break at its end, one character per octet (latin1).
 */
export function canonicalField({ name, text }: HeaderField, form: Canonicalization): string {
  // §3.4.1: "does not change header fields in any way".
  if (form === 'simple') return text;
  // §3.4.2: unfold the lines, reduce white space to one space, and remove it at the end and around the colon.
  const value = text.slice(text.indexOf(':') + 1).replace(/\r\n(?=[ \t])/g, '');
  return `${name}:${value
    .replace(/[ \t]+/g, ' ')
    .replace(/^ /, '')
    .replace(/ $/, '')}`;
}

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;

/** @returns the body in canonical form (RFC 6376 §3.4.3, §3.4.4). */
export function canonicalBody(body: Buffer, form: Canonicalization): Buffer {
  if (form === 'relaxed') return relaxedBody(body);
  // §3.4.3: the empty lines at the end become one CRLF, and an empty body becomes one CRLF.
  const end = withoutEmptyLines(body, body.length);
  return Buffer.concat([body.subarray(0, end), Buffer.from('\r\n')]);
}

function relaxedBody(body: Buffer): Buffer {
  const octets = Buffer.allocUnsafe(body.length + 2);
  let end = 0;
  let isSpace = false;
  for (let index = 0; index < body.length; index++) {
    const octet = body[index] ?? 0;
    if (octet === SPACE || octet === TAB) {
      isSpace = true;
      continue;
    }
    // §3.4.4: white space becomes one space, and it disappears at the end of a line.
    if (isSpace && !(octet === CR && body[index + 1] === LF)) octets[end++] = SPACE;
    isSpace = false;
    octets[end++] = octet;
  }
  // "Ignore all empty lines at the end": a body with only empty lines becomes empty.
  end = withoutEmptyLines(octets, end);
  if (end === 0) return octets.subarray(0, 0);
  octets[end++] = CR;
  octets[end++] = LF;
  return octets.subarray(0, end);
}

/** @returns the end of the last line that is not empty, before its CRLF, in octets from the start. */
function withoutEmptyLines(octets: Buffer, length: number): number {
  let end = length;
  while (end >= 2 && octets[end - 1] === LF && octets[end - 2] === CR) end -= 2;
  return end;
}
