/** Names the places of an HTML report that links lead to. */
import type { FindingResult, Report, RuleResult } from '../../report/status.ts';
import { fixingStep } from '../fixing-step.ts';
import type { ExplainedCodes } from './codes.ts';

/** The ids of the places in one report. */
export interface Anchors {
  /** The id of the whole report. */
  readonly report: string;
  /** @returns the id of any other place. The page chooses its name. */
  place(name: string): string;
  /** @returns the id of the card of a rule. */
  rule(rule: RuleResult): string;
  /** @returns the id of a finding. */
  finding(finding: FindingResult): string;
  /** @returns the id of the first finding with this code, or undefined if the page shows none. */
  code(code: string): string | undefined;
  /** @returns the id of the explanation of a code, or undefined if the page explains it nowhere. */
  explanation(code: string): string | undefined;
  /** @returns the number of the step that fixes a finding, or undefined if there is no such step. */
  stepFor(finding: FindingResult): number | undefined;
  /** @returns whether a finding waits for a later stage of a policy. */
  isLater(finding: FindingResult): boolean;
  /** @returns the id of a step, by its number from 1. */
  step(number: number): string;
}

/**
 * @param number the number of the report on a page with several, from 1, or `null` for the only report of a page.
 * @param codes the explained codes of the page.
 * @returns the ids of a report, which are unique on the page.
 */
export function anchorsOf({ rules, advice, plan }: Report, number: number | null, codes: ExplainedCodes): Anchors {
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
  return {
    report: number === null ? 'report' : `target-${number}`,
    place: (name) => prefix + name,
    rule: (rule) => ruleIds.get(rule) ?? prefix,
    finding: (finding) => findingIds.get(finding) ?? prefix,
    code: (code) => codeIds.get(code),
    explanation: (code) => codes.get(code)?.id,
    stepFor: (finding) => fixingStep(finding, advice.steps),
    isLater: ({ code }) => plan?.later.some(({ codes }) => codes.includes(code)) ?? false,
    step: (stepNumber) => `${prefix}step-${stepNumber}`,
  };
}

/** Returns the id of a rule, so that users can share `report.html#spf`. An unexpected id is replaced by a number. */
function ruleName({ id }: RuleResult, index: number): string {
  return /^[a-z]+(-[a-z]+)*$/.test(id) ? id : `check-${index + 1}`;
}
