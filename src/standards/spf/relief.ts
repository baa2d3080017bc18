/**
 * Reduces the lookups of a record over the limit (RFC 7208 §4.6.4): replaces `a` and `mx` by the addresses themselves.
 */
import { isFailure, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { MAX_LOOKUPS } from './limits.ts';
import { sortedExchanges } from './mechanism.ts';
import { networkOf, networkText } from './network.ts';
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
}

export interface Relief {
  readonly replacements: readonly Replacement[];
  /** The record with all replacements, or `null` when it is still over the limit or has no replacement. */
  readonly record: string | null;
  /** Number of lookups with all replacements. */
  readonly cost: number;
}

/**
 * Replaces terms of the domain's own record until the record is within the limit or no term can be replaced.
 *
 * @returns the replacements, the resulting record and its number of lookups.
 */
export async function relieve(root: WalkNode, resolver: Resolver): Promise<Relief> {
  const replacements = new Map<string, Replacement>();
  let cost = root.cost;
  const seen = new Set<string>();
  for (const term of [...root.terms].sort((a, b) => rank(a) - rank(b))) {
    if (cost <= MAX_LOOKUPS) break;
    const by = seen.has(term.term.text.toLowerCase()) ? [] : await replacementOf(term, resolver);
    seen.add(term.term.text.toLowerCase());
    if (by === null) continue;
    replacements.set(key(term.term), { term: term.term.text, by, saves: term.cost });
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

/** Ranks terms for replacement: void terms first, then `a`, then the others. */
function rank({ voidFor, term }: WalkTerm): number {
  if (voidFor.length === 2) return 0;
  return term.kind === 'directive' && term.mechanism.name === 'a' ? 1 : 2;
}

async function replacementOf(
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
