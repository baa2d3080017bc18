/** Describes the faults of an SPF record in words. */
import { type CostTree, type SpfSlip, slipCause } from '../../../standards/spf/index.ts';

/** A term of an SPF record. */
export interface TermEvidence {
  /** The domain whose record contains the term. */
  readonly domain: string;
  readonly term: string;
}

/** The slips by which records are merged. They say what changes, and cause nothing. */
const OF_MERGE: readonly SpfSlip['kind'][] = ['merged', 'merged-ending'];

/** @returns the causes of slips as a clause behind a colon, each once. Empty without slips. */
export function causesIn(slips: readonly Pick<SpfSlip, 'kind'>[]): string {
  const causes = [...new Set(slips.filter(({ kind }) => !OF_MERGE.includes(kind)).map(slipCause))];
  return causes.length === 0 ? '' : `: ${causes.join('; ')}`;
}

/** Why the record that a term refers to cannot be used. */
export const BROKEN = {
  'no-name': 'does not exist',
  'no-txt': 'has no TXT record',
  'no-record': 'has no SPF record',
  'several-records': 'has several SPF records',
  syntax: 'has an SPF record with errors',
  'not-a-name': 'is not a domain name',
} as const;

export type BrokenReason = keyof typeof BROKEN;

/** @returns the terms in quotation marks. A term in another domain's record is followed by that domain. */
export function listed(terms: readonly TermEvidence[], own: string): string {
  return terms.map(({ domain, term }) => (domain === own ? `"${term}"` : `"${term}" (${domain})`)).join(', ');
}

/** @returns the terms of a record, each followed by the number of lookups it takes. */
export function costs({ terms }: CostTree): string {
  return terms.map(({ term, cost }) => `${term} ${cost}`).join(', ');
}

/** @returns the domains whose records led to a failure, in parentheses with a space before. Empty for one domain. */
export function byWayOf(path: readonly string[]): string {
  return path.length > 1 ? ` (reached by ${path.join(' → ')})` : '';
}
