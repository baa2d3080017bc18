/** Proofs with NSEC records (RFC 4035 §5.4, RFC 6840 §4). The signatures of all records have been verified. */
import { commonLabels, compareNames, isBelow, isSame, type Labels, lastLabels } from './names.ts';
import { endsThere, judgeMatch, type NoDs, noDsAt, PROVED, type Proof, unproved } from './proof.ts';
import type { Nsec } from './rdata.ts';

/** @returns the proof that the name exists and does not have the type. */
export function nsecNoType(records: readonly Nsec[], name: Labels, type: number): Proof {
  const match = records.find(({ owner }) => isSame(owner, name));
  if (match) return judgeMatch(match.types, type, name.length === 0);
  // An empty non-terminal has no record of its own: the next name is below it.
  if (records.some((record) => covers(record, name) && isBelow(record.next, name))) return PROVED;
  const denier = denierOf(records, name);
  if (denier === undefined) return unproved('name-not-covered');
  const wildcard = ['*', ...encloserOf(denier, name)];
  const source = records.find(({ owner }) => isSame(owner, wildcard));
  return source ? judgeMatch(source.types, type, false) : unproved('wildcard-not-denied');
}

/** @returns the proof that neither the name nor a wildcard for it exists. */
export function nsecNoName(records: readonly Nsec[], name: Labels): Proof {
  const denier = denierOf(records, name);
  if (denier === undefined) {
    const isThere = records.some(({ owner, next }) => isSame(owner, name) || isSame(next, name));
    return unproved(isThere ? 'name-exists' : 'name-not-covered');
  }
  const wildcard = ['*', ...encloserOf(denier, name)];
  return denierOf(records, wildcard) ? PROVED : unproved('wildcard-not-denied');
}

/** @returns the proof that a wildcard below `encloser` is the source of the name: no name is closer (RFC 4035 §5.3.4). */
export function nsecNoCloserName(records: readonly Nsec[], name: Labels, encloser: Labels): Proof {
  const denier = denierOf(records, name);
  const isClosest = denier !== undefined && isSame(encloserOf(denier, name), encloser);
  return isClosest ? PROVED : unproved('name-not-covered');
}

/** @returns what the records say about a name without DS record. */
export function nsecNoDs(records: readonly Nsec[], name: Labels): NoDs {
  const match = records.find(({ owner }) => isSame(owner, name));
  if (match) return noDsAt(match.types);
  if (records.some((record) => covers(record, name) && isBelow(record.next, name))) return { kind: 'no-cut' };
  return denierOf(records, name) ? { kind: 'no-name' } : unproved('name-not-covered');
}

/** @returns the record that proves that the name does not exist and that no name exists below it. */
function denierOf(records: readonly Nsec[], name: Labels): Nsec | undefined {
  return records.find((record) => covers(record, name) && !isBelow(record.next, name));
}

/** @returns whether the name is between the owner and the next name. The last record of a zone leads back to its apex. */
function covers({ owner, next, types }: Nsec, name: Labels): boolean {
  if (compareNames(owner, name) >= 0) return false;
  if (compareNames(owner, next) < 0 && compareNames(name, next) >= 0) return false;
  return !(isBelow(name, owner) && endsThere(types));
}

/** @returns the closest name above that exists: what the name shares with the owner or with the next name. */
function encloserOf({ owner, next }: Nsec, name: Labels): Labels {
  return lastLabels(name, Math.max(commonLabels(name, owner), commonLabels(name, next)));
}
