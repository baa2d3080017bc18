/** Expands macros (RFC 7208 §7.2, §7.3), and checks whether a name can be queried (§4.3, §4.8). */
import { domainToASCII } from 'node:url';
import { type IpAddress, ipBytes, ipFamily } from '../../network/ip.ts';
import { MAX_LABEL_OCTETS, MAX_NAME_OCTETS } from './limits.ts';
import type { MacroLetter, MacroPart, MacroString } from './record.ts';

/** The values of the macro letters during one check. */
export interface MacroValues {
  readonly ip: IpAddress;
  /** `<sender>`: its local part and its domain. */
  readonly localPart: string;
  readonly senderDomain: string;
  /** `<domain>`: the domain whose record is evaluated. */
  readonly domain: string;
  readonly heloName: string;
  /** The name of the receiving host, or "unknown". */
  readonly receiver: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** `%{p}`: a validated name of the client, or "unknown". */
  readonly validatedName: string;
}

/** @returns the macro letters in a macro string. */
export function macroLetters(macro: MacroString): ReadonlySet<MacroLetter> {
  return new Set(macro.parts.flatMap((part) => (part.kind === 'macro' ? [part.letter] : [])));
}

/** @returns the text of a macro string with all macros expanded (§7.3). */
export function expandMacros(macro: MacroString, values: MacroValues): string {
  return expandWith(macro, (letter) => letterValue(letter, values));
}

/**
 * Expands a `domain-spec` to a target name. Removes a trailing dot, and removes labels from the left of a name that is
 * too long (§7.3).
 *
 * @returns the target name, which may be invalid (see `isQueryableName`).
 */
export function expandTarget(macro: MacroString, values: MacroValues): string {
  return fitName(expandMacros(macro, values));
}

/**
 * @returns the target of a `domain-spec` that is the same for every message of the domain, or `null` when it varies.
 */
export function expandFixedTarget(macro: MacroString, domain: string, senderDomain: string): string | null {
  for (const letter of macroLetters(macro)) if (letter !== 'd' && letter !== 'o') return null;
  return fitName(expandWith(macro, (letter) => (letter === 'd' ? domain : senderDomain)));
}

function fitName(expanded: string): string {
  // Only the end of the name can remain. One extra octet ensures that the loop removes a label that is cut in two here.
  let name = withoutTrailingDot(expanded).slice(-(MAX_NAME_OCTETS + 1));
  while (octets(name) > MAX_NAME_OCTETS && name.includes('.')) name = name.slice(name.indexOf('.') + 1);
  return name;
}

/**
 * Checks whether the DNS can contain a name: no label is empty or too long, and the whole name is not too long. §4.8
 * leaves other names undefined. Here a mechanism with such a name does not match, and an `include` or `redirect` finds
 * no record.
 *
 * @returns whether the name can be queried.
 */
export function isQueryableName(name: string): boolean {
  if (name === '' || octets(name) > MAX_NAME_OCTETS) return false;
  return name.split('.').every((label) => label !== '' && octets(label) <= MAX_LABEL_OCTETS);
}

/**
 * Checks whether check_host() applies to a domain (§4.3): a queryable ASCII name of several labels, and not an address
 * literal.
 *
 * @returns whether the domain can be checked.
 */
export function isCheckableDomain(domain: string): boolean {
  return isQueryableName(domain) && domain.includes('.') && /^[\x21-\x7e]+$/.test(domain) && !/[[\]]/.test(domain);
}

/** @returns the domain in the form of DNS queries: A-labels (RFC 8616 §2.1) without trailing dot. */
export function checkedDomain(domain: string): string {
  const name = withoutTrailingDot(domain);
  if (/^[\x00-\x7f]*$/.test(name)) return name;
  const ascii = domainToASCII(name);
  return ascii === '' ? name : ascii;
}

function expandWith(macro: MacroString, value: (letter: MacroLetter) => string): string {
  return macro.parts.map((part) => expandPart(part, value)).join('');
}

function expandPart(part: MacroPart, value: (letter: MacroLetter) => string): string {
  switch (part.kind) {
    case 'literal':
      return part.text;
    case 'escape':
      return part.value;
    case 'macro': {
      const text = transform(value(part.letter), part);
      return part.escaped ? urlEscape(text) : text;
    }
  }
}

function letterValue(letter: MacroLetter, values: MacroValues): string {
  switch (letter) {
    case 's':
      return `${values.localPart}@${values.senderDomain}`;
    case 'l':
      return values.localPart;
    case 'o':
      return values.senderDomain;
    case 'd':
      return values.domain;
    case 'i':
      return ipFamily(values.ip) === 4 ? values.ip : dottedNibbles(values.ip);
    case 'p':
      return values.validatedName;
    case 'v':
      return ipFamily(values.ip) === 4 ? 'in-addr' : 'ip6';
    case 'h':
      return values.heloName;
    case 'c':
      return values.ip;
    case 'r':
      return values.receiver;
    case 't':
      return String(Math.floor(values.now / 1000));
  }
}

/**
 * Transforms a value (§7.3): splits it at the delimiters, reverses it, keeps right-hand parts and joins them with dots.
 */
function transform(value: string, part: MacroPart & { kind: 'macro' }): string {
  if (part.keep === null && !part.reversed && part.delimiters === '') return value;
  const delimiters = (part.delimiters || '.').replaceAll('-', '\\-');
  const parts = value.split(new RegExp(`[${delimiters}]`));
  if (part.reversed) parts.reverse();
  return parts.slice(part.keep === null ? 0 : -part.keep).join('.');
}

/** Writes the nibbles in upper case, as the test suite of RFC 7208 does. The case makes no difference in a query. */
function dottedNibbles(ip: IpAddress): string {
  return [...ipBytes(ip)]
    .map((octet) => octet.toString(16).padStart(2, '0').toUpperCase().split('').join('.'))
    .join('.');
}

/** Escapes all octets outside `unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"` (§7.3, RFC 3986 §2.3). */
function urlEscape(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((octet) => {
      const character = String.fromCharCode(octet);
      return /[A-Za-z0-9._~-]/.test(character) ? character : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function withoutTrailingDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function octets(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
