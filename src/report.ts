/**
 * Status, verdict and exit code: derived from the Report here and nowhere else. (The schema has a file of its own, so
 * that the command line does not load a schema library to print a report.)
 */
import type { FindingResult, Report, Status, Verdict } from './report-schema.ts';

export type {
  AdviceStep,
  AdviceWay,
  FindingResult,
  NeighbourSample,
  ProviderResult,
  ReceiverResult,
  Report,
  Reports,
  RuleResult,
  SpfTree,
  SpfTreeRecord,
  SpfTreeTerm,
  Status,
  Transcripts,
  Verdict,
} from './report-schema.ts';

export const SCHEMA_VERSION = 1;

/** @returns the status of a rule that ran: fail > inconclusive > warn > pass. */
export function statusOf(findings: readonly { severity: FindingResult['severity'] }[]): Exclude<Status, 'skipped'> {
  const has = (severity: FindingResult['severity']): boolean =>
    findings.some((finding) => finding.severity === severity);
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

export const EXIT = { ok: 0, failed: 1, usage: 2, inconclusive: 3 } as const;

export interface ExitPolicy {
  /** Warnings fail. */
  readonly strict: boolean;
  /** Rules that may be inconclusive: all, or those named. */
  readonly allowInconclusive: 'all' | readonly string[];
}

/** @returns 0 nothing failed · 1 some rule failed (or, when strict, warned) · 3 nothing failed but something is inconclusive. */
export function exitCode(report: Report, policy: ExitPolicy): number {
  const failing = report.rules.some(
    ({ status, findings }) =>
      status === 'fail' || (policy.strict && findings.some(({ severity }) => severity === 'warning')),
  );
  if (failing) return EXIT.failed;
  const allowed = policy.allowInconclusive;
  const blind = report.rules.filter(({ status }) => status === 'inconclusive');
  const checked = report.rules.some(({ status }) => status !== 'skipped');
  if (!checked) return allowed === 'all' ? EXIT.ok : EXIT.inconclusive;
  return blind.every(({ id }) => allowed === 'all' || allowed.includes(id)) ? EXIT.ok : EXIT.inconclusive;
}
