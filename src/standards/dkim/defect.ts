/** Why a signature does not verify, and what RFC 8601 §2.7.1 calls that. */

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
  // What was signed (§6.1.3).
  'body-changed',
  'signature-wrong',
  // When it is verified (§3.5).
  'expired',
  'from-future',
] as const;

export type SignatureDefectKind = (typeof SIGNATURE_DEFECTS)[number];

export interface SignatureDefect {
  readonly kind: SignatureDefectKind;
  /** A tag's name, a number of bits or a date, as the kind needs it. */
  readonly detail: string | null;
}

export type DefectiveResult = 'fail' | 'policy' | 'temperror' | 'permerror';

export function defect(kind: SignatureDefectKind, detail: string | null = null): SignatureDefect {
  return { kind, detail };
}

export function resultOf({ kind }: SignatureDefect): DefectiveResult {
  switch (kind) {
    // "The signature or signatures were acceptable …, but they failed the verification test(s)."
    case 'body-changed':
    case 'signature-wrong':
      return 'fail';
    // RFC 6376 §3.5 leaves both to the verifier: it "MAY" take expired signatures as invalid, and ignore those from the
    // future.
    case 'expired':
    case 'from-future':
      return 'policy';
    case 'key-unfetched':
      return 'temperror';
    // RFC 6376 §6.1.1 and §6.1.2 say PERMFAIL of every other one. So does RFC 8301 §3.1 of rsa-sha1 ("have permanently
    // failed evaluation"): it is no choice of the verifier, as "policy" would say. A short key is no choice either (§3.2).
    default:
      return 'permerror';
  }
}
