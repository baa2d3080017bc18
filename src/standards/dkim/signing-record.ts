/** Decides whether a published key may verify a signature (RFC 6376 §3.6.1, §6.1.2; RFC 8301 §3). */
import type { KeyObject } from 'node:crypto';
import type { KeyAssessment, KeyProblem } from './assess.ts';
import { defect, type SignatureDefect } from './defect.ts';
import type { SelectorLookup } from './lookup.ts';
import { openPublicKey } from './public-key.ts';
import type { Signature } from './signature.ts';

export interface VerifyingKey {
  readonly key: KeyObject;
  readonly fingerprint: string;
  /** Whether the key has `t=y`, so that a verifier may treat the message as unsigned (§3.6.1). */
  readonly isTesting: boolean;
}

/** @returns the key that verifies this signature, or the defect when there is none. */
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
      // §3.6.2.2: with several records "the results are undefined", because a receiver may use any of them.
      if (lookup.records.length !== 1 || !assessment) return defect('key-several', String(lookup.records.length));
      return assessmentDefect(assessment) ?? usableKey(signature, assessment);
    }
  }
}

function usableKey(signature: Signature, { record, key }: KeyAssessment): VerifyingKey | SignatureDefect {
  if (!record || !key) return defect('key-invalid');
  // §6.1.2: the key must have the type in a=.
  if (key.type !== signature.keyType) return defect('key-other-type', key.type);
  // §3.6.1: with t=s, the domain of i= must be equal to d=. A subdomain is not allowed.
  if (record.flags.includes('s') && signature.identityDomain !== signature.domain) return defect('key-no-subdomains');
  const opened = openPublicKey(record.publicKey, key.type);
  if (!opened) return defect('key-invalid');
  return { key: opened, fingerprint: key.fingerprint, isTesting: record.flags.includes('y') };
}

function assessmentDefect({ problems }: KeyAssessment): SignatureDefect | undefined {
  return problems.map(problemDefect).find((found) => found !== undefined);
}

/**
 * @returns the defect for a problem that prevents verification. Other problems have their own findings about the key.
 */
function problemDefect(problem: KeyProblem): SignatureDefect | undefined {
  switch (problem.kind) {
    case 'private-key':
      return defect('key-private');
    case 'mangled':
      return problem.isReadable ? undefined : defect('key-mangled');
    // §3.6.1: a record "MUST be discarded" too when v= is not its first tag or not exactly DKIM1.
    case 'syntax':
      return defect('key-syntax');
    case 'invalid':
      return defect('key-invalid');
    case 'revoked':
      return defect('key-revoked');
    case 'key-type-unknown':
      return defect('key-type-unknown');
    // RFC 8301 §3.2: verifiers must not accept signatures by keys of less than 1024 bits.
    case 'too-short':
      return defect('key-too-short', String(problem.bits));
    // §6.1.2: h= must contain the hash of the signature, and only sha256 is allowed.
    case 'sha1-only':
      return defect('key-hash');
    // §3.6.1: a verifier must ignore a record whose s= contains neither "email" nor "*".
    case 'service-excludes-email':
      return defect('key-service');
    case 'weak':
    case 'oversize':
    case 'testing':
    case 'granularity':
      return undefined;
  }
}
