/**
 * Replies with their DNSSEC signatures, as the validator needs them. Nobody has judged them yet: the question has the
 * DO bit, which asks for signatures, and the CD bit, which asks the resolver not to judge (RFC 4035 §3.2.1, §3.2.2).
 */
import type { DnsFailureStatus } from './answer.ts';

/** One record of a reply in wire form. */
export interface SignedRecord {
  /** The labels of the owner name in lower case, without the root. Each has its octets as Latin-1. */
  readonly owner: readonly string[];
  /** The number of the record type. */
  readonly type: number;
  readonly class: number;
  /** Seconds. */
  readonly ttl: number;
  /** RDATA. Names in it are not compressed, and are spelt as sent. */
  readonly data: Buffer;
}

/** A reply with its signatures, or why there is none. */
export type SignedReply =
  | {
      readonly kind: 'reply';
      /** `address#port` of the server. */
      readonly server: string;
      /** The number of the RCODE. */
      readonly rcode: number;
      readonly authoritative: boolean;
      readonly authenticated: boolean;
      readonly answers: readonly SignedRecord[];
      readonly authorities: readonly SignedRecord[];
      /** Extended errors (RFC 8914) as `code: text`. */
      readonly extendedErrors: readonly string[];
    }
  | { readonly kind: 'failed'; readonly status: DnsFailureStatus; readonly detail: string };

/** Asks for records with their signatures. Never rejects. */
export interface SignedResolver {
  /** @param type the number of the record type. */
  signed(name: string, type: number): Promise<SignedReply>;
}
