/**
 * Derives the status, verdict and exit code from the Report. No other module does. The schema is in a separate file, so
 * that the command line can print a report without loading the schema library.
 */
import type { FindingResult, Report, RuleResult, Severity, Status, Verdict } from './schema.ts';

export type {
  About,
  AdviceStep,
  AdviceWay,
  Alternative,
  AtDnsHost,
  BaselineReport,
  Expiry,
  FindingResult,
  NeighbourSample,
  ProviderResult,
  Question,
  ReceiverResult,
  RecordChange,
  Remediation,
  Report,
  ReportPlan,
  Reports,
  RuleResult,
  Severity,
  SpfTree,
  SpfTreeRecord,
  SpfTreeTerm,
  Status,
  Transcripts,
  Verdict,
  Waterfall,
} from './schema.ts';

type Weighed = Pick<FindingResult, 'severity'> & Partial<Pick<FindingResult, 'deviation'>>;

/** @returns whether the configuration accepts the finding on the day of the run. An accepted finding does not count. */
export function isAccepted({ deviation }: Partial<Pick<FindingResult, 'deviation'>>): boolean {
  return deviation?.state === 'accepted';
}

const RANK: Readonly<Record<Severity, number>> = { info: 0, inconclusive: 1, warning: 2, error: 3 };

/** @returns the weight of a severity, to compare severities: from 0 for `info` to 3 for `error`. */
export function weightOf(severity: Severity): number {
  return RANK[severity];
}

/** @returns the status of a rule that ran, from its worst finding: fail > inconclusive > warn > pass. */
export function statusOf(findings: readonly Weighed[]): Exclude<Status, 'skipped'> {
  const has = (severity: Severity): boolean =>
    findings.some((finding) => finding.severity === severity && !isAccepted(finding));
  if (has('error')) return 'fail';
  if (has('inconclusive')) return 'inconclusive';
  return has('warning') ? 'warn' : 'pass';
}

/**
 * @returns the verdict over the statuses of all rules, the worst in the same order. It is inconclusive if no rule ran.
 */
export function verdictOf(statuses: readonly Status[]): Verdict {
  for (const verdict of ['fail', 'inconclusive', 'warn', 'pass'] as const) {
    if (statuses.includes(verdict)) return verdict;
  }
  return 'inconclusive';
}

/** The ids of the rules that may be inconclusive, or `all`. */
export type AllowedGaps = 'all' | readonly string[];

/** @returns whether the rule could not check everything, and the user allows that. */
function isAllowed({ id, findings }: RuleResult, allowed: AllowedGaps): boolean {
  return findings.some(({ severity }) => severity === 'inconclusive') && (allowed === 'all' || allowed.includes(id));
}

/** @returns the results, of which those are marked as `allowed` that could not check everything, as the user allows. */
export function withAllowed(results: readonly RuleResult[], allowed: AllowedGaps): RuleResult[] {
  return results.map((result) => (isAllowed(result, allowed) ? { ...result, allowed: true } : result));
}

/** @returns whether the finding says that something could not be checked, which the user allows. */
export function isAllowedGap({ allowed }: RuleResult, { severity }: FindingResult): boolean {
  return allowed === true && severity === 'inconclusive';
}

/** @returns the status of a rule without the gaps that the user allows, or `null` when nothing else is left. */
export function countedStatus(rule: RuleResult): Status | null {
  if (rule.allowed !== true || rule.status !== 'inconclusive') return rule.status;
  const status = statusOf(rule.findings.filter((finding) => !isAllowedGap(rule, finding)));
  return status === 'pass' ? null : status;
}

/** @returns the verdict over the results of all rules. The gaps that the user allows do not count. */
export function verdictOfRules(rules: readonly RuleResult[]): Verdict {
  return verdictOf(rules.map(countedStatus).filter((status) => status !== null));
}

/** @returns the verdict over what a change makes worse. It is inconclusive if no rule ran. */
export function verdictOfChange(rules: readonly RuleResult[]): Verdict {
  const ran = rules.filter(({ status }) => status !== 'skipped');
  return verdictOf(ran.map(({ findings }) => statusOf(findings.filter(({ change }) => change === 'worse'))));
}

/** @returns whether a change of DNS makes the finding no worse. Without a comparison, every finding counts. */
export function isNoWorse({ change }: Pick<FindingResult, 'change'>): boolean {
  return change !== undefined && change !== 'worse';
}

/** @returns the finding with the severity that the rule gave it, without the configuration. */
export function asFound(finding: FindingResult): FindingResult {
  return { ...finding, severity: finding.defaultSeverity ?? finding.severity };
}

/** @returns whether the rule found a fault (error or warning), whatever the configuration says. */
export function isFault(finding: FindingResult): boolean {
  const { severity } = asFound(finding);
  return severity === 'error' || severity === 'warning';
}

/** @returns whether the configuration excuses a fault: it accepts the fault or lowers its severity. */
export function isExcused(finding: FindingResult): boolean {
  const isLowered = finding.severity !== asFound(finding).severity && finding.severity !== 'error';
  return isFault(finding) && (isAccepted(finding) || isLowered);
}

/** @returns whether the rule ran and could check everything. A fault that such a rule did not find does not exist. */
export function isConclusive({ status, findings }: RuleResult): boolean {
  return status !== 'skipped' && findings.every(({ severity }) => severity !== 'inconclusive');
}

/** How much of the host was checked. The receivers' answers do not count: they follow from the other rules. */
export interface Coverage {
  readonly ran: readonly RuleResult[];
  /** The rules among `ran` that could not check everything. */
  readonly incomplete: readonly RuleResult[];
  /** The rules among `incomplete` of which the user allows that. */
  readonly allowed: readonly RuleResult[];
  readonly notRun: readonly RuleResult[];
}

/** @returns the rules that ran, those of them that are incomplete, and the rules that did not run. */
export function coverageOf(rules: readonly RuleResult[]): Coverage {
  const checks = rules.filter(({ kind }) => kind === 'check');
  const ran = checks.filter(({ status }) => status !== 'skipped');
  return {
    ran,
    incomplete: ran.filter((rule) => !isConclusive(rule)),
    allowed: ran.filter((rule) => rule.allowed === true),
    notRun: checks.filter(({ status }) => status === 'skipped'),
  };
}

/** @returns whether every rule ran and checked everything. Only then may a report judge the host as a whole. */
export function isComplete({ ran, incomplete, notRun }: Coverage): boolean {
  return ran.length > 0 && incomplete.length === 0 && notRun.length === 0;
}

/** The exit codes. `fault`: a bug in mailcheck, so the result is not reliable (EX_SOFTWARE in sysexits.h). */
export const EXIT = { ok: 0, failed: 1, usage: 2, inconclusive: 3, fault: 70 } as const;

/** The choices for the least severe finding that fails a run. With `never`, none does. */
export const FAIL_ON = ['error', 'warning', 'never'] as const;

/** The least severe finding that fails a run. */
export type FailOn = (typeof FAIL_ON)[number];

/** The user's choices that the exit code depends on. */
export interface ExitPolicy {
  /** Default: `error`. */
  readonly failOn?: FailOn;
  /** The ids of the rules that may be inconclusive without effect on the exit code, or `all`. Default: none. */
  readonly allowInconclusive?: AllowedGaps;
}

/**
 * Decides the exit code of one report. Findings that the configuration accepts, that the baseline knows, or that a change of
 * DNS leaves as they are do not count.
 *
 * @returns 1 if a finding fails the run, otherwise 3 if a rule is inconclusive and allowed neither in the report nor in
 *   `allowInconclusive`, or if no rule ran, otherwise 0. It is always 0 with `failOn: 'never'`.
 */
export function exitCode(report: Report, { failOn = 'error', allowInconclusive = [] }: ExitPolicy = {}): number {
  if (failOn === 'never') return EXIT.ok;
  const ran = report.rules.filter(({ status }) => status !== 'skipped');
  if (ran.some(({ findings }) => findings.some((finding) => fails(finding, failOn)))) return EXIT.failed;
  // Nobody was asked, and the files decide nothing that could be wrong.
  if (ran.length === 0) return allowInconclusive === 'all' || report.proposed?.offline ? EXIT.ok : EXIT.inconclusive;
  const isGap = (finding: FindingResult): boolean => finding.severity === 'inconclusive' && !isNoWorse(finding);
  const blind = ran.filter(({ findings }) => findings.some(isGap));
  return blind.every((rule) => rule.allowed === true || isAllowed(rule, allowInconclusive))
    ? EXIT.ok
    : EXIT.inconclusive;
}

/** @returns whether a finding alone makes the run fail. */
export function fails(finding: FindingResult, failOn: FailOn): boolean {
  if (isAccepted(finding) || finding.baseline === 'known' || isNoWorse(finding)) return false;
  return (
    failOn !== 'never' && (finding.severity === 'error' || (failOn === 'warning' && finding.severity === 'warning'))
  );
}

/** @returns the exit code of several reports. A failure outweighs an inconclusive result. */
export function worstExitCode(codes: readonly number[]): number {
  return [EXIT.failed, EXIT.inconclusive].find((code) => codes.includes(code)) ?? EXIT.ok;
}
