/** Parses the ids of rules that the user types. */
import { ruleIds } from '../../check/rules/index.ts';
import { quoteInput } from '../../usage-error.ts';
import { nearest } from './nearest.ts';
import { ValueError } from './value-error.ts';

/**
 * @returns the ids.
 * @throws ValueError for an unknown id. The message lists all ids.
 */
export function parseRuleIds(ids: readonly string[]): string[] {
  return ids.map((id) => {
    if (ruleIds.includes(id)) return id;
    throw new ValueError(
      `there is no check ${quoteInput(id)}${nearest(id, ruleIds)}. Type any of: ${ruleIds.join(', ')}`,
    );
  });
}
