/** Whether a published key may be used for a signature (RFC 6376 §3.6.1, §6.1.2; RFC 8301 §3). */
import type { KeyObject } from 'node:crypto';
import type { KeyAssessment, KeyProblem } from './assess.ts';
import { fault, type SignatureFault } from './fault.ts';
import type { SelectorLookup } from './lookup.ts';
import { openPublicKey } from './public-key.ts';
import type { Signature } from './signature.ts';

export interface VerifyingKey {
  readonly key: KeyObject;
  readonly fingerprint: string;
  /** `t=y`: a verifier may treat the message as unsigned (§3.6.1). */
  readonly isTesting: boolean;
}

/** @returns the key, or why there is none for this signature. */
export function keyFor(signature: Signature, lookup: SelectorLookup): VerifyingKey | SignatureFault {
  switch (lookup.outcome) {
    case 'unknown':
      return fault('key-unfetched', lookup.query.status);
    case 'absent':
      return fault('key-absent');
    case 'dangling':
      return fault('key-alias');
    case 'records': {
      const [assessment] = lookup.records;
      // With several records, "the results are undefined": a receiver may take either (§3.6.2.2).
      if (lookup.records.length !== 1 || !assessment) return fault('key-several', String(lookup.records.length));
      return assessmentFault(assessment) ?? usableKey(signature, assessment);
    }
  }
}

function usableKey(signature: Signature, { record, key }: KeyAssessment): VerifyingKey | SignatureFault {
  if (!record || !key) return fault('key-invalid');
  // The key must be of the type that a= names (§6.1.2).
  if (key.type !== signature.keyType) return fault('key-other-type', key.type);
  // t=s: the domain of i= must be the one in d=, not one below it (§3.6.1).
  if (record.flags.includes('s') && signature.identityDomain !== signature.domain) return fault('key-no-subdomains');
  const opened = openPublicKey(record.publicKey, key.type);
  if (!opened) return fault('key-invalid');
  return { key: opened, fingerprint: key.fingerprint, isTesting: record.flags.includes('y') };
}

function assessmentFault({ problems }: KeyAssessment): SignatureFault | undefined {
  return problems.map(problemFault).find((found) => found !== undefined);
}

/** The problems with which no signature verifies; of the others the key's own findings speak. */
function problemFault(problem: KeyProblem): SignatureFault | undefined {
  switch (problem.kind) {
    case 'private-key':
      return fault('key-private');
    case 'mangled':
      return fault('key-mangled');
    // Also a v= that is not the first tag or not exactly DKIM1: such records "MUST be discarded" (§3.6.1).
    case 'syntax':
      return fault('key-syntax');
    case 'invalid':
      return fault('key-invalid');
    case 'revoked':
      return fault('key-revoked');
    case 'key-type-unknown':
      return fault('key-type-unknown');
    // RFC 8301 §3.2: signatures by keys below 1024 bits are never valid.
    case 'too-short':
      return fault('key-too-short', String(problem.bits));
    // h= must list the hash that the signature was made with, which can only be sha256 (§6.1.2).
    case 'sha1-only':
      return fault('key-hash');
    // A verifier must ignore a record whose s= lists neither "email" nor "*" (§3.6.1).
    case 'service-excludes-email':
      return fault('key-service');
    case 'weak':
    case 'oversize':
    case 'testing':
    case 'granularity':
      return undefined;
  }
}
