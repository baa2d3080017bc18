/**
 * Sorts the lists that gave no usable answer: those that the check needs, those that it can do without, and the one cause
 * that all of them have, if the resolver is behind it.
 */

import { isNeeded } from '../../../knowledge/lists/catalogue.ts';
import type { DnsFailureStatus } from '../../../network/dns/answer.ts';
import { hasTold, type ListResult } from '../../facts/lists.ts';

/** The lists without a usable answer. */
export interface LostLists {
  /** The results that leave the check open. */
  readonly needed: readonly ListResult[];
  /** The results of lists that the check can do without. */
  readonly others: readonly ListResult[];
  /** The cause that the lists have in common. `undefined` when some list answered, or the lists have several causes. */
  readonly cause: CommonCause | undefined;
}

/** What a resolver does to the answers of all lists. */
export type CommonCause =
  /** The addresses of the test entries are missing. */
  | { readonly kind: 'removed' }
  /** The answers are addresses that no list uses, or every name has the same. */
  | { readonly kind: 'rewritten' }
  /** Every lookup fails in this way. */
  | { readonly kind: 'failed'; readonly status: DnsFailureStatus };

/** The smallest number of lists that can have a cause in common. */
const SEVERAL = 2;

/** @returns the results that tell nothing, by their weight, and the cause that they have in common. */
export function lostLists(results: readonly ListResult[]): LostLists {
  const blocking = results.filter(({ list }) => list.kind !== 'allow');
  const isBlind = !blocking.some(hasTold);
  const lost = results.filter((result) => !hasTold(result) && result.outcome.kind !== 'unverified');
  const isOpen = ({ list, isHeard }: ListResult): boolean =>
    list.kind !== 'allow' && (isBlind || isHeard || isNeeded(list));
  const needed = lost.filter(isOpen);
  return {
    needed,
    others: lost.filter((result) => !isOpen(result)),
    cause: isBlind ? commonCause(needed) : undefined,
  };
}

/** @returns the cause of at least half of several lists. A list may be out of service besides. */
function commonCause(results: readonly ListResult[]): CommonCause | undefined {
  const zonesOf = (some: readonly ListResult[]): number => new Set(some.map(({ list }) => list.zone)).size;
  const byCause = new Map<string, { cause: CommonCause; results: ListResult[] }>();
  for (const result of results) {
    const cause = causeOf(result);
    if (cause === undefined) continue;
    const key = cause.kind === 'failed' ? cause.status : cause.kind;
    const others = byCause.get(key)?.results ?? [];
    byCause.set(key, { cause, results: [...others, result] });
  }
  const [first] = [...byCause.values()].sort((a, b) => zonesOf(b.results) - zonesOf(a.results));
  if (first === undefined || zonesOf(first.results) < SEVERAL) return undefined;
  return zonesOf(first.results) * 2 >= zonesOf(results) ? first.cause : undefined;
}

function causeOf({ outcome }: ListResult): CommonCause | undefined {
  switch (outcome.kind) {
    case 'failed':
      // The resolver gave data of its own, which counts as no answer.
      return outcome.status === 'local-data' ? { kind: 'rewritten' } : { kind: 'failed', status: outcome.status };
    case 'broken':
      return isMissing(outcome.fault) ? { kind: 'removed' } : { kind: 'rewritten' };
    default:
      return undefined;
  }
}

function isMissing(fault: string): boolean {
  return fault === 'no-test-entry' || fault === 'no-test-entry-with-key' || fault === 'unsteady';
}
