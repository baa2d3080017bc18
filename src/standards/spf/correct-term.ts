/**
 * Reads one term of an SPF record as the term that was meant: a misspelt name, a wrong separator, the wrong kind of
 * argument, two terms without a space between them. A reading is given only where no other one is plausible.
 */
import { distance } from 'fastest-levenshtein';
import { hasKnownTop, isPlainName, readName } from './correct-name.ts';
import { readNetwork } from './correct-network.ts';
import { parseRecord } from './parse.ts';
import type { Term } from './record.ts';
import type { SpfSlipKind } from './slip.ts';

/** The terms that a text means, as they are written, and its slips. Without slips, the text is a term as it stands. */
export interface TermReading {
  readonly terms: readonly string[];
  readonly kinds: readonly SpfSlipKind[];
}

/** The tokens of other services by the names that they have in a TXT record. */
const SERVICE_TOKEN =
  /^(?:ms|docusign|amazonses|[a-z0-9._-]*verif[a-z0-9._-]*|(?:google|facebook|apple|zoom|dropbox|cisco|citrix|webex|adobe|globalsign|h1|onetrust|pardot|status-page|wrike|mongodb|loom|canva|notion|openai|tiktok|twilio)[a-z0-9._-]*)=\S+$/i;

/** The names that take an argument, by what people write for them. */
const NAMES: Readonly<Record<string, string>> = {
  include: 'include',
  includes: 'include',
  incl: 'include',
  exists: 'exists',
  a: 'a',
  mx: 'mx',
  ptr: 'ptr',
  ip4: 'ip4',
  ipv4: 'ip4',
  ip6: 'ip6',
  ipv6: 'ip6',
  ip: 'ip4',
  redirect: 'redirect',
  exp: 'exp',
};

/** The names that are long enough to be recognised when they are misspelt. */
const LONG_NAMES = ['include', 'redirect', 'exists'] as const;

/** Where a term may begin without a space before it: at a name with its separator, or at a qualifier with a name. */
const INNER_START =
  /[-~?+](?:all$|all(?=[-~?+])|(?:include|exists|ip[46]|a|mx|ptr)[:/=]|(?:a|mx|ptr)$)|(?:include|exists|ipv?[46]|redirect|exp)[:=]|(?:a|mx|ptr):/gi;

/** Longest piece in front of another term that is mended. No name is longer. */
const MAX_MENDED_PIECE = 300;

/** @returns the reading of a text without white space, or `null` when it is not plain what it means. */
export function readTerm(text: string): TermReading | null {
  const term = validTerm(text);
  if (term && isPlausible(term)) return { terms: [text], kinds: [] };
  const reading = readPieces(text) ?? readTrimmed(text);
  if (reading) return reading;
  // What the grammar allows stays as it is.
  return term ? { terms: [text], kinds: [] } : null;
}

/** @returns whether a text is a token of another service. */
export function isServiceToken(text: string): boolean {
  return SERVICE_TOKEN.test(text);
}

/** @returns the name in a text that is nothing but a name which an argument must follow, or `null`. */
export function nameWithoutArgument(text: string): string | null {
  const [, name = ''] = /^[-~?+]?([a-z0-9-]+)[:=.]*$/i.exec(text) ?? [];
  const known = knownName(name);
  return known === null ? null : known;
}

/** @returns the term if the text is one by the grammar (RFC 7208 §12). */
export function validTerm(text: string): Term | undefined {
  if (text === '' || text.includes(' ')) return undefined;
  const { terms, problems } = parseRecord(`v=spf1 ${text}`);
  return problems.length === 0 ? terms[0] : undefined;
}

/** Tells whether a valid term is what someone may have meant. The grammar allows names that no host has. */
export function isPlausible(term: Term): boolean {
  if (term.kind === 'unknown-modifier') {
    return knownName(term.name) === null;
  }
  const spec =
    term.kind === 'modifier' ? term.domainSpec : 'domainSpec' in term.mechanism ? term.mechanism.domainSpec : null;
  return spec === null || /^[^:=]*%/.test(spec.text) || isPlainName(spec.text);
}

/** Reads one term, or terms without a space between them: `ip4:192.0.2.1~all`, `include:a.exampleinclude:b.example`. */
function readPieces(text: string): TermReading | null {
  const terms: string[] = [];
  const kinds: SpfSlipKind[] = [];
  let rest = text;
  for (let piece = firstPiece(rest); piece !== null; piece = firstPiece(rest)) {
    terms.push(...piece.terms);
    kinds.push('space-missing', ...piece.kinds);
    rest = rest.slice(piece.length);
  }
  const reading = readPiece(rest);
  return reading && { terms: [...terms, ...reading.terms], kinds: [...kinds, ...reading.kinds] };
}

function readPiece(text: string): TermReading | null {
  const term = validTerm(text);
  if (term && isPlausible(term)) return { terms: [text], kinds: [] };
  return readAll(text) ?? readNamed(text) ?? readBare(text);
}

/** @returns what stands before the first place at which another term begins, if it is a whole term there. */
function firstPiece(text: string): (TermReading & { readonly length: number }) | null {
  for (const { index } of text.matchAll(INNER_START)) {
    if (index === 0) continue;
    const left = text.slice(0, index);
    if (isWhole(left)) return { terms: [left], kinds: [], length: index };
    const reading = left.length <= MAX_MENDED_PIECE ? readPiece(left) : null;
    if (reading?.terms.every(isWhole)) return { ...reading, length: index };
  }
  return null;
}

/** Tells whether a text is a term that ends where the text ends: with an address, a bare name or a top-level domain. */
export function isWhole(text: string): boolean {
  const term = validTerm(text);
  if (!term || !isPlausible(term) || term.kind === 'unknown-modifier') return false;
  const spec =
    term.kind === 'modifier' ? term.domainSpec : 'domainSpec' in term.mechanism ? term.mechanism.domainSpec : null;
  return spec === null || spec.text.endsWith('}') || hasKnownTop(spec.text);
}

/** Reads a misspelt "all" with its qualifier. Without one it would let everyone pass, so that it is not read. */
function readAll(text: string): TermReading | null {
  const after = /^all([-~])$/i.exec(text)?.[1];
  if (after !== undefined) return { terms: [`${after}all`], kinds: ['qualifier-place'] };
  // The underscore is the hyphen with the shift key.
  if (/^_all$/i.test(text)) return { terms: ['-all'], kinds: ['look-alike'] };
  const [, qualifiers = '', name = '', end = ''] = /^([-~?]+)([a-z0-9]{2,4})([.,:;=!"']*)$/i.exec(text) ?? [];
  const qualifier = qualifiers.charAt(0);
  if (qualifier === '' || [...qualifiers].some((other) => other !== qualifier)) return null;
  const isAll = name.toLowerCase() === 'all';
  const letters = name.toLowerCase().replace(/[1i|!]/g, 'l');
  if (!isAll && (Object.hasOwn(NAMES, letters) || !isNear(letters, 'all', 1))) return null;
  const kinds: SpfSlipKind[] = [];
  if (!isAll) kinds.push('name-misspelt');
  if (qualifiers.length > 1) kinds.push('qualifier-place');
  if (end !== '') kinds.push(/^[,;]+$/.test(end) ? 'separator' : 'punctuation');
  return { terms: [`${qualifier}all`], kinds };
}

/** Reads a term with a name and an argument. */
function readNamed(text: string): TermReading | null {
  const [, qualifiers = '', body = ''] = /^([-~?+]*)(.*)$/s.exec(text) ?? [];
  const qualifier = qualifiers.charAt(0);
  if ([...qualifiers].some((other) => other !== qualifier)) return null;
  const kinds: SpfSlipKind[] = qualifiers.length > 1 ? ['qualifier-place'] : [];
  for (const { typed, separator, argument } of divisions(body)) {
    const reading = readArgument(typed, separator, argument);
    if (reading) {
      const isModifier = /^(?:redirect|exp)=/.test(reading.terms[0] ?? '');
      if (isModifier && qualifier !== '') kinds.push('qualified-modifier');
      const terms = reading.terms.map((term) => (isModifier ? term : qualifier + term));
      return { terms, kinds: [...kinds, ...reading.kinds] };
    }
  }
  return null;
}

interface Division {
  readonly typed: string;
  readonly separator: string;
  readonly argument: string;
}

/** Divides a body into name and argument: at the separator, or behind a known name without one. */
function* divisions(body: string): Generator<Division> {
  const [, typed = '', separator = '', argument = ''] = /^([a-z0-9_-]+)([:=.;]*)(.*)$/is.exec(body) ?? [];
  if (separator !== '' || argument.startsWith('/')) yield { typed, separator, argument };
  const [, name, rest] =
    // The names of providers begin with an underscore.
    /^(include(?=-?[a-z0-9_%])|redirect(?=[a-z0-9_])|exists(?=%)|ipv?[46](?=[-_]?[\d[]))(?:(?<=include)-|(?<!include)[-_])?(.+)$/is.exec(
      body,
    ) ?? [];
  if (name !== undefined && rest !== undefined) yield { typed: name, separator: '', argument: rest };
}

function readArgument(typed: string, separator: string, argument: string): TermReading | null {
  const lower = typed.toLowerCase();
  const network = readNetwork(argument);
  const name = knownName(lower) ?? (network && isNearIp(lower) ? `ip${network.family}` : null);
  if (name === null) return null;
  const isModifier = name === 'redirect' || name === 'exp';
  const kinds: SpfSlipKind[] = [];
  if (!(lower in NAMES) || ['includes', 'incl', 'ipv4', 'ipv6', 'ip'].includes(lower)) kinds.push('name-misspelt');
  const isOptional = name === 'a' || name === 'mx' || name === 'ptr';
  const hasNoName = isOptional && (argument === '' || (separator === '' && argument.startsWith('/')));
  if (separator !== (isModifier ? '=' : ':') && !hasNoName) {
    // A dot after a short name may be part of a host name.
    const isShort = isOptional || name === 'exp' || (!network && name.startsWith('ip'));
    if (isShort && separator.startsWith('.')) return null;
    kinds.push(separatorSlip(separator, isModifier));
  }
  if (argument === '') {
    return isOptional ? { terms: [typed], kinds: [separator === ';' ? 'separator' : 'punctuation'] } : null;
  }
  if (network && !isModifier && name !== 'exists') {
    if (name !== 'ip4' && name !== 'ip6') kinds.push('address-for-name');
    else if (name !== `ip${network.family}` && lower !== 'ip') kinds.push('address-family');
    return {
      terms: network.networks.map((each) => `ip${network.family}:${each}`),
      kinds: [...kinds, ...network.kinds],
    };
  }
  return readNameArgument(name === lower ? typed : name, argument, kinds);
}

function separatorSlip(separator: string, isModifier: boolean): SpfSlipKind {
  if (isModifier) return 'equals-sign';
  return separator === '=' ? 'not-a-modifier' : 'colon';
}

/** Reads the argument of a term that takes a name. A host name after `ip4:` was meant for `a:`. */
function readNameArgument(typed: string, argument: string, kinds: readonly SpfSlipKind[]): TermReading | null {
  const name = typed.toLowerCase();
  const again = /^(include|exists|redirect|a|mx)[:=]+(?=.)/i.exec(argument);
  if (again && again[1]?.toLowerCase() === name) {
    return readNameArgument(typed, argument.slice(again[0].length), [...kinds, 'punctuation']);
  }
  const isAddress = name === 'ip4' || name === 'ip6';
  const takesLength = isAddress || name === 'a' || name === 'mx';
  const [, spec = '', lengths = ''] = takesLength
    ? (/^(.*?)((?:\/\d+)?(?:\/\/\d+)?)$/s.exec(argument) ?? [])
    : ['', argument, ''];
  const length = lengths.replace(/\/0+(?=[1-9])/g, '/');
  const end = length === lengths ? [] : (['prefix-length'] as const);
  if (spec === '' && (name === 'a' || name === 'mx')) return whole(`${typed}${length}`, [...kinds, ...end]);
  const read = readName(spec);
  if (read === null) return null;
  if (isAddress) return whole(`a:${read.name}${length}`, [...kinds, 'name-for-address', ...read.kinds, ...end]);
  const separator = name === 'redirect' || name === 'exp' ? '=' : ':';
  return whole(`${typed}${separator}${read.name}${length}`, [...kinds, ...read.kinds, ...end]);
}

/** @returns the reading if it is a valid term. */
function whole(term: string, kinds: readonly SpfSlipKind[]): TermReading | null {
  return validTerm(term) ? { terms: [term], kinds } : null;
}

/** Reads an address or network without a name, with its qualifier. */
function readBare(text: string): TermReading | null {
  const [, qualifier = '', argument = ''] = /^([-~?+]?)(.*)$/s.exec(text) ?? [];
  const network = readNetwork(argument);
  if (!network) return null;
  const terms = network.networks.map((each) => `${qualifier}ip${network.family}:${each}`);
  return { terms, kinds: ['address-alone', ...network.kinds] };
}

/** Reads a term with characters around it that do not belong to it: `"a"`, `mx.`, `(include:a.example)`. */
function readTrimmed(text: string): TermReading | null {
  const trimmed = text.replace(/^["'\\([{<.,:;*]+/, '').replace(/(?<!["'\\)\]}>.,:;/!])["'\\)\]}>.,:;/!]+$/, '');
  // What stands before "all" may have been meant as its qualifier.
  if (trimmed === text || trimmed === '' || (/^\+?all$/i.test(trimmed) && !text.startsWith(trimmed))) return null;
  const isSeparated = /^[,;]+$/.test(text.replace(trimmed, ''));
  const reading = readPieces(trimmed);
  return reading && { terms: reading.terms, kinds: [isSeparated ? 'separator' : 'punctuation', ...reading.kinds] };
}

/** @returns the name of a mechanism or modifier that a typed name means, or `null`. */
function knownName(typed: string): string | null {
  const lower = typed.toLowerCase();
  const exact = Object.hasOwn(NAMES, lower) ? NAMES[lower] : undefined;
  if (exact !== undefined) return exact;
  const near = LONG_NAMES.filter((name) => isNear(lower, name, lower.length >= 6 && name !== 'exists' ? 2 : 1));
  return near.length === 1 ? (near[0] ?? null) : null;
}

function isNearIp(typed: string): boolean {
  return /^[a-z1]*p/.test(typed) && ['ip4', 'ip6', 'ipv4', 'ipv6', 'ip'].some((name) => isNear(typed, name, 1));
}

/** Tells whether one text becomes the other by so many edits. Two letters that changed places are one edit. */
export function isNear(typed: string, name: string, edits: number): boolean {
  if (Math.abs(typed.length - name.length) > edits) return false;
  if (distance(typed, name) <= edits) return true;
  if (typed.length !== name.length) return false;
  const at = [...typed].findIndex((letter, index) => letter !== name.charAt(index));
  const swapped = typed.slice(0, at) + typed.charAt(at + 1) + typed.charAt(at) + typed.slice(at + 2);
  return distance(swapped, name) <= edits - 1;
}
