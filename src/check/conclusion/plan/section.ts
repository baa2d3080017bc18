/** Writes the plan into the report: the changes with their steps, the later stages, and what the changes fix. */

import { findingKey } from '../../../report/fingerprint.ts';
import { listed } from '../../../report/listed.ts';
import type { AdviceStep, FindingResult, ReportPlan, RuleResult } from '../../../report/status.ts';
import { textValue } from '../../../standards/zone-file/line.ts';
import { aliasWords, changeOf, recordsToPublish } from '../steps.ts';
import type { Plan } from './plan.ts';
import { isChanged, type PlannedSet, setKey } from './planned-zone.ts';
import { recordOf } from './values.ts';

/**
 * @param results the results as found, with the configuration applied.
 * @param rerun the ids of the rules that ran again with the plan laid over the DNS.
 * @returns the section `plan` of the Report, or `null` if there is nothing to change.
 */
export function planSection(
  plan: Plan,
  steps: readonly AdviceStep[],
  results: readonly RuleResult[],
  rerun: readonly string[],
): ReportPlan | null {
  const { sets, undecided, unproven } = plan;
  const changed = sets.filter(isChanged);
  if (sets.length === 0 && undecided.length === 0 && unproven.length === 0) return null;
  const codesOf = codesIn([...results, ...plan.after]);
  const proof = changed.length === 0 ? NOTHING_PROVEN : proofOf(plan, steps, results, rerun);
  return {
    summary: summaryOf(changed.length > 0, proof, [...plan.after, ...results]),
    changes: changed.map((set) => ({ ...changeOf(set), step: stepOf(set, steps), codes: codesOf(set.keys) })),
    later: sets.flatMap(({ name, type, later, laterKeys }) =>
      later.map(({ text, when }) => ({
        name,
        type,
        when,
        record: recordOf(name, type, textValue(text)),
        codes: codesOf(laterKeys),
      })),
    ),
    ...proof,
    undecided: [...undecided, ...unproven].map(({ name, type, keys, decide }) => ({
      name,
      type,
      codes: codesOf(keys),
      decide,
    })),
    unproven: unproven.length,
  };
}

/** @returns the results in which each finding has the records that the plan gives for it. */
export function withRecords(results: readonly RuleResult[], { sets }: Plan): RuleResult[] {
  const withOwn = (finding: FindingResult): FindingResult => {
    const key = findingKey(finding);
    const own = sets.filter((set) => set.keys.has(key) && isChanged(set));
    if (own.length === 0) return finding;
    const { remediation } = finding;
    const summary = [...aliasWords(own.map(changeOf)), remediation.summary].join(' ');
    return { ...finding, remediation: { ...remediation, summary, records: own.flatMap(recordsToPublish) } };
  };
  return results.map((result) => ({ ...result, findings: result.findings.map(withOwn) }));
}

function codesIn(results: readonly RuleResult[]): (keys: ReadonlySet<string>) => string[] {
  const codes = new Map(results.flatMap(({ findings }) => findings.map((one) => [findingKey(one), one.code] as const)));
  return (keys) => [...new Set([...keys].flatMap((key) => codes.get(key) ?? []))];
}

function stepOf(set: PlannedSet, steps: readonly AdviceStep[]): number {
  const key = setKey(set);
  return steps.findIndex(({ changes }) => changes.some((change) => setKey(change) === key)) + 1;
}

type Proof = Pick<ReportPlan, 'passing' | 'left'>;

const NOTHING_PROVEN: Proof = { passing: [], left: [] };

function proofOf(
  { after }: Plan,
  steps: readonly AdviceStep[],
  results: readonly RuleResult[],
  rerun: readonly string[],
): Proof {
  const isPassing = ({ status }: RuleResult): boolean => status === 'pass' || status === 'warn';
  const final = results
    .filter(({ kind, status }) => kind === 'check' && status !== 'skipped')
    .map((result) => (rerun.includes(result.id) ? (after.find(({ id }) => id === result.id) ?? result) : result));
  return {
    passing: final.filter((result) => rerun.includes(result.id) && isPassing(result)).map(({ id }) => id),
    left: final
      .filter((result) => !isPassing(result))
      .map(({ id, findings }) => {
        const codes = new Set(findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code));
        const numbers = steps.flatMap((step, index) => (step.codes.some((code) => codes.has(code)) ? [index + 1] : []));
        return { rule: id, steps: numbers };
      }),
  };
}

/**
 * @param results the results with the changes, and behind them those as found.
 * @returns the sentence that closes the plan. It names no rule that did not run with the changes, and a rule that warns
 *   with them is not said to pass.
 */
function summaryOf(changes: boolean, { passing, left }: Proof, results: readonly RuleResult[]): string {
  if (!changes) return 'No record has to be changed now.';
  const ruleOf = (id: string): RuleResult | undefined => results.find((rule) => rule.id === id);
  const titleOf = (id: string): string => ruleOf(id)?.title ?? id;
  const warning = passing.filter((id) => ruleOf(id)?.status === 'warn');
  const clean = passing.filter((id) => !warning.includes(id));
  const clause = (ids: readonly string[], one: string, several: string): string[] =>
    ids.length === 0 ? [] : [`${listed(ids.map(titleOf))} ${ids.length === 1 ? one : several}`];
  const clauses = [...clause(clean, 'passes', 'pass'), ...clause(warning, 'only warns', 'only warn')];
  const first =
    clauses.length === 0 ? 'No check passes with these changes alone.' : `With these changes, ${clauses.join('; ')}.`;
  if (left.length === 0) return first;
  const rest = left.map(({ rule, steps }) => `${titleOf(rule)}${steps.length > 0 ? ` (${stepWords(steps)})` : ''}`);
  return `${first} Still to check or fix: ${rest.join(', ')}.`;
}

function stepWords(steps: readonly number[]): string {
  return `step${steps.length === 1 ? '' : 's'} ${listed(steps.map(String))}`;
}
