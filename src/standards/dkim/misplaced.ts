/**
 * Finds key records that were published under a wrong name. An editor that appends the zone to a name in full doubles
 * it, and the label `_domainkey` is misspelt in many ways. What stands there is the right record, so no new key is
 * needed.
 */
import { type DnsAnswer, isAbsent, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { canonicalName, isSameOrSubdomain } from '../../network/domain.ts';
import { isSound } from './correct.ts';
import { keyName } from './lookup.ts';
import { meaningOfSelector } from './selector-meaning.ts';

/** A key record, or the alias of one, that stands at a wrong name. */
export interface Misplaced {
  readonly selector: string;
  /** The name at which it belongs. */
  readonly name: string;
  /** The name at which it stands. */
  readonly at: string;
  /** The corrected text of the record, or `null` for an alias. */
  readonly text: string | null;
  /** The target of the alias, or `null` for a record. */
  readonly target: string | null;
  readonly query: DnsAnswer<'TXT'>;
}

/** The labels that are written instead of `_domainkey`. */
const WRONG_LABELS = [
  '_domain_key',
  '_domainkeys',
  'domainkey',
  '_domain-key',
  '_domiankey',
  '_dkim',
  '_domankey',
] as const;

/** The wrong names of a key record, the most likely first. `S` is the selector and `D` the domain. */
const WRONG_NAMES: readonly string[] = [
  'S._domainkey.D.D',
  ...WRONG_LABELS.map((label) => `S.${label}.D`),
  '_domainkey.S.D',
  'S_domainkey.D',
  'S-domainkey.D',
  'S._domainkey._domainkey.D',
  'S.D._domainkey.D',
  'S._domainkey.S._domainkey.D',
  '_domainkey.D',
  'S.D',
  'D',
];

/** The wrong names of the node below which the key records stand. */
const WRONG_NODES: readonly string[] = ['_domainkey.D.D', ...WRONG_LABELS.map((label) => `${label}.D`)];

/** The number of selectors that are tried below a wrong node. */
const MAX_SELECTORS = 12;

/**
 * Looks for the record of a selector that has none. All questions are asked at once. Never rejects.
 *
 * @returns the record at the likeliest wrong name, or `undefined`.
 */
export async function findMisplaced(dns: Resolver, domain: string, selector: string): Promise<Misplaced | undefined> {
  const names = WRONG_NAMES.map((pattern) => named(pattern, domain, selector));
  const queries = await Promise.all(names.map((at) => dns.query(at, 'TXT')));
  return queries.map((query) => misplacedAt(query, domain, selector)).find((found) => found !== undefined);
}

/**
 * Looks for the usual selectors below the wrong names of `_domainkey`. It asks for the wrong names first, and for
 * selectors only below those that exist (RFC 8020 §2).
 *
 * @param selectors the usual selectors, the most likely first.
 * @returns what was found, one for each selector.
 */
export async function searchMisplaced(
  dns: Resolver,
  domain: string,
  selectors: readonly string[],
): Promise<readonly Misplaced[]> {
  const nodes = WRONG_NODES.map((pattern) => named(pattern, domain, ''));
  const answers = await Promise.all(nodes.map((node) => dns.query(node, 'TXT')));
  const existing = nodes.filter((_, index) => {
    const answer = answers[index];
    return answer !== undefined && isAbsent(answer) && answer.status === 'nodata' && answer.chain.length === 0;
  });
  const found = await Promise.all(
    existing.flatMap((node) =>
      selectors
        .slice(0, MAX_SELECTORS)
        .map(async (selector) => misplacedAt(await dns.query(`${selector}.${node}`, 'TXT'), domain, selector)),
    ),
  );
  const bySelector = new Map(found.flatMap((one) => (one ? [[one.selector, one] as const] : [])).reverse());
  return [...bySelector.values()].reverse();
}

/**
 * @returns the target without the domain that an editor appended to it, or `undefined` when the target does not end in
 *   the domain.
 */
export function withoutAppended(target: string, domain: string): string | undefined {
  const name = canonicalName(target);
  const cut = name.slice(0, -(domain.length + 1));
  return isSameOrSubdomain(name, domain) && cut.includes('.') ? cut : undefined;
}

function named(pattern: string, domain: string, selector: string): string {
  return pattern.replace(/[SD]/g, (letter) => (letter === 'S' ? selector : domain));
}

function misplacedAt(query: DnsAnswer<'TXT'>, domain: string, selector: string): Misplaced | undefined {
  const texts = recordsOf(query).map((strings) => strings.join(''));
  const found = { selector, name: keyName(selector, domain), at: query.name, query };
  const [target] = query.chain;
  // Only an alias of a key is meant as one. A wildcard may make an alias of every name.
  if (target !== undefined)
    return texts.some(isKey) ? { ...found, text: null, target: canonicalName(target) } : undefined;
  // Names such as the domain itself have other TXT records, too.
  const [only, ...others] = texts.filter(isKeyLike);
  if (only === undefined) return undefined;
  const meaning = meaningOfSelector([only, ...others]);
  const text = meaning.kind === 'right' ? only : meaning.kind === 'corrected' ? meaning.text : undefined;
  return text === undefined || !isKey(text) ? undefined : { ...found, text, target: null };
}

function isKeyLike(text: string): boolean {
  return /dkim1|(?:^|[;\s"])p[ \t]*=[\s"]*MI|(?:^|[;\s"])k[ \t]*=[ \t]*(?:rsa|ed25519)\b/i.test(text);
}

/** Tells whether the text is a key record with a key. A revoked one need not be moved. */
function isKey(text: string): boolean {
  return isSound(text) && !/(?:^|;)\s*p\s*=\s*(?:;|$)/.test(text) && isKeyLike(text);
}
