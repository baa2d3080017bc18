/** The slips in SPF records that are corrected, and their words. */

/** The cause of each kind of slip, as a clause that follows a colon. */
export const SLIP_CAUSES = {
  'typographic-dash': 'it has a typographic dash instead of a hyphen',
  'typographic-quote': 'typographic quotation marks are not part of a record',
  quote: 'quotation marks and backslashes are not part of a record',
  'odd-space': 'it has a tab, line break or no-break space instead of a space',
  invisible: 'it has invisible characters',
  'look-alike': 'it has characters that only look like the right ones',
  'before-version': 'nothing may come before "v=spf1"',
  'version-spelling': 'the version must be spelt "v=spf1"',
  'version-space': 'a space is missing after "v=spf1"',
  'version-missing': 'the version "v=spf1" is missing',
  'version-twice': 'the version must appear only once, at the start',
  'sender-id': 'it is a Sender ID record (spf2.0), which no receiver reads',
  'strings-joined': 'receivers join the strings of a TXT record without a space',
  'space-missing': 'a space is missing between two terms',
  'space-inside': 'there is a space inside a term',
  separator: 'only spaces separate terms',
  'name-misspelt': 'the name of the term is misspelt',
  colon: 'a colon belongs after the name of the term',
  'equals-sign': '"redirect" and "exp" take "=" and no colon',
  'not-a-modifier': 'with "=" receivers ignore it as an unknown modifier; the mechanism takes a colon',
  'qualified-modifier': 'a modifier takes no qualifier',
  'qualifier-place': 'the qualifier must appear once, before the name',
  'name-for-address': 'ip4: and ip6: take an address, not a host name',
  'address-for-name': 'an address must follow ip4: or ip6:',
  'address-family': 'ip4: takes an IPv4 address and ip6: an IPv6 address',
  'prefix-length': 'a prefix length is a number without leading zeros after "/"',
  netmask: 'SPF takes a prefix length, not a netmask',
  wildcard: 'SPF takes a network with a prefix length, not a wildcard',
  range: 'SPF takes networks, not a range',
  url: 'a term takes a name, not a URL',
  port: 'a term takes no port',
  punctuation: 'it has a character that does not belong to the term',
  'non-ascii-name': 'a name must be in its ASCII form (xn--)',
  'name-alone': 'each name needs a term of its own',
  'address-alone': 'each address needs a term of its own',
  'after-all': 'receivers ignore terms after "all"',
  'second-all': 'only the first "all" counts',
  'redirect-beside-all': 'receivers ignore "redirect" beside "all"',
  'second-redirect': '"redirect" may appear only once',
  'second-exp': '"exp" may appear only once',
  'html-entity': 'it was copied from the source of a web page or from a URL',
  'dmarc-inside': 'DMARC needs its own record at the name _dmarc',
  'split-term': 'a term was cut between two TXT records',
  'service-token': 'it is a token of another service, which needs its own TXT record',
  merged: 'a domain may have only one SPF record',
  'merged-ending': 'of several endings the strictest one is kept',
  'ending-missing': 'the record has no ending',
  continued: 'a record cannot continue in another TXT record',
} as const;

export type SpfSlipKind = keyof typeof SLIP_CAUSES;

/** One slip of the owner. */
export interface SpfSlip {
  readonly kind: SpfSlipKind;
  /** The piece as published, in its letters. */
  readonly saw: string;
  /** What is written instead. Empty when nothing is. */
  readonly meant: string;
}

/** @returns the cause of a slip as a clause, such as `a space is missing between two terms`. */
export function slipCause({ kind }: Pick<SpfSlip, 'kind'>): string {
  return SLIP_CAUSES[kind];
}

/** @returns one slip of each kind for a piece. */
export function slipsOf(kinds: readonly SpfSlipKind[], saw: string, meant: string): SpfSlip[] {
  return [...new Set(kinds)].map((kind) => ({ kind, saw, meant }));
}

/** @returns what the corrections change, one clause with a verb for each piece: `changes "–all" to "-all": …`. */
export function slipNotes(slips: readonly SpfSlip[]): string[] {
  const notes = new Map<string, Set<string>>();
  for (const slip of slips) {
    const change = changeOf(slip);
    notes.set(change, (notes.get(change) ?? new Set()).add(slipCause(slip)));
  }
  return [...notes].map(([change, causes]) => `${change}: ${[...causes].join('; ')}`);
}

function changeOf({ kind, saw, meant }: SpfSlip): string {
  switch (kind) {
    case 'merged':
      return `merges ${saw}`;
    case 'continued':
      return `adds the terms of the TXT record "${saw}"`;
    case 'invisible':
      return `removes characters from "${meant}"`;
    case 'second-redirect':
    case 'second-exp':
      return meant === '' || meant === saw ? `removes the second "${saw}"` : `changes "${saw}" to "${meant}"`;
    case 'odd-space':
      return `puts a space in "${meant}"`;
    case 'after-all':
      return `moves "${saw}" before "all"`;
    case 'ending-missing':
      return `adds ${meant}`;
    default:
      return meant === '' ? `removes "${saw}"` : `changes "${saw}" to "${meant}"`;
  }
}
