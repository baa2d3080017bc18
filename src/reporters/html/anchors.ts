/** The places of a report that links lead to. */
import type { AdviceStep, FindingResult, Report, RuleResult } from '../../report/status.ts';

export interface Anchors {
  /** Of the whole report. */
  readonly report: string;
  /** A place of another kind, named by the page itself. */
  place(name: string): string;
  rule(rule: RuleResult): string;
  finding(finding: FindingResult): string;
  /** The first finding with the code; undefined where the page shows none. */
  code(code: string): string | undefined;
  /** The number of the step that settles a finding; undefined where none does. */
  stepFor(finding: FindingResult): number | undefined;
  step(number: number): string;
}

/** @param number counts the reports of one page; `null` where there is only one. */
export function anchorsOf({ rules, advice }: Report, number: number | null): Anchors {
  const prefix = number === null ? '' : `target-${number}-`;
  const ruleIds = new Map(rules.map((rule, index) => [rule, prefix + ruleName(rule, index)]));
  const findingIds = new Map<FindingResult, string>();
  const codeIds = new Map<string, string>();
  for (const rule of rules) {
    for (const [index, finding] of rule.findings.entries()) {
      const id = `${ruleIds.get(rule)}-${index + 1}`;
      findingIds.set(finding, id);
      if (rule.kind === 'check' && !codeIds.has(finding.code)) codeIds.set(finding.code, id);
    }
  }
  const settles = ({ codes, subjects }: AdviceStep, { code, subject }: FindingResult): boolean =>
    codes.includes(code) && subjects.includes(subject);
  return {
    report: number === null ? 'report' : `target-${number}`,
    place: (name) => prefix + name,
    rule: (rule) => ruleIds.get(rule) ?? prefix,
    finding: (finding) => findingIds.get(finding) ?? prefix,
    code: (code) => codeIds.get(code),
    stepFor: (finding) => {
      const index = advice.steps.findIndex((step) => settles(step, finding));
      return index < 0 ? undefined : index + 1;
    },
    step: (stepNumber) => `${prefix}step-${stepNumber}`,
  };
}

/** A rule's own id, so that `report.html#spf` can be passed on; its place where the id is none of ours. */
function ruleName({ id }: RuleResult, index: number): string {
  return /^[a-z]+(-[a-z]+)*$/.test(id) ? id : `check-${index + 1}`;
}
