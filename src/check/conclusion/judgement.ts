/**
 * What the user's configuration makes of the findings, before any conclusion is drawn: other severities, and deviations
 * that are accepted until a day. What could not be checked is left alone: no configuration turns it into a pass.
 */
import { sameName } from '../../network/domain.ts';
import {
  asFound,
  type FindingResult,
  isAccepted,
  isConclusive,
  isFault,
  type Report,
  type RuleResult,
  type Severity,
  statusOf,
  weightOf,
} from '../../report/status.ts';

export type ConfiguredSeverity = 'error' | 'warning' | 'info' | 'off';

/** A finding that is known and accepted; where more than the code is given, all of it must fit. */
export interface Acceptance {
  readonly code: string;
  /** The tested domain. */
  readonly domain?: string;
  /** The address it is about. */
  readonly ip?: string;
  /** What the finding names as its subject. */
  readonly subject?: string;
  /** Of a listing: the zone of the list. */
  readonly zone?: string;
  readonly reason: string;
  /** `YYYY-MM-DD`, the last day it is accepted, in UTC. */
  readonly until: string;
}

export interface Judgement {
  /** By code; `off` keeps the finding as a note. */
  readonly severity?: Readonly<Record<string, ConfiguredSeverity>>;
  readonly accept?: readonly Acceptance[];
}

/** Whose findings are judged, and when (milliseconds since the epoch). */
export interface Circumstances {
  readonly domain: string;
  readonly now: number;
}

/** @returns the results with severities and deviations put in, and the statuses that follow. */
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

/** @returns the finding with its severity and deviation put in. */
export function judgeFinding(
  finding: FindingResult,
  { severity = {}, accept = [] }: Judgement,
  { domain, now }: Circumstances,
): FindingResult {
  if (finding.severity === 'inconclusive') return finding;
  const configured = Object.hasOwn(severity, finding.code) ? severity[finding.code] : undefined;
  const judged = configured === undefined ? finding : withSeverity(finding, configured === 'off' ? 'info' : configured);
  const today = new Date(now).toISOString().slice(0, 10);
  // The one that holds longest, where several fit.
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
 * Judges consequences of other findings: none is more severe than the configuration leaves its causes, and it is accepted
 * with them.
 *
 * @param consequences findings that name the codes of their `causes`, judged themselves.
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
    // Accepted as long as all of its causes are.
    const first = causes.reduce((earlier, cause) =>
      (cause.deviation?.until ?? '') < (earlier.deviation?.until ?? '') ? cause : earlier,
    );
    return first.deviation === undefined ? judged : { ...judged, deviation: first.deviation };
  });
}

/** @returns the results with the severities that the rules themselves gave. */
export function unjudged(results: readonly RuleResult[]): RuleResult[] {
  return results.map((result) => ({
    ...result,
    findings: result.findings.map(asFound),
  }));
}

/** @returns the results without the findings that are accepted. */
export function withoutAccepted(results: readonly RuleResult[]): RuleResult[] {
  return results.map((result) => ({ ...result, findings: result.findings.filter((finding) => !isAccepted(finding)) }));
}

/**
 * @returns the acceptances that nothing found needed, though what would find it was checked to its end: they can be
 *   deleted.
 */
export function unneeded(accept: readonly Acceptance[], reports: readonly Report[]): Acceptance[] {
  return accept.filter((acceptance) => {
    const checked = reports.filter(
      ({ target, rules }) =>
        (acceptance.domain === undefined || sameName(acceptance.domain, target.domain)) &&
        rules.some((rule) => rule.id === acceptance.code.split('/')[0] && isConclusive(rule)),
    );
    const isNeeded = reports.some((report) =>
      report.rules.some(({ findings }) =>
        findings.some((finding) => isAbout(acceptance, report.target.domain, finding)),
      ),
    );
    return checked.length > 0 && !isNeeded;
  });
}
