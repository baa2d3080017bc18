/** What to replace in a record over the lookup limit (RFC 7208 §4.6.4): terms whose addresses can be written down. */
import { isFailure, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { MAX_LOOKUPS } from './limits.ts';
import { sortedExchanges } from './mechanism.ts';
import { networkOf, networkText } from './network.ts';
import type { Directive } from './record.ts';
import type { WalkNode, WalkTerm } from './walk.ts';

/** A term is not written out as more addresses than this. */
const MAX_ADDRESSES = 8;

export interface Replacement {
  readonly term: string;
  /** Empty where the term can simply go. */
  readonly by: readonly string[];
  readonly saves: number;
}

export interface Relief {
  readonly replacements: readonly Replacement[];
  /** The whole record with them made; `null` where it would still be over the limit. */
  readonly record: string | null;
  readonly cost: number;
}

/** @returns replacements in the domain's own record, in its order, until it is within the limit or none is left. */
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

/** Terms that find nothing go first, then those with few addresses of the domain's own. */
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
  // What is not known now would be missing from the record.
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
