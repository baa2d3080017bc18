/** A parsed SPF record (RFC 7208 §4.6.1, §12). Every part keeps its text and offset, so a finding can point at it. */
import type { OctetString } from '../../network/dns/answer.ts';
import type { Network } from './network.ts';

/** `c`, `r` and `t` are for explanation text only (§7.2). */
export type MacroLetter = 's' | 'l' | 'o' | 'd' | 'i' | 'p' | 'h' | 'v' | 'c' | 'r' | 't';

export type MacroPart =
  | { readonly kind: 'literal'; readonly text: string }
  /** `%%`, `%_` and `%-`: what they stand for. */
  | { readonly kind: 'escape'; readonly text: string; readonly value: string }
  | {
      readonly kind: 'macro';
      readonly text: string;
      readonly letter: MacroLetter;
      /** Upper-case letter: the value is URL-escaped (§7.3). */
      readonly escaped: boolean;
      /** Right-hand parts kept, or `null` for all. */
      readonly keep: number | null;
      readonly reversed: boolean;
      /** Empty for the default, a dot. */
      readonly delimiters: string;
    };

/** `macro-string`, and `domain-spec` where the grammar asks for one. */
export interface MacroString {
  readonly text: string;
  readonly parts: readonly MacroPart[];
}

export type Qualifier = '+' | '-' | '?' | '~';

/** Lengths of a `dual-cidr-length`, by family. */
export interface DualPrefix {
  readonly 4: number;
  readonly 6: number;
}

export type Mechanism =
  | { readonly name: 'all' }
  | { readonly name: 'include' | 'exists'; readonly domainSpec: MacroString }
  | { readonly name: 'a' | 'mx'; readonly domainSpec: MacroString | null; readonly prefixLength: DualPrefix }
  | { readonly name: 'ptr'; readonly domainSpec: MacroString | null }
  | { readonly name: 'ip4' | 'ip6'; readonly network: Network };

interface TermText {
  readonly text: string;
  /** Octets from the start of the record. */
  readonly offset: number;
}

export interface Directive extends TermText {
  readonly kind: 'directive';
  readonly qualifier: Qualifier;
  readonly mechanism: Mechanism;
}

export interface Modifier extends TermText {
  readonly kind: 'modifier';
  readonly name: 'redirect' | 'exp';
  readonly domainSpec: MacroString;
}

/** A modifier this standard does not define: ignored (§6). */
export interface UnknownModifier extends TermText {
  readonly kind: 'unknown-modifier';
  readonly name: string;
  readonly value: MacroString;
}

export type Term = Directive | Modifier | UnknownModifier;

export type SyntaxErrorKind =
  | 'unknown-mechanism'
  | 'unexpected-argument'
  | 'missing-domain'
  | 'bad-domain'
  | 'bad-macro'
  | 'bad-character'
  | 'bad-address'
  | 'bad-prefix-length'
  | 'duplicate-modifier';

/** A term that the grammar refuses; any one makes the whole record a permerror (§4.6). */
export interface SyntaxProblem {
  readonly kind: SyntaxErrorKind;
  readonly term: string;
  /** Octets from the start of the record to the term. */
  readonly offset: number;
  /** What is wrong with it, as one clause. */
  readonly message: string;
}

export interface SpfRecord {
  /** The record as published, its strings joined. */
  readonly text: OctetString;
  /** The terms that could be read, in order. */
  readonly terms: readonly Term[];
  readonly problems: readonly SyntaxProblem[];
}

export function isDirective(term: Term): term is Directive {
  return term.kind === 'directive';
}

/** @returns the record's directives up to and including `all`: nothing after it is ever evaluated (§5.1). */
export function effectiveDirectives(record: SpfRecord): readonly Directive[] {
  const directives = record.terms.filter(isDirective);
  const all = directives.findIndex(({ mechanism }) => mechanism.name === 'all');
  return all === -1 ? directives : directives.slice(0, all + 1);
}

export function findModifier(record: SpfRecord, name: 'redirect' | 'exp'): Modifier | undefined {
  return record.terms.find((term): term is Modifier => term.kind === 'modifier' && term.name === name);
}

/** @returns the `redirect` that counts: none where there is an `all` anywhere in the record (§6.1). */
export function effectiveRedirect(record: SpfRecord): Modifier | undefined {
  return findAll(record) === undefined ? findModifier(record, 'redirect') : undefined;
}

/** @returns the first `all`. */
export function findAll(record: SpfRecord): Directive | undefined {
  return record.terms.filter(isDirective).find(({ mechanism }) => mechanism.name === 'all');
}
