/**
 * Makes one plan of all findings, and proves it before it is shown. The edits of the findings are folded into one final
 * value for each record set. The plan is laid over the DNS, and the rules run again. What they find then is folded in as
 * well, until they ask for no more change. A change that does not settle its finding, or that causes a new one, is held
 * back and counted.
 */
import type { DnsClient } from '../../../network/dns/client.ts';
import { findingKey } from '../../../report/fingerprint.ts';
import { type FindingResult, isAccepted, type RuleResult, weightOf } from '../../../report/status.ts';
import { typeOf } from '../../rules/edit.ts';
import { ruleIdOf, specOf } from '../../rules/index.ts';
import type { Found } from './found.ts';
import { type Asked, isChanged, type PlannedSet, PlannedZone, setKey, type UndecidedSet } from './planned-zone.ts';
import type { PlannerSources } from './planner.ts';

/** Runs the rules that rest on the DNS again, as if a client's answers were published. */
export type Rerun = (dns: DnsClient) => Promise<Found>;

/** What the plan needs of the run. */
export interface PlanSources extends Omit<PlannerSources, 'dns'> {
  readonly dns: DnsClient;
  readonly rerun: Rerun;
  /** Edits that no finding asks for. */
  readonly also?: readonly Asked[];
  /** Applies the configuration to the results of a run. */
  readonly judge: (results: readonly RuleResult[]) => readonly RuleResult[];
}

/** The plan of a run, before it is written into the report. */
export interface Plan {
  /** The record sets that change, or that have later stages. */
  readonly sets: readonly PlannedSet[];
  readonly undecided: readonly UndecidedSet[];
  /** The changes that were held back, because they did not settle their findings or caused new ones. */
  readonly unproven: readonly UndecidedSet[];
  /** The results of the rules with the plan laid over the DNS. The results as found if nothing changes. */
  readonly after: readonly RuleResult[];
}

/** A run may reveal what an error hid, and so may the next. More rounds than this are a fault of a planner. */
const MAX_ROUNDS = 8;

/**
 * @param found the findings as the rules made them.
 * @param open the results after the configuration. Findings whose remediation is impossible are left out of the plan.
 * @returns the plan, which may be empty.
 */
export async function planOf(found: Found, open: readonly RuleResult[], sources: PlanSources): Promise<Plan> {
  const held = new Map<string, UndecidedSet>();
  for (;;) {
    const draft = await draftOf(found, open, held, sources);
    const faults = draft.zone.sets.length === 0 ? [] : faultsOf(draft, open);
    if (faults.length === 0) {
      const { sets, undecided } = draft.zone;
      return { sets, undecided, unproven: [...new Set(held.values())], after: draft.after };
    }
    const count = held.size;
    for (const { set, fault } of faults) for (const edited of set.edited) held.set(edited, fault);
    if (held.size > count) continue;
    // Nothing more can be held back, so nothing is proven.
    return { sets: [], undecided: draft.zone.undecided, unproven: [...new Set(held.values())], after: open };
  }
}

interface Draft {
  readonly zone: PlannedZone;
  readonly after: readonly RuleResult[];
  readonly ofHosts: Found['ofHosts'];
  /** The record sets that still changed in the last round. */
  readonly unsettled: readonly string[];
}

/** Folds the edits of the findings, and those of each following run, until a run asks for no more change. */
async function draftOf(
  found: Found,
  open: readonly RuleResult[],
  held: ReadonlyMap<string, UndecidedSet>,
  { dns, rerun, judge, also = [], ...others }: PlanSources,
): Promise<Draft> {
  const zone = new PlannedZone(dns, others);
  let asked = [...askedBy(open, found.edits), ...also];
  let after = open;
  let { ofHosts } = found;
  let changed: string[] = [];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    changed = await zone.fold(asked.filter(({ edit }) => !held.has(setKey({ name: edit.name, type: typeOf(edit) }))));
    if (changed.length === 0) break;
    const again = await rerun(zone.client());
    after = judge(again.results);
    ofHosts = again.ofHosts;
    asked = [...askedBy(after, again.edits), ...also];
  }
  return { zone, after, ofHosts, unsettled: changed };
}

/** @returns the plan that changes nothing, because nothing is known of the DNS. */
export function unplanned(results: readonly RuleResult[]): Plan {
  return { sets: [], undecided: [], unproven: [], after: results };
}

/** @returns the edits of the findings that are open: errors and warnings that the configuration does not accept. */
function askedBy(results: readonly RuleResult[], edits: Found['edits']): Asked[] {
  return openFindings(results)
    .filter(({ severity }) => severity !== 'inconclusive')
    .flatMap((finding) => {
      const key = findingKey(finding);
      return (edits.get(key) ?? []).map((edit) => ({ key, edit }));
    });
}

function openFindings(results: readonly RuleResult[]): FindingResult[] {
  return results
    .filter(({ kind }) => kind === 'check')
    .flatMap(({ findings }) => findings)
    .filter((finding) => finding.severity !== 'info' && !isAccepted(finding));
}

/** A record set whose change must not be shown, and what is said instead. */
interface Fault {
  readonly set: PlannedSet;
  readonly fault: UndecidedSet;
}

/** @returns the record sets whose change must not be shown, each with the reason. */
function faultsOf({ zone, after, ofHosts, unsettled }: Draft, before: readonly RuleResult[]): Fault[] {
  const sets = zone.sets.filter(isChanged);
  const known = new Map(openFindings(before).map((finding) => [findingKey(finding), finding]));
  const remaining = openFindings(after).filter((finding) => !ofHosts.has(findingKey(finding)));
  const faults = new Map<PlannedSet, string>();
  for (const set of sets) {
    if (unsettled.includes(setKey(set))) faults.set(set, 'mailcheck found no value that passes every check');
  }
  const left = new Map(remaining.map((finding) => [findingKey(finding), finding]));
  for (const set of sets) {
    const unsolved = [...set.keys].map((key) => left.get(key)).find((finding) => finding !== undefined);
    if (unsolved) faults.set(set, `the change that mailcheck tried does not fix ${unsolved.code}`);
  }
  for (const finding of remaining) {
    const was = known.get(findingKey(finding));
    if (was !== undefined && weightOf(was.severity) >= weightOf(finding.severity)) continue;
    if (finding.severity !== 'error' && wasHidden(finding, before)) continue;
    for (const set of causesOf(finding, sets)) {
      faults.set(set, `the change that mailcheck tried would cause ${finding.code}`);
    }
  }
  return [...faults].map(([set, reason]) => {
    const { name, type, keys } = set;
    return { set, fault: { name, type, keys, decide: `No record is proposed for ${name}, because ${reason}.` } };
  });
}

/**
 * Tells whether a finding of the same rule hid a lesser one: a record that is missing, or that nobody can read, is judged
 * no further.
 */
function wasHidden({ code }: FindingResult, before: readonly RuleResult[]): boolean {
  const id = ruleIdOf(code);
  const hides = (one: FindingResult): boolean => one.severity === 'error' || specOf(one.code)?.hides === true;
  return before.some((rule) => rule.id === id && rule.findings.some(hides));
}

/** @returns the changed record sets that a new finding rests on. All of them if it rests on none. */
function causesOf({ rests }: FindingResult, sets: readonly PlannedSet[]): readonly PlannedSet[] {
  const asked = new Set(rests.map(setKey));
  const causes = sets.filter((set) => asked.has(setKey(set)));
  return causes.length > 0 ? causes : sets;
}
