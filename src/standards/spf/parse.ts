/**
 * Parses SPF records (RFC 7208 §4.6.1, §12). The parser never throws. A term that does not follow the grammar becomes a
 * `SyntaxProblem` with its offset, and the parser continues. So one run reports all errors of a record.
 */
import type { OctetString } from '../../network/octet-string.ts';
import { parseDomainSpec, parseMacroString } from './macro-syntax.ts';
import { ADDRESS_BITS, parseIp4Octets, parseIp6Octets } from './network.ts';
import type {
  DualPrefix,
  MacroString,
  Mechanism,
  Qualifier,
  SpfRecord,
  SyntaxErrorKind,
  SyntaxProblem,
  Term,
} from './record.ts';

/** @returns whether a TXT record (its strings joined) is an SPF record: `v=spf1` alone or before a space (§4.5). */
export function isSpfRecord(text: OctetString): boolean {
  return /^v=spf1( |$)/i.test(text);
}

/** @returns the SPF records among the TXT records of a name, each with its strings joined (§3.3, §4.5). */
export function selectRecords(records: readonly (readonly OctetString[])[]): OctetString[] {
  return records.map((strings) => strings.join('')).filter(isSpfRecord);
}

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Refusal };
interface Refusal {
  readonly kind: SyntaxErrorKind;
  readonly message: string;
}

/**
 * Parses an SPF record (§4.6.1, §12). Never throws.
 *
 * @param text a record that `isSpfRecord` accepts.
 * @returns the valid terms in their order, and a problem for each invalid one.
 */
export function parseRecord(text: OctetString): SpfRecord {
  const terms: Term[] = [];
  const problems: SyntaxProblem[] = [];
  const seen = new Set<string>();
  for (const { text: term, offset } of splitTerms(text)) {
    const read = readTerm(term, offset);
    if (!read.ok) {
      problems.push({ ...read.error, term, offset });
    } else if (read.value.kind === 'modifier' && seen.has(read.value.name)) {
      // §6: `redirect` and `exp` "MUST NOT appear in a record more than once each".
      problems.push({ kind: 'duplicate-modifier', message: 'it appears a second time', term, offset });
    } else {
      if (read.value.kind === 'modifier') seen.add(read.value.name);
      terms.push(read.value);
    }
  }
  return { text, terms, problems };
}

/** Splits `terms = *( 1*SP ( directive / modifier ) )`. Only spaces separate terms, and no other white space. */
function splitTerms(text: OctetString): { text: string; offset: number }[] {
  const terms: { text: string; offset: number }[] = [];
  for (const match of text.matchAll(/[^ ]+/g)) terms.push({ text: match[0], offset: match.index });
  return terms.slice(1);
}

/** Parses a term. It is a modifier when "=" follows its name before any ":" or "/" (§4.6.1), else a directive. */
function readTerm(term: string, offset: number): Read<Term> {
  const modifier = /^([a-z][a-z0-9._-]*)=/i.exec(term);
  if (modifier) return readModifier(term, offset, modifier[1] ?? '');
  return readDirective(term, offset);
}

function readModifier(term: string, offset: number, name: string): Read<Term> {
  const value = term.slice(name.length + 1);
  const known = name.toLowerCase();
  if (known === 'redirect' || known === 'exp') {
    const domainSpec = parseDomainSpec(value);
    if (!domainSpec.ok) return domainSpec;
    return accept({ kind: 'modifier', name: known, domainSpec: domainSpec.value, text: term, offset });
  }
  const parsed = parseMacroString(value, 'modifier-value');
  if (!parsed.ok) return parsed;
  return accept({ kind: 'unknown-modifier', name: known, value: parsed.value, text: term, offset });
}

function readDirective(term: string, offset: number): Read<Term> {
  const first = term.charAt(0);
  const qualifier: Qualifier | null = isQualifier(first) ? first : null;
  const mechanism = readMechanism(qualifier === null ? term : term.slice(1));
  if (!mechanism.ok) return mechanism;
  return accept({
    kind: 'directive',
    qualifier: qualifier ?? '+',
    mechanism: mechanism.value,
    text: term,
    offset,
  });
}

function isQualifier(character: string): character is Qualifier {
  return character === '+' || character === '-' || character === '?' || character === '~';
}

function readMechanism(text: string): Read<Mechanism> {
  const name = /^[a-z0-9._-]*/i.exec(text)?.[0].toLowerCase() ?? '';
  const rest = text.slice(name.length);
  switch (name) {
    case 'all':
      return rest === '' ? accept({ name }) : refuse('unexpected-argument', '"all" takes no argument');
    case 'include':
    case 'exists': {
      const domainSpec = readRequiredDomain(name, rest);
      return domainSpec.ok ? accept({ name, domainSpec: domainSpec.value }) : domainSpec;
    }
    case 'a':
    case 'mx':
      return readAddressMechanism(name, rest);
    case 'ptr': {
      const domainSpec = readOptionalDomain(rest);
      return domainSpec.ok ? accept({ name, domainSpec: domainSpec.value }) : domainSpec;
    }
    case 'ip4':
    case 'ip6':
      return readIpMechanism(name, rest);
    default:
      return refuse('unknown-mechanism', name === '' ? 'it has no mechanism name' : `there is no mechanism "${name}"`);
  }
}

function readRequiredDomain(name: string, rest: string): Read<MacroString> {
  if (!rest.startsWith(':')) return refuse('missing-domain', `"${name}" needs ":" and a domain name`);
  return parseDomainSpec(rest.slice(1));
}

function readOptionalDomain(rest: string): Read<MacroString | null> {
  if (rest === '') return accept(null);
  if (!rest.startsWith(':')) return refuse('unexpected-argument', `"${rest}" is not allowed here`);
  return parseDomainSpec(rest.slice(1));
}

/**
 * Parses `"a" [ ":" domain-spec ] [ dual-cidr-length ]`. Reads the lengths from the end, because a domain-spec may
 * contain "/".
 */
function readAddressMechanism(name: 'a' | 'mx', rest: string): Read<Mechanism> {
  const lengths = /(?:\/(\d+))?(?:\/\/(\d+))?$/.exec(rest);
  const cut = lengths?.index ?? rest.length;
  const prefix4 = readPrefixLength(lengths?.[1], 4);
  const prefix6 = readPrefixLength(lengths?.[2], 6);
  if (!prefix4.ok) return prefix4;
  if (!prefix6.ok) return prefix6;
  const prefixLength: DualPrefix = { 4: prefix4.value, 6: prefix6.value };
  const argument = rest.slice(0, cut);
  if (argument.startsWith('/')) return refuse('bad-prefix-length', `"${rest}" is not a prefix length`);
  const domainSpec = readOptionalDomain(argument);
  return domainSpec.ok ? accept({ name, domainSpec: domainSpec.value, prefixLength }) : domainSpec;
}

function readIpMechanism(name: 'ip4' | 'ip6', rest: string): Read<Mechanism> {
  const family = name === 'ip4' ? 4 : 6;
  const match = /^:([^/]*)(?:\/(.*))?$/s.exec(rest);
  if (match === null) return refuse('bad-address', `"${name}" needs ":" and an address`);
  const [, address = '', length] = match;
  const octets = family === 4 ? parseIp4Octets(address) : parseIp6Octets(address);
  if (octets === undefined) return refuse('bad-address', `"${address}" is not an IPv${family} address`);
  const prefixLength = readPrefixLength(length, family);
  if (!prefixLength.ok) return prefixLength;
  return accept({ name, network: { family, octets, prefixLength: prefixLength.value } });
}

/** Parses `"0" / %x31-39 0*2DIGIT`, at most the bits of an address and without leading zeros (§5.6). */
function readPrefixLength(digits: string | undefined, family: 4 | 6): Read<number> {
  const bits = ADDRESS_BITS[family];
  if (digits === undefined) return accept(bits);
  if (!/^(0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > bits) {
    return refuse('bad-prefix-length', `"/${digits}" is not an IPv${family} prefix length (0 to ${bits})`);
  }
  return accept(Number(digits));
}

function accept<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

function refuse(kind: SyntaxErrorKind, message: string): { readonly ok: false; readonly error: Refusal } {
  return { ok: false, error: { kind, message } };
}
