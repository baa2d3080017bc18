/** The states of security of a name, and what is wrong where validation fails (RFC 4033 §5, RFC 4035 §4.3). */
import type { DnsFailureStatus } from '../../network/dns/answer.ts';
import type { DenialGap } from './proof.ts';

/** A signature as it is shown to people. */
export interface SignatureFacts {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly signer: string;
  /** Milliseconds since the epoch. */
  readonly inception: number;
  readonly expiration: number;
}

/** A DS record as it is shown to people. */
export interface DsFacts {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  /** Hexadecimal, in lower case. */
  readonly digest: string;
}

/** A key as it is shown to people. */
export interface KeyFacts {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly flags: number;
}

/** What a denial has to prove: that a type or a name does not exist, or that no name is closer than a wildcard. */
export type Denied = 'type' | 'name' | 'closer-name';

/** What is wrong. `name` and `type` are those of the records that cannot be trusted. */
export type DnssecFault = { readonly name: string; readonly type: string } & (
  | { readonly kind: 'signature-missing' }
  | { readonly kind: 'signature-expired'; readonly signature: SignatureFacts }
  | { readonly kind: 'signature-not-yet-valid'; readonly signature: SignatureFacts }
  /** The key does not verify the signature: the records are not those that were signed. */
  | { readonly kind: 'signature-wrong'; readonly signature: SignatureFacts }
  /** No key of the zone has the tag and the algorithm of the signature. */
  | { readonly kind: 'signature-key-missing'; readonly signature: SignatureFacts; readonly keys: readonly KeyFacts[] }
  /** The key is revoked, is no key of a zone, or its octets are no key (RFC 4035 §5.3.1, RFC 5011 §2.1). */
  | { readonly kind: 'signature-key-unusable'; readonly signature: SignatureFacts; readonly keys: readonly KeyFacts[] }
  /** The fields of the signature contradict the records (RFC 4035 §5.3.1). */
  | { readonly kind: 'signature-malformed'; readonly signature: SignatureFacts }
  /** Every supported signature has an algorithm that is not supported. */
  | { readonly kind: 'signature-algorithm'; readonly signature: SignatureFacts }
  /** The signer is no zone that contains the name. */
  | { readonly kind: 'signer-unknown'; readonly signer: string }
  /** No key of the zone fits a DS record at the parent, or the trust anchor. */
  | {
      readonly kind: 'ds-without-key';
      readonly ds: readonly DsFacts[];
      readonly keys: readonly KeyFacts[];
      readonly isAnchor: boolean;
    }
  /** A key fits a DS record, but it does not sign the keys of the zone. Other keys may. */
  | {
      readonly kind: 'ds-key-does-not-sign';
      readonly ds: readonly DsFacts[];
      readonly keys: readonly KeyFacts[];
      readonly signatures: readonly SignatureFacts[];
      readonly isAnchor: boolean;
    }
  /** The parent has a DS record, and the zone has no DNSKEY record. */
  | { readonly kind: 'keys-missing'; readonly ds: readonly DsFacts[] }
  /** The reply has no NSEC and no NSEC3 record that the zone signed. */
  | { readonly kind: 'denial-missing'; readonly denies: Denied }
  /** The NSEC or NSEC3 records do not prove it. */
  | { readonly kind: 'denial-wrong'; readonly denies: Denied; readonly gap: DenialGap }
  /** The alias is not the one that follows from the DNAME record (RFC 6672 §5.3.1). */
  | { readonly kind: 'alias-wrong'; readonly target: string }
  /** Validation would cost more than a validator spends. */
  | { readonly kind: 'too-much-work'; readonly limit: string }
);

/** Why a zone is insecure. */
export type InsecureReason =
  /** The parent proves that the zone has no DS record. */
  | { readonly kind: 'no-ds' }
  /** The parent leaves unsigned delegations out of its NSEC3 records (RFC 5155 §6). */
  | { readonly kind: 'opt-out' }
  /** Every DS record has an algorithm or a digest that is not accepted (RFC 4035 §5.2, RFC 9905). */
  | { readonly kind: 'unsupported'; readonly ds: readonly DsFacts[] }
  /** The NSEC3 records of the zone are too costly (RFC 9276 §3.2). */
  | { readonly kind: 'iterations'; readonly iterations: number };

/** Why the state is not known. */
export type UnknownReason =
  | {
      readonly kind: 'lookup-failed';
      readonly name: string;
      readonly type: string;
      /** The status of the lookup, or `rcode` for an RCODE that is neither NOERROR nor NXDOMAIN. */
      readonly status: DnsFailureStatus | 'rcode';
      readonly detail: string;
    }
  /** The resolver leaves out the signatures of the trusted zone, or its keys: it does not hand on DNSSEC. */
  | { readonly kind: 'signatures-stripped'; readonly zone: string; readonly server: string }
  /** No trust anchor is for the name or for a name above it. */
  | { readonly kind: 'no-anchor'; readonly name: string }
  | { readonly kind: 'too-many-aliases'; readonly name: string };

/** The state of security of records, or of their absence. Zones and names have no final dot; the root is `.`. */
export type DnssecState =
  /** Signatures lead from the trust anchor to it. */
  | { readonly kind: 'secure' }
  /** It is proved that signatures are not to be expected. */
  | { readonly kind: 'insecure'; readonly zone: string; readonly reason: InsecureReason }
  /** Signatures are to be expected, and they are missing or wrong. A validating resolver answers SERVFAIL. */
  | { readonly kind: 'bogus'; readonly zone: string; readonly fault: DnssecFault }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason };
