/** What the addresses a list answers with mean (RFC 5782 §2.3): read from the list's own code table, never "an A came back". */
import type { List, ListCode } from './schema.ts';

export type ListVerdict =
  /** The answer is no answer: the resolver or the volume of queries is refused. Outweighs any listing beside it. */
  | { readonly kind: 'refused'; readonly codes: readonly ListCode[] }
  /** Not a block list's answer: outside 127.0.0.0/8, or 127.0.0.1, which no working list gives for a listing. */
  | { readonly kind: 'broken' }
  | {
      readonly kind: 'listed';
      readonly codes: readonly ListCode[] /** Answers that the code table does not know. */;
      readonly unknown: readonly string[];
    };

/** @param addresses every A record of the answer: a set, of which several may count. */
export function readAnswer(list: List, addresses: readonly string[]): ListVerdict {
  const refusals = [...list.refusal, '127.255.255.*'];
  const refusing = addresses.filter((address) => refusals.some((pattern) => matches(pattern, address)));
  if (refusing.length > 0) {
    return { kind: 'refused', codes: codesOf(list, refusing).filter((code) => code.class === 'refusal') };
  }
  if (addresses.some((address) => !address.startsWith('127.'))) return { kind: 'broken' };
  const codes = codesOf(list, addresses);
  const unknown = addresses.filter((address) => codesOf(list, [address]).length === 0);
  if (
    unknown.includes('127.0.0.1') ||
    (list.operator === 'not known to mailcheck' && addresses.includes('127.0.0.1'))
  ) {
    return { kind: 'broken' };
  }
  return { kind: 'listed', codes, unknown };
}

function codesOf(list: List, addresses: readonly string[]): ListCode[] {
  return list.codes.filter((code) => addresses.some((address) => matches(code.match, address)));
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
