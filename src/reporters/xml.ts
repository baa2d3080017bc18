/** Writes XML 1.0. It escapes every value, but not the names of elements and attributes. */

/**
 * Matches the characters that XML 1.0 forbids even as references (§2.2): controls, lone surrogates, U+FFFE and U+FFFF.
 */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** The attributes of an element, with values that are not yet escaped. */
export type Attributes = Readonly<Record<string, string | number>>;

/** @returns `text` as character data or an attribute value. A forbidden character is written as `\u{NNNN}`. */
export function xmlText(text: string): string {
  return text
    .replace(FORBIDDEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/**
 * @param text the content, not yet escaped.
 * @returns an element with text in it.
 */
export function textElement(name: string, attributes: Attributes, text: string): string {
  return `<${name}${written(attributes)}>${xmlText(text)}</${name}>`;
}

/**
 * @param children the child elements as XML text.
 * @returns an element with child elements in it, or an empty element.
 */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  if (children.length === 0) return `<${name}${written(attributes)}/>`;
  const inner = children.map((child) => `\n${child}`).join('');
  return `<${name}${written(attributes)}>${inner}\n</${name}>`;
}

function written(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${xmlText(String(value))}"`)
    .join('');
}
