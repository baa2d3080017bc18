/**
 * Applies the user's configuration to the findings, before any conclusion is drawn: it changes severities and accepts
 * findings until a given day. Inconclusive findings do not change: no configuration turns them into a pass.
 */
import { sameName } from '../../network/domain.ts';
import {
  type AllowedGaps,
  asFound,
  type FindingResult,
  isAccepted,
  isAllowedGap,
  isConclusive,
  isFault,
  type Report,
  type RuleResult,
  type Severity,
  statusOf,
  weightOf,
} from '../../report/status.ts';
import { ruleIdOf } from '../rules/index.ts';

/** A severity that the configuration may give to a code. `off` reports the finding as info. */
export type ConfiguredSeverity = 'error' | 'warning' | 'info' | 'off';

/** A known finding that the user accepts. Every given part must match the finding. */
export interface Acceptance {
  readonly code: string;
  /** The tested domain. */
  readonly domain?: string;
  /** The address that the finding is about. */
  readonly ip?: string;
  /** The subject of the finding. */
  readonly subject?: string;
  /** The zone of the block list, for a listing. */
  readonly zone?: string;
  readonly reason: string;
  /** The last day on which the finding is accepted, as `YYYY-MM-DD` in UTC. */
  readonly until: string;
}

/** The part of the configuration that changes findings, and what counts for the verdict. */
export interface Judgement {
  /** The ids of the rules that may be inconclusive, or `all`. Default: none. */
  readonly allowInconclusive?: AllowedGaps;
  /** The severity for each code. */
  readonly severity?: Readonly<Record<string, ConfiguredSeverity>>;
  readonly accept?: readonly Acceptance[];
}

/** The target and the time of the judgement. */
export interface Circumstances {
  /** The tested domain. */
  readonly domain: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** @returns the results with the configuration applied to each finding, and with the statuses that follow from it. */
export function judge(
  results: readonly RuleResult[],
  judgement: Judgement,
  circumstances: Circumstances,
): RuleResult[] {
  return results.map((result) => {
    const findings = result.findings.map((finding) => judgeFinding(finding, judgement, circumstances));
    return { ...result, findings, status: result.status === 'skipped' ? 'skipped' : statusOf(findings) };
  });
}

/** @returns the finding with the configured severity, and with the deviation of the acceptance that matches it. */
export function judgeFinding(
  finding: FindingResult,
  { severity = {}, accept = [] }: Judgement,
  { domain, now }: Circumstances,
): FindingResult {
  if (finding.severity === 'inconclusive') return finding;
  const configured = Object.hasOwn(severity, finding.code) ? severity[finding.code] : undefined;
  const judged = configured === undefined ? finding : withSeverity(finding, configured === 'off' ? 'info' : configured);
  const today = new Date(now).toISOString().slice(0, 10);
  // If several acceptances match, the one that lasts longest counts.
  const fitting = accept
    .filter((acceptance) => isAbout(acceptance, domain, finding))
    .reduce<Acceptance | undefined>(
      (best, one) => (best === undefined || one.until > best.until ? one : best),
      undefined,
    );
  if (fitting === undefined) return judged;
  const { reason, until } = fitting;
  return { ...judged, deviation: { reason, until, state: until < today ? 'expired' : 'accepted' } };
}

function withSeverity(finding: FindingResult, severity: Severity): FindingResult {
  if (severity === finding.severity) return finding;
  return { ...finding, severity, defaultSeverity: finding.defaultSeverity ?? finding.severity };
}

function isAbout(acceptance: Acceptance, domain: string, { code, subject, about }: FindingResult): boolean {
  const { ip, zone } = acceptance;
  return (
    acceptance.code === code &&
    (acceptance.domain === undefined || sameName(acceptance.domain, domain)) &&
    (ip === undefined || about.ip === ip) &&
    (zone === undefined || (about.zone !== undefined && sameName(zone, about.zone))) &&
    (acceptance.subject === undefined || acceptance.subject.toLowerCase() === subject.toLowerCase())
  );
}

/**
 * Applies the configuration to findings that follow from others. A consequence is never more severe than its causes
 * after the configuration, and it is accepted as long as all its causes are.
 *
 * @param consequences findings that name the codes of their `causes`. The configuration has been applied to them.
 * @param results the results that hold the causes, with the configuration applied.
 */
export function judgeConsequences(
  consequences: readonly FindingResult[],
  results: readonly RuleResult[],
): FindingResult[] {
  const findings = results.flatMap((result) => result.findings);
  return consequences.map((consequence) => {
    const codes = consequence.causes;
    if (codes === undefined) return consequence;
    const causes = findings.filter((finding) => codes.includes(finding.code) && isFault(finding));
    if (causes.length === 0) return consequence;
    const open = causes.filter((cause) => !isAccepted(cause));
    const counted = open.length === 0 ? causes : open;
    const worst = counted.reduce((worse, cause) =>
      weightOf(cause.severity) > weightOf(worse.severity) ? cause : worse,
    );
    const judged =
      weightOf(worst.severity) < weightOf(consequence.severity)
        ? withSeverity(consequence, worst.severity)
        : consequence;
    if (open.length > 0 || judged.deviation !== undefined) return judged;
    // It is accepted until the first of its causes is not.
    const first = causes.reduce((earlier, cause) =>
      (cause.deviation?.until ?? '') < (earlier.deviation?.until ?? '') ? cause : earlier,
    );
    return first.deviation === undefined ? judged : { ...judged, deviation: first.deviation };
  });
}

/** @returns the results with the severities that the rules gave, before the configuration. */
export function unjudged(results: readonly RuleResult[]): RuleResult[] {
  return results.map((result) => ({
    ...result,
    findings: result.findings.map(asFound),
  }));
}

/** @returns the results without the accepted findings, and without the gaps that the user allows. */
export function withoutAccepted(results: readonly RuleResult[]): RuleResult[] {
  return results.map((result) => ({
    ...result,
    findings: result.findings.filter((finding) => !isAccepted(finding) && !isAllowedGap(result, finding)),
  }));
}

/**
 * @returns the acceptances that can be deleted: no finding matches them, although the rule that would find one ran to
 *   its end in at least one report.
 */
export function unneeded(accept: readonly Acceptance[], reports: readonly Report[]): Acceptance[] {
  return accept.filter((acceptance) => {
    const checked = reports.filter(
      ({ target, rules }) =>
        (acceptance.domain === undefined || sameName(acceptance.domain, target.domain)) &&
        rules.some((rule) => rule.id === ruleIdOf(acceptance.code) && isConclusive(rule)),
    );
    const isNeeded = reports.some((report) =>
      report.rules.some(({ findings }) =>
        findings.some((finding) => isAbout(acceptance, report.target.domain, finding)),
      ),
    );
    return checked.length > 0 && !isNeeded;
  });
}
