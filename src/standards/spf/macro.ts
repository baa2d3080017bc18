/** Macro expansion (RFC 7208 §7.2, §7.3), and what makes its result a name that can be asked for (§4.3, §4.8). */
import { domainToASCII } from 'node:url';
import { type IpAddress, ipBytes, ipFamily } from '../../network/ip.ts';
import { MAX_LABEL_OCTETS, MAX_NAME_OCTETS } from './limits.ts';
import type { MacroLetter, MacroPart, MacroString } from './record.ts';

/** What the letters stand for during one check. */
export interface MacroValues {
  readonly ip: IpAddress;
  /** `<sender>`: local part and domain. */
  readonly localPart: string;
  readonly senderDomain: string;
  /** `<domain>` of the record being evaluated. */
  readonly domain: string;
  readonly heloName: string;
  /** The receiving host, or "unknown". */
  readonly receiver: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** `%{p}`; "unknown" where no name validates. */
  readonly validatedName: string;
}

/** @returns the letters used. */
export function macroLetters(macro: MacroString): ReadonlySet<MacroLetter> {
  return new Set(macro.parts.flatMap((part) => (part.kind === 'macro' ? [part.letter] : [])));
}

export function expandMacros(macro: MacroString, values: MacroValues): string {
  return expandWith(macro, (letter) => letterValue(letter, values));
}

/**
 * Expands a `domain-spec` to a target name: a trailing dot is dropped, and a name that is too long loses labels from
 * its left side (§7.3).
 */
export function expandTarget(macro: MacroString, values: MacroValues): string {
  return fitName(expandMacros(macro, values));
}

/** @returns the target where it is the same for every message from the sender's domain; `null` where it is not. */
export function expandFixedTarget(macro: MacroString, domain: string, senderDomain: string): string | null {
  for (const letter of macroLetters(macro)) if (letter !== 'd' && letter !== 'o') return null;
  return fitName(expandWith(macro, (letter) => (letter === 'd' ? domain : senderDomain)));
}

function fitName(expanded: string): string {
  // Only the end can survive; one octet more than fits, so that a label cut in two here is dropped below.
  let name = withoutTrailingDot(expanded).slice(-(MAX_NAME_OCTETS + 1));
  while (octets(name) > MAX_NAME_OCTETS && name.includes('.')) name = name.slice(name.indexOf('.') + 1);
  return name;
}

/**
 * Whether the DNS can be asked for a name: no empty or over-long label, not over-long as a whole. What a mechanism
 * does with any other name is undefined (§4.8); here it finds nothing, and an `include` or `redirect` finds no record.
 */
export function isQueryableName(name: string): boolean {
  if (name === '' || octets(name) > MAX_NAME_OCTETS) return false;
  return name.split('.').every((label) => label !== '' && octets(label) <= MAX_LABEL_OCTETS);
}

/**
 * Whether check_host() can be run on a domain at all (§4.3): a queryable name of several labels, not an address
 * literal.
 */
export function isCheckableDomain(domain: string): boolean {
  return isQueryableName(domain) && domain.includes('.') && /^[\x21-\x7e]+$/.test(domain) && !/[[\]]/.test(domain);
}

/** @returns the domain in the form in which it is asked for: A-labels (§2.1 of RFC 8616), without the trailing dot. */
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

/** §7.3: split at the delimiters, reverse, keep right-hand parts, join with dots. Empty parts count. */
function transform(value: string, part: MacroPart & { kind: 'macro' }): string {
  if (part.keep === null && !part.reversed && part.delimiters === '') return value;
  const delimiters = (part.delimiters || '.').replaceAll('-', '\\-');
  const parts = value.split(new RegExp(`[${delimiters}]`));
  if (part.reversed) parts.reverse();
  return parts.slice(part.keep === null ? 0 : -part.keep).join('.');
}

/** In upper case, as the published test suite of the RFC has it; in a query name the case does not matter. */
function dottedNibbles(ip: IpAddress): string {
  return [...ipBytes(ip)]
    .map((octet) => octet.toString(16).padStart(2, '0').toUpperCase().split('').join('.'))
    .join('.');
}

/** Everything outside `unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"` (§7.3, RFC 3986 §2.3). */
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
