/**
 * Finds the keys of a domain whose selectors nobody told us, and says whether there can be any.
 *
 * Existence rests on RFC 8020 §2: where `_domainkey.<domain>` does not exist, nothing exists below it. The question
 * goes to the configured resolver, not to the zone's own servers. That is sound as long as the answer is put to the
 * test, because a resolver passes NXDOMAIN on, or derives it from one (RFC 8020, RFC 8198), but does not invent it
 * for one name while it answers for another:
 * - a random name beside `_domainkey` must be denied too: else the zone has a wildcard, its server denies by NODATA
 *   (RFC 9824), or the resolver rewrites denials, and neither answer at `_domainkey` means anything;
 * - no guess below `_domainkey` may exist: some servers deny names that only have names below them;
 * - every guess must have been answered: a guess that timed out may be the one that would have spoken up.
 * What it cannot see is a record younger than the time the resolver keeps a denial (RFC 2308).
 */
import { type DnsAnswer, type DnsFailure, isFailure, type Resolver } from '../../network/dns/answer.ts';
import { looksLikeKeyRecord } from './key-record.ts';
import { lookUpSelector, type SelectorLookup } from './lookup.ts';

export type Existence =
  /** Proven: no selector exists. */
  | 'none'
  /** Proven: something exists below `_domainkey`. */
  | 'some'
  /** The resolver or the zone's servers cannot tell existing names from others. */
  | 'unknown';

export interface Discovery {
  readonly existence: Existence;
  /** `_domainkey.<domain> TXT`. */
  readonly node: DnsAnswer<'TXT'>;
  /** A random name in the domain, which must be denied for `node` to mean anything. */
  readonly control: DnsAnswer<'TXT'>;
  /** A random selector; `records` when a wildcard answers for all of them. */
  readonly wildcard: SelectorLookup;
  /** Keys found, and CNAMEs that lead nowhere; a wildcard's key counts once, as selector `*`. */
  readonly found: readonly SelectorLookup[];
  readonly tried: readonly string[];
  /** The answers to all that was asked. */
  readonly answers: readonly DnsAnswer[];
  /** Those of them that say nothing. */
  readonly failures: readonly DnsFailure[];
  /** `false` when the zone's server denied `_domainkey` but has names below it, against RFC 8020. */
  readonly deniesTruthfully: boolean;
}

/**
 * Asks for `candidates` and the controls, all at once.
 *
 * @param token gives letters and digits that nobody can guess, by a label.
 * @returns the keys found, and whether there can be others.
 */
export async function discoverKeys(
  dns: Resolver,
  domain: string,
  candidates: readonly string[],
  token: (label: string) => string,
): Promise<Discovery> {
  const [node, control, wildcard, ...lookups] = await Promise.all([
    dns.query(`_domainkey.${domain}`, 'TXT'),
    dns.query(`mailcheck-${token('dkim control')}.${domain}`, 'TXT'),
    lookUpSelector(dns, domain, unusedSelector(token)),
    ...candidates.map((selector) => lookUpSelector(dns, domain, selector)),
  ]);
  const found = [...lookups.filter((lookup) => isKey(lookup) || lookup.outcome === 'dangling')].filter(
    (lookup) => !isSameAnswer(lookup.query, wildcard.query),
  );
  if (isKey(wildcard)) found.push({ ...wildcard, selector: '*', name: `*._domainkey.${domain}` });
  const below = [wildcard, ...lookups];
  const answers = [node, control, ...below.map(({ query }) => query)];
  return {
    existence: existence(node, control, below, found),
    node,
    control,
    wildcard,
    found,
    tried: candidates,
    answers,
    failures: answers.filter(isFailure),
    deniesTruthfully: !(isDenied(node) && below.some(({ query }) => exists(query))),
  };
}

/** @returns a selector that no zone has. */
export function unusedSelector(token: (label: string) => string): string {
  return `mailcheck-${token('dkim selector')}`;
}

function existence(
  node: DnsAnswer<'TXT'>,
  control: DnsAnswer<'TXT'>,
  below: readonly SelectorLookup[],
  found: readonly SelectorLookup[],
): Existence {
  if (found.length > 0) return 'some';
  if (!isDenied(control)) return 'unknown';
  // No data at `_domainkey`, while other names are denied: an empty non-terminal, a delegation, or other records.
  if (node.status === 'nodata' && node.chain.length === 0) return 'some';
  return isDenied(node) && below.every(({ query }) => isDenied(query)) ? 'none' : 'unknown';
}

/** NXDOMAIN of the name itself: behind a CNAME it would be about another name. */
function isDenied(answer: DnsAnswer): boolean {
  return answer.status === 'nxdomain' && answer.chain.length === 0;
}

function exists(answer: DnsAnswer): boolean {
  return answer.status === 'answer' || answer.status === 'nodata' || answer.chain.length > 0;
}

/** A record meant as a key, as opposed to whatever a wildcard of the domain answers. */
function isKey(lookup: SelectorLookup): boolean {
  return (
    lookup.query.status === 'answer' && lookup.query.records.some((strings) => looksLikeKeyRecord(strings.join('')))
  );
}

function isSameAnswer(a: DnsAnswer<'TXT'>, b: DnsAnswer<'TXT'>): boolean {
  if (a.status !== b.status || a.chain.join(' ') !== b.chain.join(' ')) return false;
  if (a.status !== 'answer' || b.status !== 'answer') return true;
  const texts = (answer: typeof a) => answer.records.map((strings) => strings.join('')).sort();
  return JSON.stringify(texts(a)) === JSON.stringify(texts(b));
}
