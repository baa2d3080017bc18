/**
 * The limits of the work that one reply can cause. Without them, a zone can make a validator compute for minutes: with
 * many keys of one tag and many signatures (CVE-2023-50387, "KeyTrap"), or with costly NSEC3 records (CVE-2023-50868).
 */

/** The most signatures in one reply that may turn out wrong. A correct zone has none, or few during a roll of its keys. */
export const MAX_FAILED_SIGNATURES = 16;

/** The most keys of a zone with the same tag and algorithm that are tried for a signature. A correct zone has one. */
export const MAX_KEYS_OF_A_TAG = 4;

/** The most signatures of one RRset that are looked at. */
export const MAX_SIGNATURES = 16;

/** The most NSEC and NSEC3 records in one reply that are looked at. A proof needs at most three for each alias. */
export const MAX_DENIALS = 32;

/** The most names that are hashed for one reply (RFC 5155 §8.3). A name has at most 127 labels. */
export const MAX_HASHES = 160;

/** The most additional iterations of an NSEC3 hash. Above, the zone counts as insecure (RFC 9276 §3.2). */
export const MAX_ITERATIONS = 100;

/** The most zones that the signatures of one RRset may name as its signer. */
export const MAX_SIGNERS = 3;

/** The most aliases that are followed for one question. */
export const MAX_ALIASES = 16;

/** The work of one reply exceeds a limit. */
export class TooMuchWork extends Error {}

/** Counts the work of one reply. */
export class Work {
  #failedSignatures = 0;
  #hashes = 0;

  /** @throws TooMuchWork after too many of them. */
  countFailedSignature(): void {
    this.#failedSignatures += 1;
    if (this.#failedSignatures > MAX_FAILED_SIGNATURES) throw new TooMuchWork('signatures');
  }

  /** @throws TooMuchWork after too many of them. */
  countHash(): void {
    this.#hashes += 1;
    if (this.#hashes > MAX_HASHES) throw new TooMuchWork('hashes');
  }
}
