/** XML 1.0 as text. Names are the caller's own; every value is escaped here. */

/** What XML 1.0 cannot hold, not even escaped (§2.2): controls, lone surrogates, U+FFFE and U+FFFF. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

export type Attributes = Readonly<Record<string, string | number>>;

/** @returns `text` as character data or attribute value; what XML cannot hold is written as `\u{NNNN}`. */
export function xmlText(text: string): string {
  return text
    .replace(FORBIDDEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** @param text its content, escaped here. */
export function textElement(name: string, attributes: Attributes, text: string): string {
  return `<${name}${written(attributes)}>${xmlText(text)}</${name}>`;
}

/** @param children elements, as text already. */
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
