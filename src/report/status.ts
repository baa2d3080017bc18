/**
 * Status, verdict and exit code: derived from the Report here and nowhere else. (The schema has a file of its own, so
 * that the command line does not load a schema library to print a report.)
 */
import type { FindingResult, Report, RuleResult, Severity, Status, Verdict } from './schema.ts';

export type {
  About,
  AdviceStep,
  AdviceWay,
  FindingResult,
  NeighbourSample,
  ProviderResult,
  Question,
  ReceiverResult,
  Remediation,
  Report,
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

/** @returns whether the configuration accepts it today: it then counts for nothing. */
export function isAccepted({ deviation }: Partial<Pick<FindingResult, 'deviation'>>): boolean {
  return deviation?.state === 'accepted';
}

const RANK: Readonly<Record<Severity, number>> = { info: 0, inconclusive: 1, warning: 2, error: 3 };

/** @returns how much a severity weighs against another: 0 for `info` to 3 for `error`. */
export function weightOf(severity: Severity): number {
  return RANK[severity];
}

/** @returns the status of a rule that ran: fail > inconclusive > warn > pass. */
export function statusOf(findings: readonly Weighed[]): Exclude<Status, 'skipped'> {
  const has = (severity: Severity): boolean =>
    findings.some((finding) => finding.severity === severity && !isAccepted(finding));
  if (has('error')) return 'fail';
  if (has('inconclusive')) return 'inconclusive';
  return has('warning') ? 'warn' : 'pass';
}

/** @returns the verdict over all rules, in the same order; a run in which nothing was checked is inconclusive. */
export function verdictOf(statuses: readonly Status[]): Verdict {
  for (const verdict of ['fail', 'inconclusive', 'warn', 'pass'] as const) {
    if (statuses.includes(verdict)) return verdict;
  }
  return 'inconclusive';
}

/** @returns the finding with the severity that the rule gave it. */
export function asFound(finding: FindingResult): FindingResult {
  return { ...finding, severity: finding.defaultSeverity ?? finding.severity };
}

/** @returns whether it was found as a fault, whatever the configuration makes of it. */
export function isFault(finding: FindingResult): boolean {
  const { severity } = asFound(finding);
  return severity === 'error' || severity === 'warning';
}

/** @returns whether the configuration makes less of a fault than the rule does: accepts it, or lowers its severity. */
export function isExcused(finding: FindingResult): boolean {
  const isLowered = finding.severity !== asFound(finding).severity && finding.severity !== 'error';
  return isFault(finding) && (isAccepted(finding) || isLowered);
}

/** @returns whether what a rule did not find is not there: it ran, and nothing kept it from seeing. */
export function isConclusive({ status, findings }: RuleResult): boolean {
  return status !== 'skipped' && findings.every(({ severity }) => severity !== 'inconclusive');
}

/** What a report rests on. The receivers' answers only follow from the other rules, and are no check of their own. */
export interface Coverage {
  readonly ran: readonly RuleResult[];
  /** Those of `ran` that could not see all they needed. */
  readonly incomplete: readonly RuleResult[];
  readonly notRun: readonly RuleResult[];
}

/** @returns which rules ran, which of them saw everything, and which did not run. */
export function coverageOf(rules: readonly RuleResult[]): Coverage {
  const checks = rules.filter(({ kind }) => kind === 'check');
  const ran = checks.filter(({ status }) => status !== 'skipped');
  return {
    ran,
    incomplete: ran.filter((rule) => !isConclusive(rule)),
    notRun: checks.filter(({ status }) => status === 'skipped'),
  };
}

/** @returns whether every rule ran and saw all it needed: only then may a report speak of the host as a whole. */
export function isComplete({ ran, incomplete, notRun }: Coverage): boolean {
  return ran.length > 0 && incomplete.length === 0 && notRun.length === 0;
}

/** `fault`: mailcheck itself broke, and what it says is not to be relied on (EX_SOFTWARE of sysexits.h). */
export const EXIT = { ok: 0, failed: 1, usage: 2, inconclusive: 3, fault: 70 } as const;

/** The least severe finding that fails a run; `never`: none does. */
export const FAIL_ON = ['error', 'warning', 'never'] as const;

export type FailOn = (typeof FAIL_ON)[number];

export interface ExitPolicy {
  /** `error` when absent. */
  readonly failOn?: FailOn;
  /** Rules that may be inconclusive: all, or those named; none when absent. */
  readonly allowInconclusive?: 'all' | readonly string[];
}

/**
 * @returns 0 nothing failed · 1 some rule failed (or, under `failOn: 'warning'`, warned) · 3 nothing failed but something
 *   is inconclusive. What the configuration accepts, and what the baseline has too, fails nothing.
 */
export function exitCode(report: Report, { failOn = 'error', allowInconclusive = [] }: ExitPolicy = {}): number {
  if (failOn === 'never') return EXIT.ok;
  const ran = report.rules.filter(({ status }) => status !== 'skipped');
  if (ran.some(({ findings }) => findings.some((finding) => fails(finding, failOn)))) return EXIT.failed;
  if (ran.length === 0) return allowInconclusive === 'all' ? EXIT.ok : EXIT.inconclusive;
  const blind = ran.filter(({ findings }) => findings.some(({ severity }) => severity === 'inconclusive'));
  return blind.every(({ id }) => allowInconclusive === 'all' || allowInconclusive.includes(id))
    ? EXIT.ok
    : EXIT.inconclusive;
}

/** @returns whether a finding fails the run by itself. */
export function fails(finding: FindingResult, failOn: FailOn): boolean {
  if (isAccepted(finding) || finding.baseline === 'known') return false;
  return (
    failOn !== 'never' && (finding.severity === 'error' || (failOn === 'warning' && finding.severity === 'warning'))
  );
}

/** @returns the exit code of several reports: what failed outweighs what could not be checked. */
export function worstExitCode(codes: readonly number[]): number {
  return [EXIT.failed, EXIT.inconclusive].find((code) => codes.includes(code)) ?? EXIT.ok;
}
