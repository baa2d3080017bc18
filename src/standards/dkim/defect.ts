/** The reasons why a signature does not verify, and the result that RFC 8601 §2.7.1 assigns to each. */

/** All kinds of defects, grouped by the part that is defective. */
export const SIGNATURE_DEFECTS = [
  // The DKIM-Signature field itself (RFC 6376 §3.5, §6.1.1).
  'syntax',
  'missing-tag',
  'version',
  'algorithm',
  'sha1',
  'canonicalization',
  'query-method',
  'domain',
  'selector',
  'from-unsigned',
  'identity',
  'body-length',
  'body-shorter',
  'time',
  'expires-before-signing',
  // The key record (§3.6.1, §6.1.2).
  'key-unfetched',
  'key-absent',
  'key-alias',
  'key-several',
  'key-private',
  'key-mangled',
  'key-syntax',
  'key-invalid',
  'key-revoked',
  'key-type-unknown',
  'key-other-type',
  'key-too-short',
  'key-hash',
  'key-service',
  'key-no-subdomains',
  // The signed content (§6.1.3).
  'body-changed',
  'signature-wrong',
  // The time of verification (§3.5).
  'expired',
  'from-future',
] as const;

export type SignatureDefectKind = (typeof SIGNATURE_DEFECTS)[number];

export interface SignatureDefect {
  readonly kind: SignatureDefectKind;
  /** A detail that depends on the kind, such as the name of a tag, a number of bits or a date. */
  readonly detail: string | null;
}

export type DefectiveResult = 'fail' | 'policy' | 'temperror' | 'permerror';

/** @returns a defect of this kind. */
export function defect(kind: SignatureDefectKind, detail: string | null = null): SignatureDefect {
  return { kind, detail };
}

/** @returns the result of a signature with this defect, in the terms of RFC 8601 §2.7.1. */
export function resultOf({ kind }: SignatureDefect): DefectiveResult {
  switch (kind) {
    // "The signature or signatures were acceptable …, but they failed the verification test(s)."
    case 'body-changed':
    case 'signature-wrong':
      return 'fail';
    // RFC 6376 §3.5 leaves both to the verifier: it "MAY" consider expired signatures invalid, and it "MAY" ignore
    // signatures from the future.
    case 'expired':
    case 'from-future':
      return 'policy';
    case 'key-unfetched':
      return 'temperror';
    // RFC 6376 §6.1.1 and §6.1.2 require PERMFAIL for all others. RFC 8301 requires it for rsa-sha1 ("have permanently
    // failed evaluation", §3.1) and for short keys (§3.2). Neither is a choice of the verifier, as "policy" would mean.
    default:
      return 'permerror';
  }
}
