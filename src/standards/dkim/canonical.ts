/** The forms in which a message is hashed, so that small changes on the way do no harm (RFC 6376 §3.4). */
import type { HeaderField } from './mail.ts';

export type Canonicalization = 'simple' | 'relaxed';

/**
 * @returns a header field without the line break at its end. White space is only space and tab (§2.8): an octet of UTF-8
 *   text such as A0 is none.
 */
export function canonicalField({ name, text }: HeaderField, form: Canonicalization): string {
  // §3.4.1: "does not change header fields in any way".
  if (form === 'simple') return text;
  // §3.4.2: unfolded, runs of white space as one space, none at the end and around the colon.
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

export function canonicalBody(body: Buffer, form: Canonicalization): Buffer {
  if (form === 'relaxed') return relaxedBody(body);
  // §3.4.3: all empty lines at the end are one CRLF, and so is an empty body.
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
    // §3.4.4: a run of white space is one space, and at the end of a line nothing.
    if (isSpace && !(octet === CR && body[index + 1] === LF)) octets[end++] = SPACE;
    isSpace = false;
    octets[end++] = octet;
  }
  // "Ignore all empty lines at the end": of a body that has no other lines, nothing is left.
  end = withoutEmptyLines(octets, end);
  if (end === 0) return octets.subarray(0, 0);
  octets[end++] = CR;
  octets[end++] = LF;
  return octets.subarray(0, end);
}

/** @returns where the last line that is not empty ends, without its CRLF. */
function withoutEmptyLines(octets: Buffer, length: number): number {
  let end = length;
  while (end >= 2 && octets[end - 1] === LF && octets[end - 2] === CR) end -= 2;
  return end;
}
