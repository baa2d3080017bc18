/** Text of the network whose character set is not known: one character for each octet. */

/** A character string (RFC 1035 §3.3) with one character per octet (latin1), so that no octet is lost or normalised. */
export type OctetString = string;

/** @returns the text with its octets read as UTF-8. A text that is no UTF-8 stays one character for each octet. */
export function lettersOf(text: OctetString): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}
