/** Puts the checks and findings of a report into the order of its readers: what needs work comes before what passed. */
import type { FindingResult, Report, RuleResult } from '../report/status.ts';
import { isObstructed, isShown, isUnused } from './words.ts';

/** The checks of a report in groups. Each check is in one of them. */
export interface CheckGroups {
  /** The checks that failed, warn or could not be completed, failures first. */
  readonly open: readonly RuleResult[];
  /** The checks of which an obstacle at the head of the report explains everything. */
  readonly obstructed: readonly RuleResult[];
  readonly passed: readonly RuleResult[];
  /** The checks of what the domain does not use and need not use. */
  readonly unused: readonly RuleResult[];
  readonly notRun: readonly RuleResult[];
}

const STATUS_ORDER = ['fail', 'warn', 'inconclusive', 'pass', 'skipped'] as const;

/** @returns the checks in groups. The predicted answers of receivers are no check, unless they could not be predicted. */
export function checkGroups(report: Pick<Report, 'rules'>): CheckGroups {
  const shown = report.rules
    .filter(isShown)
    .sort((a, b) => STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status));
  return {
    open: shown.filter((rule) => rule.status !== 'pass' && !isObstructed(rule)),
    obstructed: shown.filter(isObstructed),
    passed: shown.filter((rule) => rule.status === 'pass' && !isUnused(rule)),
    unused: shown.filter(isUnused),
    notRun: report.rules.filter(({ status }) => status === 'skipped'),
  };
}

const SEVERITY_ORDER = ['error', 'warning', 'inconclusive', 'info'] as const;

/** @returns the findings, errors first and notes last. */
export function bySeverity(findings: readonly FindingResult[]): FindingResult[] {
  return [...findings].sort((a, b) => SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity));
}
