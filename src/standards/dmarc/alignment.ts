/** Identifier alignment (RFC 9989 §4.4, §4.10.2): does an authenticated domain speak for the From domain? */
import type { Resolver } from '../../network/dns/answer.ts';
import { sameName } from '../../network/domain.ts';
import { organizationalDomain } from '../organizational-domain.ts';
import type { Alignment } from './record.ts';
import { walkTree } from './tree-walk.ts';

export type AlignmentResult = 'aligned' | 'not-aligned' | 'unknown';

/**
 * Alignment as receivers of RFC 9989 see it: relaxed alignment compares the organizational domains of both, each
 * found by a tree walk of its own.
 *
 * @returns `unknown` when a query the comparison rests on has no outcome
 */
export async function alignmentByTreeWalk(
  dns: Resolver,
  authorDomain: string,
  identifier: string,
  mode: Alignment,
): Promise<AlignmentResult> {
  // "In this case, this common domain is treated as the Organizational Domain" (§4.10.2).
  if (sameName(authorDomain, identifier)) return 'aligned';
  if (mode === 'strict') return 'not-aligned';
  const [author, other] = await Promise.all([walkTree(dns, authorDomain), walkTree(dns, identifier)]);
  if (author.organizationalDomain.kind === 'unknown' || other.organizationalDomain.kind === 'unknown') return 'unknown';
  return sameName(author.organizationalDomain.domain, other.organizationalDomain.domain) ? 'aligned' : 'not-aligned';
}

/** Alignment as receivers of RFC 7489 §3.1 see it, by the public suffix list. */
export function alignmentBySuffixList(authorDomain: string, identifier: string, mode: Alignment): AlignmentResult {
  if (sameName(authorDomain, identifier)) return 'aligned';
  if (mode === 'strict') return 'not-aligned';
  return organizationalDomain(authorDomain) === organizationalDomain(identifier) ? 'aligned' : 'not-aligned';
}
