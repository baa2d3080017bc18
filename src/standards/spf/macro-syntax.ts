/** Parses `macro-string`, `domain-spec` and `explain-string` (RFC 7208 §7.1). */
import type { MacroLetter, MacroPart, MacroString, SyntaxErrorKind } from './record.ts';

export interface MacroSyntaxError {
  readonly kind: SyntaxErrorKind;
  readonly message: string;
}

export type MacroSyntax =
  | { readonly ok: true; readonly value: MacroString }
  | { readonly ok: false; readonly error: MacroSyntaxError };

/** The place of a macro string, which decides the characters and macros that it may contain. */
export type MacroPlace = 'domain-spec' | 'modifier-value' | 'explanation';

const ESCAPES: Readonly<Record<string, string>> = { '%%': '%', '%_': ' ', '%-': '%20' };

/** `"%{" macro-letter transformers *delimiter "}"`. The letters are case-insensitive (RFC 5234 §2.3). */
const MACRO = /%\{([a-z])(\d*)(r?)([.\-+,/_=]*)\}/iy;

/** @returns the parts of a macro string (§7.1), or its first syntax error. Never throws. */
export function parseMacroString(text: string, place: MacroPlace): MacroSyntax {
  const parts: MacroPart[] = [];
  let literal = '';
  const endLiteral = () => {
    if (literal !== '') parts.push({ kind: 'literal', text: literal });
    literal = '';
  };
  for (let index = 0; index < text.length; ) {
    const character = text.charAt(index);
    if (character !== '%') {
      if (!isLiteral(character, place)) return failure('bad-character', `${describe(character)} is not allowed here`);
      literal += character;
      index += 1;
      continue;
    }
    const standsFor = ESCAPES[text.slice(index, index + 2)];
    const part: MacroPart | MacroSyntaxError =
      standsFor === undefined
        ? readMacro(text, index, place)
        : { kind: 'escape', text: text.slice(index, index + 2), value: standsFor };
    if ('message' in part) return { ok: false, error: part };
    endLiteral();
    parts.push(part);
    index += part.text.length;
  }
  endLiteral();
  return { ok: true, value: { text, parts } };
}

/**
 * Parses `domain-spec = macro-string domain-end` (§7.1). It must end with a macro, or with a dot and a top label.
 *
 * @returns the parts, or the first syntax error. Never throws.
 */
export function parseDomainSpec(text: string): MacroSyntax {
  const parsed = parseMacroString(text, 'domain-spec');
  if (!parsed.ok) return parsed;
  const last = parsed.value.parts.at(-1);
  if (last === undefined) return failure('missing-domain', 'a domain name is missing');
  if (last.kind === 'literal' && !endsInTopLabel(last.text)) {
    return failure('bad-domain', `"${text}" is not a domain name with at least two labels`);
  }
  return parsed;
}

/**
 * Checks `domain-end = ( "." toplabel [ "." ] ) / macro-expand`. A top label has letters, digits and inner hyphens, and
 * is not all digits.
 */
function endsInTopLabel(literal: string): boolean {
  const name = literal.endsWith('.') ? literal.slice(0, -1) : literal;
  const dot = name.lastIndexOf('.');
  if (dot === -1) return false;
  const label = name.slice(dot + 1);
  return /^[a-z0-9-]+$/i.test(label) && !label.startsWith('-') && !label.endsWith('-') && !/^\d+$/.test(label);
}

function readMacro(text: string, index: number, place: MacroPlace): MacroPart | MacroSyntaxError {
  MACRO.lastIndex = index;
  const match = MACRO.exec(text);
  if (match === null) {
    const message = text.startsWith('%{', index)
      ? `"${text.slice(index, index + 12)}" is not a macro`
      : 'a lone "%" is not allowed; write "%%"';
    return { kind: 'bad-macro', message };
  }
  const [whole, letter = '', digits = '', reverse = '', delimiters = ''] = match;
  const lower = letter.toLowerCase();
  if (!isMacroLetter(lower)) return { kind: 'bad-macro', message: `"${whole}": there is no macro letter "${letter}"` };
  if (place === 'domain-spec' && 'crt'.includes(lower)) {
    return { kind: 'bad-macro', message: `"${whole}" is for explanation text only` };
  }
  // §7.3: "If a DIGIT is specified, it MUST be nonzero."
  if (/^0+$/.test(digits)) return { kind: 'bad-macro', message: `"${whole}" keeps zero parts` };
  return {
    kind: 'macro',
    text: whole,
    letter: lower,
    escaped: letter !== lower,
    keep: digits === '' ? null : Number(digits),
    reversed: reverse !== '',
    delimiters,
  };
}

function isMacroLetter(letter: string): letter is MacroLetter {
  return 'slodipvhcrt'.includes(letter);
}

/** Checks `macro-literal = %x21-24 / %x26-7E`. An explanation (`explain-string`) may also contain spaces. */
function isLiteral(character: string, place: MacroPlace): boolean {
  return (character > ' ' && character <= '~') || (character === ' ' && place === 'explanation');
}

/** Names an octet that `isLiteral` refuses. Such octets are not printable. */
function describe(character: string): string {
  return `octet 0x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function failure(kind: SyntaxErrorKind, message: string): MacroSyntax {
  return { ok: false, error: { kind, message } };
}
