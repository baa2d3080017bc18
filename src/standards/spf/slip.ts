/** The slips in SPF records that are corrected, and their words. */

/** The cause of each kind of slip, as a clause that follows a colon. */
export const SLIP_CAUSES = {
  'typographic-dash': 'a typographic dash stands in the place of the hyphen',
  'typographic-quote': 'typographic quotation marks are not part of a record',
  quote: 'quotation marks and backslashes are not part of a record',
  'odd-space': 'a tab, line break or no-break space stands in the place of a space',
  invisible: 'it has invisible characters, which no receiver expects',
  'look-alike': 'it contains characters that only look like the right ones',
  'before-version': 'nothing may stand before "v=spf1"',
  'version-spelling': 'the version is spelt "v=spf1"',
  'version-space': 'a space is missing after "v=spf1"',
  'version-missing': 'the version "v=spf1" is missing',
  'version-twice': 'the version stands only once, at the start',
  'sender-id': 'it is a Sender ID record (spf2.0), which no receiver reads',
  'strings-joined': 'the strings of a TXT record are joined without a space',
  'space-missing': 'a space is missing between two terms',
  'space-inside': 'a space stands inside a term',
  separator: 'only spaces separate terms',
  'name-misspelt': 'the name of the term is misspelt',
  colon: 'a colon belongs after the name of the term',
  'equals-sign': '"redirect" and "exp" take "=" and no colon',
  'not-a-modifier': 'receivers ignore it as an unknown modifier; the mechanism takes a colon',
  'qualified-modifier': 'a modifier takes no qualifier',
  'qualifier-place': 'the qualifier stands once, before the name',
  'name-for-address': 'ip4: and ip6: take an address and not a host name',
  'address-for-name': 'an address belongs after ip4: or ip6:',
  'address-family': 'ip4: takes an IPv4 address and ip6: an IPv6 address',
  'prefix-length': 'a prefix length is a number without leading zeros after "/"',
  netmask: 'a prefix length is written instead of a netmask',
  wildcard: 'a network is written with a prefix length',
  range: 'a range is written as networks',
  url: 'a term takes a name and not a URL',
  port: 'a term takes no port',
  punctuation: 'a character does not belong to the term',
  'non-ascii-name': 'a name is published in its ASCII form (A-labels)',
  'name-alone': 'each name needs a term of its own',
  'address-alone': 'each address needs a term of its own',
  'after-all': 'terms after "all" never count',
  'second-all': 'only the first "all" counts',
  'redirect-beside-all': '"redirect" never counts beside "all"',
  'second-redirect': '"redirect" may appear only once',
  'second-exp': '"exp" may appear only once',
  'html-entity': 'it was copied as the source of a web page or as a part of a URL',
  'dmarc-inside': 'DMARC has a record of its own at the name _dmarc',
  'split-term': 'a term was cut between two TXT records',
  'service-token': 'it is a token of another service, which belongs into a TXT record of its own',
  merged: 'a domain may have only one SPF record',
  'merged-ending': 'of several endings the strictest one stays',
  'ending-missing': 'a record needs an ending',
  continued: 'a record cannot go on in another TXT record',
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

/** @returns what the corrections change, one clause with a verb for each piece: `writes "-all" for "–all": …`. */
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
      return `takes in the terms of the TXT record "${saw}"`;
    case 'invisible':
      return `takes characters out of "${meant}"`;
    case 'second-redirect':
    case 'second-exp':
      return meant === '' || meant === saw
        ? `leaves out "${saw}" where it stands again`
        : `writes "${meant}" for "${saw}"`;
    case 'odd-space':
      return `writes a space in "${meant}"`;
    case 'after-all':
      return `moves "${saw}" before "all"`;
    case 'ending-missing':
      return `adds ${meant}`;
    default:
      return meant === '' ? `leaves out "${saw}"` : `writes "${meant}" for "${saw}"`;
  }
}
