/**
 * Makes HTML into which text cannot inject markup. Every value in a template is made printable and escaped, unless it
 * is markup from another template. No other module can make markup.
 */
import { printable } from '../printable.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // Some old parsers treat the backtick as a quote, or as the end of an attribute without quotes.
  '`': '&#96;',
};

/** Markup that is safe to insert. Only this module can make it, because the constructor is not exported. */
class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** An address that is safe as the target of a link. */
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

/** The values that a template takes. `null`, `undefined` and `false` add nothing. */
export type Content = Markup | WebAddress | string | number | null | undefined | false | readonly Content[];

/** Matches the end of a template literal that is inside an attribute with an address, a style or a script. */
const ACTIVE_ATTRIBUTE = /[\s"'](href|src|srcset|action|formaction|data|style|on[a-z]+|xlink:href)\s*=\s*"[^"]*$/i;

/**
 * Makes markup from a template. A value may be between tags, or in an attribute with double quotes. An attribute with
 * an address takes only a `WebAddress`.
 *
 * @throws TypeError for a template that has a value in an unsafe place. This is a bug of the template, whatever the
 *   value.
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

/** The most characters of a record or command. A TXT record has at most 65535 octets (RFC 1035 §3.2.1). */
const MAX_COPYABLE = 70_000;

/**
 * @returns the whole text. Other values are cut at 2000 characters, but a record or command must be complete to be
 *   copied.
 */
export function whole(text: string): Markup {
  const pieces = text.slice(0, MAX_COPYABLE).match(/[\s\S]{1,1000}/gu) ?? [];
  return new Markup(joined(text.length > MAX_COPYABLE ? [...pieces, `… (${text.length} characters)`] : pieces));
}

/** @returns the normalised address for the scheme http or https, or undefined for any other text. */
export function webAddress(text: string): WebAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, href } = new URL(text);
  // An address with a user name is refused, because readers may mistake the user name for the host.
  return (protocol === 'https:' || protocol === 'http:') && username === '' ? new WebAddress(href) : undefined;
}

/** @returns the address of a place in the same document. */
export function anchor(id: string): WebAddress {
  return new WebAddress(`#${encodeURIComponent(id)}`);
}

/**
 * @param css the style sheet, which must not contain values from reports.
 * @returns the style element.
 * @throws TypeError for a style sheet that contains `<`.
 */
export function styleElement(css: string): Markup {
  if (css.includes('<')) throw new TypeError('a style sheet with markup in it');
  return new Markup(`<style>${css}</style>`);
}

/** @returns the address of a file in the same folder, or undefined for a name that is no plain file name. */
export function fileAddress(name: string): WebAddress | undefined {
  return /^[a-z0-9][a-z0-9._-]*$/i.test(name) ? new WebAddress(name) : undefined;
}

/**
 * @param script the script, which must not contain values from reports.
 * @returns the script element.
 * @throws TypeError for a script that contains `<`.
 */
export function scriptElement(script: string): Markup {
  if (script.includes('<')) throw new TypeError('a script with markup in it');
  return new Markup(`<script>${script}</script>`);
}
