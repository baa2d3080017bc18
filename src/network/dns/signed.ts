/**
 * Replies with their DNSSEC signatures, as the validator needs them. Nobody has judged them yet: the question has the
 * DO bit, which asks for signatures, and the CD bit, which asks the resolver not to judge (RFC 4035 §3.2.1, §3.2.2).
 */
import type { LiveFailureStatus } from './answer.ts';
import { typeName } from './record-types.ts';

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
  | {
      readonly kind: 'failed';
      /** `local-data` where records that are not published yet decide the answer: nobody has signed them. */
      readonly status: LiveFailureStatus;
      /** One line of text for users. */
      readonly detail: string;
    };

/** A question with its reply, as transcripts show it. */
export interface SignedExchange {
  readonly name: string;
  readonly type: number;
  readonly transport: 'udp' | 'tcp';
  /** Milliseconds from the first packet to the result, including retries. */
  readonly durationMs: number;
  readonly reply: SignedReply;
}

/** Asks for records with their signatures. Never rejects. */
export interface SignedResolver {
  /**
   * @param name the name with dots. The empty string is the root.
   * @param type the number of the record type.
   * @returns the reply. Its RCODE is 0 (NOERROR) or 3 (NXDOMAIN), and it may be a part of the way along an alias.
   */
  signed(name: string, type: number): Promise<SignedReply>;
}

/** @returns the record in the notation of zone files. Its data is in the notation for any type (RFC 3597 §5). */
export function recordText({ owner, type, ttl, data }: SignedRecord): string {
  const name = owner.map((label) => label.replace(/[^a-z0-9_*-]/g, escaped)).join('.');
  const octets = data.length === 0 ? '' : ` ${data.toString('hex')}`;
  return `${name}. ${ttl} IN ${typeName(type)} \\# ${data.length}${octets}`;
}

/** @returns the octet as RFC 1035 §5.1 escapes it. */
function escaped(octet: string): string {
  return `\\${String(octet.charCodeAt(0)).padStart(3, '0')}`;
}
