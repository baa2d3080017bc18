/**
 * HTML that cannot be forged: the one place where text becomes markup. Everything put into a template is made printable
 * and escaped, unless it is markup made by another template; there is no other way to make any.
 */
import { printable } from '../printable.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // What some parsers still take for a quote, or for the end of an unquoted attribute.
  '`': '&#96;',
};

/** Made by `html` alone: the constructor is not exported. */
class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** An address that a link may lead to. */
class WebAddress {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type { Markup, WebAddress };

/** What a template takes; nothing at all for `null`, `undefined` and `false`. */
export type Content = Markup | WebAddress | string | number | null | undefined | false | readonly Content[];

/** Attributes in which a string is more than text. */
const ACTIVE_ATTRIBUTE = /[\s"'](href|src|srcset|action|formaction|data|style|on[a-z]+|xlink:href)\s*=\s*"[^"]*$/i;

/**
 * The template tag. Values stand between tags or in attributes in double quotes; in an attribute that leads somewhere,
 * only as the whole value and only as a `WebAddress`.
 *
 * @throws TypeError where a template could not keep its promise: a fault of the program, whatever the value.
 */
export function html(literals: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = '';
  for (const [index, literal] of literals.entries()) {
    text += literal;
    if (index >= values.length) break;
    const value = values[index];
    if (/=\s*$/.test(literal)) throw new TypeError(`a value without quotes: ${literal.slice(-40)}`);
    if (ACTIVE_ATTRIBUTE.test(literal) && !(value instanceof WebAddress)) {
      throw new TypeError(`a value that is no address: ${literal.slice(-40)}`);
    }
    text += escaped(value);
  }
  return new Markup(text);
}

function escaped(value: Content): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'object') return value instanceof WebAddress ? escapeText(value.toString()) : joined(value);
  return escapeText(printable(String(value)));
}

function joined(values: readonly Content[]): string {
  return values.map(escaped).join('');
}

function escapeText(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}

/** Characters of a record or command: more than a TXT record can hold (RFC 1035 §3.2.1: 65535 octets). */
const MAX_COPYABLE = 70_000;

/** @returns text of which nothing is left out, as what is copied must be whole. */
export function whole(text: string): Markup {
  const pieces = text.slice(0, MAX_COPYABLE).match(/[\s\S]{1,1000}/gu) ?? [];
  return new Markup(joined(text.length > MAX_COPYABLE ? [...pieces, `… (${text.length} characters)`] : pieces));
}

/** @returns the address where it is one of the web, as a browser would read it; undefined for any other scheme. */
export function webAddress(text: string): WebAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, href } = new URL(text);
  // A user name in front of the host is there to be taken for the host.
  return (protocol === 'https:' || protocol === 'http:') && username === '' ? new WebAddress(href) : undefined;
}

/** @returns the address of a place in the same document. */
export function anchor(id: string): WebAddress {
  return new WebAddress(`#${encodeURIComponent(id)}`);
}

/** The style sheet, which holds no value from anywhere. */
export function styleElement(css: string): Markup {
  if (css.includes('<')) throw new TypeError('a style sheet with markup in it');
  return new Markup(`<style>${css}</style>`);
}
