/** Published texts and lists of faults, as parts of a sentence. */
import { lettersOf, type OctetString } from '../../network/octet-string.ts';
import { quoteInput } from '../../usage-error.ts';

/** @returns a published text in quotation marks, with its octets read as UTF-8. */
export function shown(text: OctetString): string {
  return quoteInput(lettersOf(text));
}

/** The faults that one sentence names. */
export const MAX_NAMED = 3;

/**
 * @param count how many there are, if not all of them are given.
 * @returns the clauses as one text, the first ones in full.
 */
export function clauses(all: readonly string[], count = all.length): string {
  const named = all.slice(0, MAX_NAMED);
  return [...named, ...(count > named.length ? [`and ${count - named.length} more`] : [])].join('; ');
}
