/** How often each block list is asked by all runs together: as its operator allows, and never faster than a person would mind. */
import { canonicalName } from '../../network/domain.ts';
import type { Allowance } from '../../network/rates.ts';
import { type AskedList, chooseLists, type ListChoice } from './catalogue.ts';

/** Questions a second to a list whose operator allows no fewer. */
export const DEFAULT_LIST_RATE = 50;

const SECONDS_A_DAY = 86_400;

/** The user's limits: questions a second to each list, or to the list of one zone. */
export interface ListRates {
  readonly all?: number;
  readonly byZone?: ReadonlyMap<string, number>;
}

/**
 * @returns a function that gives the limits for a question about a name: those of the list whose zone has the name. Empty for
 *   any other name.
 */
export function listAllowances(choice: ListChoice, given: ListRates = {}): (name: string) => readonly Allowance[] {
  const byZone = new Map<string, readonly Allowance[]>();
  for (const list of chooseLists(choice).asked) {
    const allowances = allowancesOf(list, given);
    // The zone with the key of the user is asked as often as the one without.
    for (const zone of [list.zone, list.queryZone]) byZone.set(canonicalName(zone), allowances);
  }
  return (name) => {
    let rest = canonicalName(name);
    for (;;) {
      const found = byZone.get(rest);
      if (found !== undefined) return found;
      const dot = rest.indexOf('.');
      if (dot === -1) return [];
      rest = rest.slice(dot + 1);
    }
  };
}

/**
 * A list that allows so many queries a day gets half of them as fast as it takes them. The other half is spread over the day,
 * so that a run of any length stays within the figure.
 */
function allowancesOf({ zone, access, keyedBy }: AskedList, { all, byZone }: ListRates): readonly Allowance[] {
  const named = byZone?.get(zone) ?? all;
  if (named !== undefined) return [{ key: `list ${zone}`, perSecond: named }];
  // The figures are for use without a key.
  const { perSecond = DEFAULT_LIST_RATE, perDay, together = zone } = keyedBy === null ? (access.limit ?? {}) : {};
  const key = `list ${together}`;
  const fast = { key, perSecond: Math.min(DEFAULT_LIST_RATE, perSecond) };
  if (perDay === undefined) return [fast];
  return [fast, { key: `${key} a day`, perSecond: perDay / 2 / SECONDS_A_DAY, burst: Math.floor(perDay / 2) }];
}
