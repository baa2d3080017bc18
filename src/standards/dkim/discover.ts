/**
 * Finds the DKIM keys of a domain with unknown selectors, and tells whether the domain has any keys at all.
 *
 * The DNS cannot list the names of a zone, so this file guesses selectors. It can prove that there are no keys by RFC
 * 8020 §2: when `_domainkey.<domain>` does not exist, no name below it exists. It asks the configured resolver, not the
 * zone's own servers. A resolver passes NXDOMAIN on or derives it from another one (RFC 8020, RFC 8198), but it does
 * not invent it for a single name. These controls confirm the proof:
 *
 * - A random name beside `_domainkey` must be denied too. Otherwise the zone has a wildcard, its server denies names
 *   with NODATA (RFC 9824), or the resolver rewrites denials. In all these cases the answer at `_domainkey` proves
 *   nothing.
 * - No guessed name below `_domainkey` may exist. Some servers wrongly deny a name that only has names below it.
 * - Every guess must have an answer. A guess that timed out may be an existing name.
 *
 * A new record stays invisible while the resolver has its denial cached (RFC 2308).
 */
import { type DnsAnswer, type DnsFailure, isFailure, type Resolver } from '../../network/dns/answer.ts';
import { looksLikeKeyRecord } from './key-record.ts';
import { lookUpSelector, type SelectorLookup } from './lookup.ts';

export type Existence =
  /** No selector exists. This is proven. */
  | 'none'
  /** A name exists below `_domainkey`. This is proven. */
  | 'some'
  /** A query failed, or the resolver or the zone's servers do not distinguish existing from missing names. */
  | 'unknown';

export interface Discovery {
  readonly existence: Existence;
  /** The answer at `_domainkey.<domain>`. */
  readonly node: DnsAnswer<'TXT'>;
  /** The answer at a random name in the domain. `node` proves something only if this name is denied. */
  readonly control: DnsAnswer<'TXT'>;
  /** The lookup of a random selector. Its outcome is `records` when a wildcard answers for all selectors. */
  readonly wildcard: SelectorLookup;
  /**
   * The lookups with a key, or with a CNAME to a missing record. The key of a wildcard appears once, as selector `*`.
   */
  readonly found: readonly SelectorLookup[];
  /** The selectors that were guessed. */
  readonly tried: readonly string[];
  /** The answers to all queries. */
  readonly answers: readonly DnsAnswer[];
  /** The failed ones among these answers. */
  readonly failures: readonly DnsFailure[];
  /** `false` when the zone's server denies `_domainkey` although names exist below it, contrary to RFC 8020. */
  readonly deniesTruthfully: boolean;
}

/**
 * Queries the candidates and the controls, all at once.
 *
 * @param candidates the selectors to guess.
 * @param token returns random letters and digits for a label, the same ones for the same label.
 * @returns the keys found, and whether other keys may exist.
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

/** @returns a random selector that does not exist in any zone. */
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
  // NODATA at `_domainkey` while other names are denied: it has names below it, is delegated, or has other records.
  if (node.status === 'nodata' && node.chain.length === 0) return 'some';
  return isDenied(node) && below.every(({ query }) => isDenied(query)) ? 'none' : 'unknown';
}

/** Tells whether the queried name itself does not exist. NXDOMAIN after a CNAME is about the target of the alias. */
function isDenied(answer: DnsAnswer): boolean {
  return answer.status === 'nxdomain' && answer.chain.length === 0;
}

function exists(answer: DnsAnswer): boolean {
  return answer.status === 'answer' || answer.status === 'nodata' || answer.chain.length > 0;
}

/** Tells whether a lookup found a key, and not just some other record of a wildcard. */
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
