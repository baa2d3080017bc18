/** What NSEC and NSEC3 records prove, in the form that both share. */
import type { TypeBitmap } from './rdata.ts';
import { TYPE } from './types.ts';

/** What is missing in a proof. */
export type DenialGap =
  /** A record matches the name and says that the type exists. */
  | 'type-exists'
  /** A record matches the name and says that it is an alias (RFC 6840 §4.3). */
  | 'alias-exists'
  /** A record matches the name, which therefore exists. */
  | 'name-exists'
  /** The record is of the other side of a delegation, which says nothing about this one (RFC 6840 §4.1). */
  | 'other-side'
  /** No record matches or covers the name. */
  | 'name-not-covered'
  /** No record proves that a wildcard does not exist or does not have the type. */
  | 'wildcard-not-denied'
  /** No record shows the closest name above that exists (RFC 5155 §8.3). */
  | 'no-closest-encloser';

/** The outcome of the search for a proof. */
export type Proof =
  /** `isNoName`: the name itself does not exist (RFC 9824 §3.1). */
  | { readonly kind: 'proved'; readonly isNoName?: boolean }
  /** The name may belong to an unsigned delegation that was left out (RFC 5155 §6). */
  | { readonly kind: 'opt-out' }
  | { readonly kind: 'iterations'; readonly iterations: number }
  | { readonly kind: 'unproved'; readonly gap: DenialGap };

/** What the absence of a DS record says about a name. */
export type NoDs =
  /** An unsigned zone begins at the name. */
  | { readonly kind: 'delegation' }
  /** The name belongs to the same zone. */
  | { readonly kind: 'no-cut' }
  /** The name does not exist, so no zone begins at it or below it. */
  | { readonly kind: 'no-name' }
  | Exclude<Proof, { readonly kind: 'proved' }>;

export const PROVED: Proof = { kind: 'proved' };

/** @returns an unfinished proof. */
export function unproved(gap: DenialGap): { readonly kind: 'unproved'; readonly gap: DenialGap } {
  return { kind: 'unproved', gap };
}

/** @returns whether the types are those of a delegation on the side of the parent: NS records, and no SOA record. */
export function isDelegation(types: TypeBitmap): boolean {
  return types.has(TYPE.NS) && !types.has(TYPE.SOA);
}

/**
 * @returns whether a record at a name says nothing about the names below it, since they belong to another zone or are
 *   renamed (RFC 6840 §4.1).
 */
export function endsThere(types: TypeBitmap): boolean {
  return isDelegation(types) || types.has(TYPE.DNAME);
}

/**
 * Judges a record that matches the name (RFC 4035 §5.4, RFC 5155 §8.5, §8.6, RFC 6840 §4.1, §4.3).
 *
 * @param isRoot whether the name is the root, which has no parent side.
 */
export function judgeMatch(types: TypeBitmap, type: number, isRoot: boolean): Proof {
  if (type === TYPE.DS ? types.has(TYPE.SOA) && !isRoot : isDelegation(types)) return unproved('other-side');
  if (types.has(type)) return unproved('type-exists');
  if (types.has(TYPE.CNAME)) return unproved('alias-exists');
  return types.has(TYPE.NXNAME) ? { kind: 'proved', isNoName: true } : PROVED;
}

/** @returns what a record that matches a name says about the absence of its DS record. */
export function noDsAt(types: TypeBitmap): NoDs {
  const proof = judgeMatch(types, TYPE.DS, false);
  if (proof.kind !== 'proved') return proof;
  return { kind: types.has(TYPE.NS) ? 'delegation' : 'no-cut' };
}
