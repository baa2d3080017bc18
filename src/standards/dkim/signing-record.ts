/** Whether a published key may be used for a signature (RFC 6376 §3.6.1, §6.1.2; RFC 8301 §3). */
import type { KeyObject } from 'node:crypto';
import type { KeyAssessment, KeyProblem } from './assess.ts';
import { defect, type SignatureDefect } from './defect.ts';
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
export function keyFor(signature: Signature, lookup: SelectorLookup): VerifyingKey | SignatureDefect {
  switch (lookup.outcome) {
    case 'unknown':
      return defect('key-unfetched', lookup.query.status);
    case 'absent':
      return defect('key-absent');
    case 'dangling':
      return defect('key-alias');
    case 'records': {
      const [assessment] = lookup.records;
      // With several records, "the results are undefined": a receiver may take either (§3.6.2.2).
      if (lookup.records.length !== 1 || !assessment) return defect('key-several', String(lookup.records.length));
      return assessmentDefect(assessment) ?? usableKey(signature, assessment);
    }
  }
}

function usableKey(signature: Signature, { record, key }: KeyAssessment): VerifyingKey | SignatureDefect {
  if (!record || !key) return defect('key-invalid');
  // The key must be of the type that a= names (§6.1.2).
  if (key.type !== signature.keyType) return defect('key-other-type', key.type);
  // t=s: the domain of i= must be the one in d=, not one below it (§3.6.1).
  if (record.flags.includes('s') && signature.identityDomain !== signature.domain) return defect('key-no-subdomains');
  const opened = openPublicKey(record.publicKey, key.type);
  if (!opened) return defect('key-invalid');
  return { key: opened, fingerprint: key.fingerprint, isTesting: record.flags.includes('y') };
}

function assessmentDefect({ problems }: KeyAssessment): SignatureDefect | undefined {
  return problems.map(problemDefect).find((found) => found !== undefined);
}

/** The problems with which no signature verifies; of the others the key's own findings speak. */
function problemDefect(problem: KeyProblem): SignatureDefect | undefined {
  switch (problem.kind) {
    case 'private-key':
      return defect('key-private');
    case 'mangled':
      return defect('key-mangled');
    // Also a v= that is not the first tag or not exactly DKIM1: such records "MUST be discarded" (§3.6.1).
    case 'syntax':
      return defect('key-syntax');
    case 'invalid':
      return defect('key-invalid');
    case 'revoked':
      return defect('key-revoked');
    case 'key-type-unknown':
      return defect('key-type-unknown');
    // RFC 8301 §3.2: signatures by keys below 1024 bits are never valid.
    case 'too-short':
      return defect('key-too-short', String(problem.bits));
    // h= must list the hash that the signature was made with, which can only be sha256 (§6.1.2).
    case 'sha1-only':
      return defect('key-hash');
    // A verifier must ignore a record whose s= lists neither "email" nor "*" (§3.6.1).
    case 'service-excludes-email':
      return defect('key-service');
    case 'weak':
    case 'oversize':
    case 'testing':
    case 'granularity':
      return undefined;
  }
}
