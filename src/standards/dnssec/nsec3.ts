/** Proofs with NSEC3 records (RFC 5155 §8). The signatures of all records have been verified. */
import { createHash } from 'node:crypto';
import { MAX_ITERATIONS, type Work } from './limits.ts';
import { isWithin, type Labels, lastLabels, wireName } from './names.ts';
import { endsThere, judgeMatch, type NoDs, noDsAt, PROVED, type Proof, unproved } from './proof.ts';
import type { Nsec3 } from './rdata.ts';

/** The only hash algorithm, and the octets of its hashes (RFC 5155 §11). */
const SHA1 = 1;
const SHA1_OCTETS = 20;

/** The only flag (RFC 5155 §3.1.2.1). A record with another one is ignored (§8.2). */
const OPT_OUT = 1;

/** @returns whether a proof may use the record (RFC 5155 §8.1, §8.2). */
export function isUsable({ hashAlgorithm, hash, nextHash, flags }: Nsec3): boolean {
  return (
    hashAlgorithm === SHA1 && hash.length === SHA1_OCTETS && nextHash.length === SHA1_OCTETS && (flags & ~OPT_OUT) === 0
  );
}

/** Computes the hash of a name (RFC 5155 §5). */
export function nsec3Hash(name: Labels, salt: Buffer, iterations: number): Buffer {
  let value: Buffer = wireName(name);
  for (let round = 0; round <= iterations; round += 1) value = createHash('sha1').update(value).update(salt).digest();
  return value;
}

/** The closest name above a name that exists (RFC 5155 §7.2.1). */
interface Encloser {
  readonly name: Labels;
  /** Whether the name one label longer may be an unsigned delegation that was left out. */
  readonly isOptOut: boolean;
}

/** The usable NSEC3 records of one zone in one reply. */
export class Nsec3Proofs {
  readonly #records: readonly Nsec3[];
  readonly #zone: Labels;
  readonly #work: Work;
  readonly #hashes = new Map<string, Buffer>();

  /** @param work counts the hashes, and ends the search when they are too many. */
  constructor(records: readonly Nsec3[], zone: Labels, work: Work) {
    this.#records = records;
    this.#zone = zone;
    this.#work = work;
  }

  /** @returns the proof that the name exists and does not have the type (RFC 5155 §8.5 to §8.7). */
  noType(name: Labels, type: number): Proof {
    const costly = this.#tooCostly();
    if (costly) return costly;
    const match = this.#matching(name);
    if (match) return judgeMatch(match.types, type, name.length === 0);
    const encloser = this.#encloserOf(name);
    if ('kind' in encloser) return encloser;
    const wildcard = this.#matching(['*', ...encloser.name]);
    if (wildcard) {
      const proof = judgeMatch(wildcard.types, type, false);
      if (proof.kind !== 'proved') return proof;
    }
    // RFC 5155 §9.2: the name may be an unsigned delegation, so nothing about it is authenticated.
    if (encloser.isOptOut) return { kind: 'opt-out' };
    return wildcard ? PROVED : unproved('wildcard-not-denied');
  }

  /** @returns the proof that neither the name nor a wildcard for it exists (RFC 5155 §8.4). */
  noName(name: Labels): Proof {
    const costly = this.#tooCostly();
    if (costly) return costly;
    if (this.#matching(name)) return unproved('name-exists');
    const encloser = this.#encloserOf(name);
    if ('kind' in encloser) return encloser;
    if (this.#covering(['*', ...encloser.name]) === undefined) return unproved('wildcard-not-denied');
    return encloser.isOptOut ? { kind: 'opt-out' } : PROVED;
  }

  /** @returns the proof that a wildcard below `encloser` is the source of the name: no name is closer (RFC 5155 §8.8). */
  noCloserName(name: Labels, encloser: Labels): Proof {
    const costly = this.#tooCostly();
    if (costly) return costly;
    const cover = this.#covering(lastLabels(name, encloser.length + 1));
    if (cover === undefined) return unproved('name-not-covered');
    return (cover.flags & OPT_OUT) !== 0 ? { kind: 'opt-out' } : PROVED;
  }

  /** @returns what the records say about a name without DS record (RFC 5155 §8.6, §8.9). */
  noDs(name: Labels): NoDs {
    const costly = this.#tooCostly();
    if (costly) return costly;
    const match = this.#matching(name);
    if (match) return noDsAt(match.types);
    const encloser = this.#encloserOf(name);
    if ('kind' in encloser) return encloser;
    return { kind: encloser.isOptOut ? 'opt-out' : 'no-name' };
  }

  /** Finds the closest encloser: it matches a record, and the name one label longer is covered (RFC 5155 §8.3). */
  #encloserOf(name: Labels): Encloser | Extract<Proof, { readonly kind: 'unproved' }> {
    for (let count = name.length - 1; count >= this.#zone.length; count -= 1) {
      const candidate = lastLabels(name, count);
      const match = this.#matching(candidate);
      if (match === undefined) continue;
      if (endsThere(match.types)) return unproved('other-side');
      const cover = this.#covering(lastLabels(name, count + 1));
      if (cover === undefined) return unproved('name-not-covered');
      return { name: candidate, isOptOut: (cover.flags & OPT_OUT) !== 0 };
    }
    return unproved('no-closest-encloser');
  }

  #tooCostly(): Extract<Proof, { readonly kind: 'iterations' }> | undefined {
    const iterations = Math.max(0, ...this.#records.map((record) => record.iterations));
    return iterations > MAX_ITERATIONS ? { kind: 'iterations', iterations } : undefined;
  }

  #matching(name: Labels): Nsec3 | undefined {
    if (!isWithin(name, this.#zone)) return undefined;
    return this.#records.find((record) => this.#hash(name, record).equals(record.hash));
  }

  /** The last record of a zone leads back to the first hash. */
  #covering(name: Labels): Nsec3 | undefined {
    return this.#records.find((record) => {
      const hash = this.#hash(name, record);
      const isAfter = hash.compare(record.hash) > 0;
      const isBefore = hash.compare(record.nextHash) < 0;
      return record.hash.compare(record.nextHash) < 0 ? isAfter && isBefore : isAfter || isBefore;
    });
  }

  #hash(name: Labels, { salt, iterations }: Nsec3): Buffer {
    const key = `${iterations} ${salt.toString('hex')} ${wireName(name).toString('latin1')}`;
    const known = this.#hashes.get(key);
    if (known) return known;
    this.#work.countHash();
    const hash = nsec3Hash(name, salt, iterations);
    this.#hashes.set(key, hash);
    return hash;
  }
}
