/** The parts of a parsed SPF record (RFC 7208 §4.6.1, §12). Each term has its text and offset, for findings. */
import type { OctetString } from '../../network/octet-string.ts';
import type { Network } from './network.ts';

/** The macro letters. `c`, `r` and `t` are allowed only in explanations (§7.2). */
export type MacroLetter = 's' | 'l' | 'o' | 'd' | 'i' | 'p' | 'h' | 'v' | 'c' | 'r' | 't';

export type MacroPart =
  | { readonly kind: 'literal'; readonly text: string }
  /** `%%`, `%_` or `%-`, with the text that it stands for. */
  | { readonly kind: 'escape'; readonly text: string; readonly value: string }
  | {
      readonly kind: 'macro';
      readonly text: string;
      readonly letter: MacroLetter;
      /** Whether the letter is in upper case, so that the value is URL-escaped (§7.3). */
      readonly escaped: boolean;
      /** Number of right-hand parts to keep, or `null` for all. */
      readonly keep: number | null;
      readonly reversed: boolean;
      /** The delimiters. Empty means the default, which is a dot. */
      readonly delimiters: string;
    };

/** A `macro-string` or `domain-spec` of the grammar. */
export interface MacroString {
  readonly text: string;
  readonly parts: readonly MacroPart[];
}

export type Qualifier = '+' | '-' | '?' | '~';

/** The prefix lengths of a `dual-cidr-length` in bits, by IP version. */
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

/** A modifier that RFC 7208 does not define. Receivers ignore it (§6). */
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

/** A term that does not follow the grammar. A single one makes the result of the whole record permerror (§4.6). */
export interface SyntaxProblem {
  readonly kind: SyntaxErrorKind;
  readonly term: string;
  /** Octets from the start of the record to the term. */
  readonly offset: number;
  /** The error as one clause. */
  readonly message: string;
}

export interface SpfRecord {
  /** The record as published, with its strings joined. */
  readonly text: OctetString;
  /** The valid terms in order. */
  readonly terms: readonly Term[];
  readonly problems: readonly SyntaxProblem[];
}

/** @returns whether the term is a directive, and not a modifier. */
export function isDirective(term: Term): term is Directive {
  return term.kind === 'directive';
}

/** @returns the directives up to and including `all`. Directives after `all` are never evaluated (§5.1). */
export function effectiveDirectives(record: SpfRecord): readonly Directive[] {
  const directives = record.terms.filter(isDirective);
  const all = directives.findIndex(({ mechanism }) => mechanism.name === 'all');
  return all === -1 ? directives : directives.slice(0, all + 1);
}

/** @returns the `redirect` or `exp` modifier of the record, or `undefined`. */
export function findModifier(record: SpfRecord, name: 'redirect' | 'exp'): Modifier | undefined {
  return record.terms.find((term): term is Modifier => term.kind === 'modifier' && term.name === name);
}

/** @returns the `redirect` of the record, or `undefined`. An `all` anywhere in the record disables it (§6.1). */
export function effectiveRedirect(record: SpfRecord): Modifier | undefined {
  return findAll(record) === undefined ? findModifier(record, 'redirect') : undefined;
}

/** @returns the first `all` of the record, or `undefined`. */
export function findAll(record: SpfRecord): Directive | undefined {
  return record.terms.filter(isDirective).find(({ mechanism }) => mechanism.name === 'all');
}
