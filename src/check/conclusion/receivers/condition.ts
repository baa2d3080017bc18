/** Tells from the findings whether the condition of a receiver's rule is met. */

import { CAUSES, type Cause, type CauseName, type Condition } from '../../../knowledge/receivers/causes.ts';
import { type IpFamily, ipFamily, parseIp } from '../../../network/ip.ts';
import type { FindingResult, RuleResult } from '../../../report/status.ts';
import { rules, specOf } from '../../rules/index.ts';

/** Whether a condition is met. */
export type State =
  | { readonly kind: 'met'; readonly causes: readonly FindingResult[] }
  | { readonly kind: 'unmet' }
  /** A check that would show it was not made or could not be completed. `checks` are the ids of those rules. */
  | { readonly kind: 'unknown'; readonly checks: readonly string[] };

const UNMET: State = { kind: 'unmet' };

/** The ids of the rules that can find each cause. */
const TELLERS: ReadonlyMap<CauseName, ReadonlySet<string>> = tellersOf();

function tellersOf(): Map<CauseName, Set<string>> {
  const tellers = new Map<CauseName, Set<string>>();
  for (const { id, findings } of rules) {
    for (const name of Object.values(findings).flatMap(({ causes = [] }) => causes)) {
      tellers.set(name, (tellers.get(name) ?? new Set()).add(id));
    }
  }
  return tellers;
}

/**
 * Combines the groups of a condition: all must be met, so one group that is certainly not met decides.
 *
 * @param family the IP version over which the condition applies. Findings about addresses of the other do not count. Any
 *   version when absent.
 */
export function stateOf(condition: Condition, results: readonly RuleResult[], family?: IpFamily): State {
  const states = condition.map((names) => anyOf(names, results, family));
  if (states.some(({ kind }) => kind === 'unmet')) return UNMET;
  const checks = states.flatMap((state) => (state.kind === 'unknown' ? state.checks : []));
  if (checks.length > 0) return { kind: 'unknown', checks };
  return { kind: 'met', causes: states.flatMap((state) => (state.kind === 'met' ? state.causes : [])) };
}

function anyOf(names: readonly CauseName[], results: readonly RuleResult[], family: IpFamily | undefined): State {
  const found = results.flatMap(({ findings }) =>
    findings.filter((finding) => names.some((name) => isCausedBy(finding, name)) && isOver(finding, family)),
  );
  if (found.length > 0) return { kind: 'met', causes: found };
  const blind = results.filter((result) => names.some((name) => hides(result, name, family)));
  return blind.length > 0 ? { kind: 'unknown', checks: blind.map(({ id }) => id) } : UNMET;
}

/** @returns whether a check that could find the cause was not made or not completed. */
function hides({ id, status, findings }: RuleResult, name: CauseName, family: IpFamily | undefined): boolean {
  if (!TELLERS.get(name)?.has(id)) return false;
  if (status === 'skipped') return true;
  return findings.some((finding) => {
    const { severity, faults } = finding;
    if (severity !== 'inconclusive' || (faults !== undefined && !faults.includes(name))) return false;
    return isOver(finding, family);
  });
}

/** @returns whether the finding is about an address of the IP version, or about no single address. */
export function isOver({ about: { ip } }: FindingResult, family: IpFamily | undefined): boolean {
  if (family === undefined || ip === undefined) return true;
  const address = parseIp(ip);
  return address !== undefined && ipFamily(address) === family;
}

/**
 * Tells whether a finding is an instance of a cause: of its code, of its own faults, and of its list. Only an error or warning counts: a documentation address in a lab
 * is reported as info and gives receivers no reason to refuse.
 */
export function isCausedBy({ code, severity, faults, about: { zone } }: FindingResult, name: CauseName): boolean {
  if (severity !== 'error' && severity !== 'warning') return false;
  if (!specOf(code)?.causes?.includes(name)) return false;
  if (faults !== undefined && !faults.includes(name)) return false;
  const { zones }: Cause = CAUSES[name];
  return zones === undefined || (zone !== undefined && zones.some((end) => zone === end || zone.endsWith(`.${end}`)));
}
