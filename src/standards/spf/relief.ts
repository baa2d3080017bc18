/**
 * Reduces the lookups of a record over the limit (RFC 7208 §4.6.4): replaces `a` and `mx` by the addresses themselves.
 */
import { isFailure, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { isSameOrSubdomain } from '../../network/domain.ts';
import { MAX_LOOKUPS } from './limits.ts';
import { sortedExchanges } from './mechanism.ts';
import { networkOf, networkText } from './network.ts';
import { registrableDomain } from './policy.ts';
import type { Directive } from './record.ts';
import type { WalkNode, WalkTerm } from './walk.ts';

/** Largest number of addresses that may replace one term. */
const MAX_ADDRESSES = 8;

export interface Replacement {
  readonly term: string;
  /** The terms to write instead. Empty when the term can be removed. */
  readonly by: readonly string[];
  /** Number of lookups that the replacement saves. */
  readonly saves: number;
  /** Whether the addresses are those of somebody else's hosts, who may change them. */
  readonly isOthers: boolean;
}

export interface Relief {
  readonly replacements: readonly Replacement[];
  /** The record with all replacements, or `null` when it is still over the limit or has no replacement. */
  readonly record: string | null;
  /** Number of lookups with all replacements. */
  readonly cost: number;
}

/**
 * Replaces terms of the domain's own record until the record is within the limit or no term can be replaced. The hosts
 * of others come last, because their owners may change the addresses.
 *
 * @returns the replacements, the resulting record and its number of lookups.
 */
export async function relieve(root: WalkNode, resolver: Resolver): Promise<Relief> {
  const replacements = new Map<string, Replacement>();
  let cost = root.cost;
  const seen = new Set<string>();
  const ranked = await Promise.all(
    root.terms.map(async (term) => ({ term, rank: await rankOf(term, root.domain, resolver) })),
  );
  for (const { term, rank } of ranked.sort((a, b) => a.rank - b.rank)) {
    if (cost <= MAX_LOOKUPS) break;
    const by = seen.has(term.term.text.toLowerCase()) ? [] : await addressTerms(term, resolver);
    seen.add(term.term.text.toLowerCase());
    if (by === null) continue;
    replacements.set(key(term.term), { term: term.term.text, by, saves: term.cost, isOthers: rank >= OTHERS });
    cost -= term.cost;
  }
  const texts = (root.record?.terms ?? []).flatMap((term) => replacements.get(key(term))?.by ?? [term.text]);
  return {
    replacements: [...replacements.values()],
    record: cost <= MAX_LOOKUPS && replacements.size > 0 ? ['v=spf1', ...texts].join(' ') : null,
    cost,
  };
}

function key(term: { readonly offset: number }): string {
  return String(term.offset);
}

/** From this rank on, the hosts are somebody else's. */
const OTHERS = 3;

/** Ranks terms for replacement: void terms first, then the own hosts by `a`, then those by `mx`, then other hosts. */
async function rankOf({ voidFor, term, target }: WalkTerm, domain: string, resolver: Resolver): Promise<number> {
  if (voidFor.length === 2) return 0;
  if (term.kind !== 'directive' || target === null) return OTHERS;
  const { name } = term.mechanism;
  if (name !== 'a' && name !== 'mx') return 2;
  const hosts = name === 'a' ? [target] : sortedExchanges(await resolver.query(target, 'MX'));
  const isOwn = hosts.every((host) => isOwnName(host, domain));
  return (isOwn ? 1 : OTHERS) + (name === 'a' ? 0 : 1);
}

/** Tells whether a name is in the registrable domain of another one. */
function isOwnName(name: string, domain: string): boolean {
  return isSameOrSubdomain(name, registrableDomain(domain) ?? domain);
}

/** @returns the terms that name the addresses of a term's hosts, or `null` where they cannot be written for it. */
export async function addressTerms(
  { term, target, voidFor, answers }: WalkTerm,
  resolver: Resolver,
): Promise<string[] | null> {
  if (term.kind !== 'directive' || target === null) return null;
  const { mechanism } = term;
  if (mechanism.name !== 'a' && mechanism.name !== 'mx') return null;
  if (voidFor.length === 2) return [];
  const hosts = mechanism.name === 'a' ? [target] : sortedExchanges(await resolver.query(target, 'MX'));
  if (answers.length === 0 || hosts.length > MAX_ADDRESSES) return null;
  const found = await Promise.all(
    hosts.flatMap((host) => [resolver.query(host, 'A'), resolver.query(host, 'AAAA')] as const),
  );
  // The addresses of a failed lookup would be missing from the new record.
  if (found.some(isFailure)) return null;
  const networks = found
    .flatMap((answer) => recordsOf<'A' | 'AAAA'>(answer))
    .map((text) => networkOf(text, mechanism.prefixLength));
  const terms = networks.flatMap((network) =>
    network ? [`${qualifierText(term)}ip${network.family}:${networkText(network)}`] : [],
  );
  const unique = [...new Set(terms)];
  return unique.length > 0 && unique.length <= MAX_ADDRESSES ? unique : null;
}

function qualifierText({ qualifier }: Directive): string {
  return qualifier === '+' ? '' : qualifier;
}
