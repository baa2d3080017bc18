/** Analyses which addresses a record allows in total, from its static walk and without a certain client. */
import { parse as parseSuffix } from 'tldts';
import type { OctetString } from '../../network/octet-string.ts';
import { macroLetters } from './macro.ts';
import type { Network } from './network.ts';
import { parseRecord } from './parse.ts';
import {
  type Directive,
  effectiveDirectives,
  effectiveRedirect,
  isDirective,
  type MacroLetter,
  type MacroString,
  type Modifier,
  type SpfRecord,
} from './record.ts';
import type { WalkNode } from './walk.ts';

/**
 * @returns the node at the end of the chain of redirects (§6.1), whose record decides, or `null` when it is not known.
 */
export function decidingNode(root: WalkNode): WalkNode | null {
  let node = root;
  // The chain is finite, because the walk ends a loop with a node without record.
  while (node.record !== null && node.status === 'record') {
    const redirect = effectiveRedirect(node.record);
    if (redirect === undefined) return node;
    const next = node.terms.find(({ term }) => term === redirect)?.node;
    if (!next) return null;
    node = next;
  }
  return null;
}

export interface PermittedNetwork {
  readonly domain: string;
  readonly term: string;
  readonly network: Network;
}

/** @returns the networks with the result `pass`: `ip4` and `ip6` with "+", also in records included with "+". */
export function permittedNetworks(node: WalkNode): PermittedNetwork[] {
  if (node.record === null || node.status !== 'record') return [];
  const own = passing(node.record).flatMap((directive) => permitted(node, directive));
  const redirected = node.terms.find(({ term }) => term.kind === 'modifier')?.node;
  return redirected ? [...own, ...permittedNetworks(redirected)] : own;
}

/** @returns the terms with "+" that may allow any address: `all`, `exists` and prefix lengths of zero. */
export function openTerms(node: WalkNode): { domain: string; term: string }[] {
  if (node.record === null || node.status !== 'record') return [];
  const own = passing(node.record).flatMap((directive) => {
    const below = node.terms.find(({ term }) => term === directive)?.node;
    if (below) return openTerms(below);
    return isOpen(directive) ? [{ domain: node.domain, term: directive.text }] : [];
  });
  const redirected = node.terms.find(({ term }) => term.kind === 'modifier')?.node;
  return redirected ? [...own, ...openTerms(redirected)] : own;
}

/** @returns whether a term is open (see `openTerms`): it may allow addresses that it does not name. */
export function isOpenTerm(text: string): boolean {
  return parseRecord(`v=spf1 ${text}`).terms.some((term) => isDirective(term) && isOpen(term));
}

/** @returns the number of IPv4 addresses in all networks together. Overlapping networks count once. */
export function countIpv4(networks: readonly Network[]): number {
  const ranges = networks
    .filter(({ family }) => family === 4)
    .map(({ octets, prefixLength }) => {
      const size = 2 ** (32 - prefixLength);
      const address = octets.reduce((value, octet) => value * 256 + octet, 0);
      const start = Math.floor(address / size) * size;
      return { start, end: start + size };
    })
    .sort((a, b) => a.start - b.start);
  let total = 0;
  let reached = 0;
  for (const { start, end } of ranges) {
    total += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return total;
}

/** @returns the macro letters in the domain-specs of the record. */
export function lettersIn(record: SpfRecord): ReadonlySet<MacroLetter> {
  const letters = record.terms.flatMap((term) => {
    if (term.kind === 'unknown-modifier') return [];
    const domainSpec = term.kind === 'modifier' ? term.domainSpec : domainSpecOf(term);
    return domainSpec ? [...macroLetters(domainSpec)] : [];
  });
  return new Set(letters);
}

/** @returns whether a term looks up PTR records: `ptr`, or `%{p}` in its domain-spec (§5.5, §7.2). */
export function usesReverseNames(term: Directive | Modifier): boolean {
  if (term.kind === 'directive' && term.mechanism.name === 'ptr') return true;
  const domainSpec = term.kind === 'modifier' ? term.domainSpec : domainSpecOf(term);
  return domainSpec !== null && macroLetters(domainSpec).has('p');
}

function domainSpecOf({ mechanism }: Directive): MacroString | null {
  return 'domainSpec' in mechanism ? mechanism.domainSpec : null;
}

/**
 * @returns the registrable domain of a name, such as `example.com`, or `null` when the name is below no public suffix.
 */
export function registrableDomain(name: string): string | null {
  const { domain, isIcann } = parseSuffix(name);
  return isIcann ? domain : null;
}

export interface GluedTerm {
  /** The term after the strings are joined. */
  readonly term: string;
  /** The complete terms to the left and to the right of the boundary. */
  readonly parts: readonly [string, string];
}

/**
 * @returns the pairs of terms that are joined by mistake, because no space separates two strings of the record (§3.3).
 */
export function gluedTerms(strings: readonly OctetString[]): GluedTerm[] {
  const glued: GluedTerm[] = [];
  for (let index = 1; index < strings.length; index += 1) {
    const left = strings.slice(0, index).join('').split(' ').at(-1) ?? '';
    const right = strings.slice(index).join('').split(' ')[0] ?? '';
    if (isTerm(left) && isTerm(right)) glued.push({ term: left + right, parts: [left, right] });
  }
  return glued;
}

/** Tells whether a text is a valid, known term. The second half of a split domain name is not. */
function isTerm(text: string): boolean {
  const record = parseRecord(`v=spf1 ${text}`);
  const [term] = record.terms;
  return record.problems.length === 0 && term !== undefined && term.kind !== 'unknown-modifier';
}

function passing(record: SpfRecord): Directive[] {
  return effectiveDirectives(record).filter(({ qualifier }) => qualifier === '+');
}

function permitted(node: WalkNode, directive: Directive): PermittedNetwork[] {
  const { mechanism, text } = directive;
  if (mechanism.name === 'ip4' || mechanism.name === 'ip6') {
    return [{ domain: node.domain, term: text, network: mechanism.network }];
  }
  const below = node.terms.find(({ term }) => term === directive)?.node;
  return below ? permittedNetworks(below) : [];
}

function isOpen({ mechanism }: Directive): boolean {
  switch (mechanism.name) {
    case 'all':
    case 'exists':
      return true;
    case 'a':
    case 'mx':
      return mechanism.prefixLength[4] === 0 || mechanism.prefixLength[6] === 0;
    case 'ip4':
    case 'ip6':
      return mechanism.network.prefixLength === 0;
    default:
      return false;
  }
}
