/** Quotes values for the formats of plans. The result is ASCII, so that no character acts on an editor or a terminal. */
import { lettersOf, type OctetString } from '../../network/octet-string.ts';

/**
 * @param indent the spaces of one level. One line when absent.
 * @returns a value as JSON. A string is also a string of JavaScript: it has no line end and nothing else that would end it.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[^\n\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** @returns a text as a scalar of YAML in double quotes (YAML 1.2 §7.3.1), which parsers of YAML 1.1 read as well. */
export function yamlText(text: string): string {
  const plain = JSON.stringify(text);
  return plain.replace(
    /[^\x20-\x7e]/gu,
    (letter) => `\\U${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(8, '0')}`,
  );
}

/** @returns the octets read as UTF-8, or `undefined` when they are no UTF-8. */
export function unicodeOf(octets: OctetString): string | undefined {
  const letters = lettersOf(octets);
  return Buffer.from(letters, 'utf8').toString('latin1') === octets ? letters : undefined;
}

/** @returns the octets of a text in UTF-8, one letter an octet. */
export function octetsOfText(text: string): OctetString {
  return Buffer.from(text, 'utf8').toString('latin1');
}
