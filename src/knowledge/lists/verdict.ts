/** What the addresses a list answers with mean (RFC 5782 §2.3): read from the list's own code table, never "an A came back". */
import type { List, ListCode } from './schema.ts';

export type ListVerdict =
  /** The answer is no answer: the resolver or the volume of queries is refused. Outweighs any listing beside it. */
  | { readonly kind: 'refused'; readonly codes: readonly ListCode[] }
  /** Not a block list's answer: outside 127.0.0.0/8, or 127.0.0.1, which no working list gives for a listing. */
  | { readonly kind: 'broken'; readonly fault: 'outside-127' | 'answers-127.0.0.1' }
  | {
      readonly kind: 'listed';
      readonly codes: readonly ListCode[];
      /** Answers that the code table does not know. */
      readonly unknown: readonly string[];
    };

/** Spamhaus keeps this range for refusals, and other lists that refuse follow it. */
const REFUSALS = '127.255.255.*';

/** @param addresses every A record of the answer: a set, of which several may count. */
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

/** @returns whether an address fits a pattern of four octets: a number, `*`, `a-b` or `&n`. */
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
