/**
 * Identifier alignment (RFC 9989 §4.4, §4.10.2): does an authenticated domain count for the domain of the From field?
 */
import type { Resolver } from '../../network/dns/answer.ts';
import { sameName } from '../../network/domain.ts';
import { organizationalDomain } from '../organizational-domain.ts';
import type { Alignment } from './record.ts';
import { walkTree } from './tree-walk.ts';

export type AlignmentResult = 'aligned' | 'not-aligned' | 'unknown';

/**
 * Compares an authenticated domain with the author domain, as receivers that follow RFC 9989 do. Strict alignment
 * requires the same domain. Relaxed alignment requires the same organizational domain, which a tree walk finds for each
 * of the two.
 *
 * @param identifier the domain that SPF or DKIM authenticated.
 * @returns whether the domains are aligned; `unknown` when a query of a tree walk failed.
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

/**
 * Compares an authenticated domain with the author domain, as receivers that follow RFC 7489 §3.1 do. They find the
 * organizational domains with the public suffix list.
 *
 * @returns whether the domains are aligned; never `unknown`.
 */
export function alignmentBySuffixList(authorDomain: string, identifier: string, mode: Alignment): AlignmentResult {
  if (sameName(authorDomain, identifier)) return 'aligned';
  if (mode === 'strict') return 'not-aligned';
  return organizationalDomain(authorDomain) === organizationalDomain(identifier) ? 'aligned' : 'not-aligned';
}
