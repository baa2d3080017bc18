/**
 * Interprets the addresses that a block list returns (RFC 5782 §2.3). The list's own code table decides. The mere
 * presence of an A record does not mean a listing.
 */
import type { List, ListCode } from './schema.ts';

/** The meaning of one answer of a list. */
export type ListVerdict =
  /** The list refuses the resolver or the number of queries. A refusal outweighs any listing beside it. */
  | { readonly kind: 'refused'; readonly codes: readonly ListCode[] }
  /** The answer is outside 127.0.0.0/8, or it is 127.0.0.1, which no working list returns for a listing. */
  | { readonly kind: 'broken'; readonly fault: 'outside-127' | 'answers-127.0.0.1' }
  | {
      readonly kind: 'listed';
      readonly codes: readonly ListCode[];
      /** The returned addresses that are not in the code table. */
      readonly unknown: readonly string[];
    };

/** Spamhaus reserves this range for refusals, and other lists use it too. */
const REFUSALS = '127.255.255.*';

/**
 * Interprets one answer of a list.
 *
 * @param addresses the A records of the answer. Several of them may count.
 * @returns the meaning of the answer.
 */
export function readAnswer(list: Pick<List, 'codes' | 'refusal'>, addresses: readonly string[]): ListVerdict {
  const refusals = [...list.refusal, REFUSALS];
  const refusing = addresses.filter((address) => refusals.some((pattern) => matches(pattern, address)));
  if (refusing.length > 0) {
    return { kind: 'refused', codes: codesOf(list.codes, refusing).filter((code) => code.class === 'refusal') };
  }
  if (addresses.some((address) => !address.startsWith('127.'))) return { kind: 'broken', fault: 'outside-127' };
  const unknown = addresses.filter((address) => codesOf(list.codes, [address]).length === 0);
  if (unknown.includes('127.0.0.1')) return { kind: 'broken', fault: 'answers-127.0.0.1' };
  return { kind: 'listed', codes: codesOf(list.codes, addresses), unknown };
}

function codesOf(codes: readonly ListCode[], addresses: readonly string[]): ListCode[] {
  return codes.filter((code) => addresses.some((address) => matches(code.match, address)));
}

/**
 * @returns whether an IPv4 address matches a pattern of four octets, each a number, `*`, `a-b` or `&n` (all bits of n
 *   set).
 */
export function matches(pattern: string, address: string): boolean {
  const octets = address.split('.').map(Number);
  const parts = pattern.split('.');
  return octets.length === 4 && parts.every((part, index) => octetMatches(part, octets[index] ?? -1));
}

function octetMatches(part: string, octet: number): boolean {
  if (part === '*') return octet >= 0;
  if (part.startsWith('&')) return (octet & Number(part.slice(1))) === Number(part.slice(1));
  const [low = '', high = low] = part.split('-');
  return octet >= Number(low) && octet <= Number(high);
}
