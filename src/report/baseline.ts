/**
 * Compares a report with an earlier one, the baseline: which findings are new, which were known and which are fixed. A
 * finding counts as fixed only if its rule ran again and could see everything.
 */
import { quoteInput, UsageError } from '../usage-error.ts';
import { fingerprint } from './fingerprint.ts';
import { jsonOf } from './json-of.ts';
import { SCHEMA_VERSION } from './schema-version.ts';
import { type BaselineReport, type FindingResult, isAccepted, isConclusive, type Report, weightOf } from './status.ts';

/**
 * Reads a baseline: the JSON text of a report on one target or of reports on several.
 *
 * @param file the name of the file, for error messages.
 * @param domains the target domains of this run. The baseline must have a report on each.
 * @param example the option that writes such a file, for error messages.
 * @returns the reports in the text.
 * @throws UsageError if the text is not a report, has another schema version, or lacks one of the domains.
 */
export async function parseBaseline(
  text: string,
  file: string,
  domains: readonly string[],
  example = '--format json=report.json',
): Promise<readonly BaselineReport[]> {
  const reports = await parseReports(text, file, example);
  const missing = domains.filter((domain) => !reports.some(({ target }) => target.domain === domain));
  if (missing.length > 0) {
    const found = reports.map(({ target }) => target.domain).join(', ');
    throw new UsageError(
      `${quoteInput(file)} is a report of ${quoteInput(found).slice(1, -1)}, and holds nothing on ${missing.join(', ')}`,
    );
  }
  return reports;
}

async function parseReports(text: string, file: string, example: string): Promise<readonly BaselineReport[]> {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null || !('schemaVersion' in value)) {
    throw new UsageError(
      `${quoteInput(file)} is not a report. Type the file of an earlier run: mailcheck ... ${example}`,
    );
  }
  const { schemaVersion } = value;
  if (schemaVersion !== SCHEMA_VERSION) {
    throw new UsageError(
      `${quoteInput(file)} has schema version ${quoteInput(String(schemaVersion)).slice(1, -1)}, and this mailcheck reads ${SCHEMA_VERSION}. Write it anew with ${example}`,
    );
  }
  // The schemas load zod, which a run without a baseline does not need.
  const { baselineSchema, baselinesSchema } = await import('./schema.ts');
  const several = baselinesSchema.safeParse(value);
  if (several.success) return several.data.reports;
  const one = baselineSchema.safeParse(value);
  if (one.success) return [one.data];
  const [issue] = 'reports' in value ? several.error.issues : one.error.issues;
  throw new UsageError(
    `${quoteInput(file)} is not a whole report: ${issue?.path.map(String).join('.')}: ${issue?.message}`,
  );
}

/**
 * Compares a report with its baseline. A finding that became more severe, or that is no longer accepted, counts as new.
 *
 * @param baseline the name of the file and its reports.
 * @returns the report with each finding marked as new or known, and with a section on the findings that are gone. The
 *   report is unchanged when the baseline has no report on its domain.
 */
export function compared(report: Report, baseline: { file: string; reports: readonly BaselineReport[] }): Report {
  const earlier = earlierOf(report, baseline.reports);
  if (earlier === undefined) return report;
  const { domain } = report.target;
  const idOf = (finding: FindingResult): string => fingerprint(domain, finding);
  const before = new Map<string, number>();
  for (const finding of earlier.rules.flatMap(({ findings }) => findings)) {
    before.set(idOf(finding), Math.max(before.get(idOf(finding)) ?? 0, openWeight(finding)));
  }
  const rules = report.rules.map((rule) => ({
    ...rule,
    findings: rule.findings.map((finding) => {
      const weight = before.get(idOf(finding));
      const isKnown = weight !== undefined && openWeight(finding) <= weight;
      return { ...finding, baseline: isKnown ? ('known' as const) : ('new' as const) };
    }),
  }));
  const now = new Set(report.rules.flatMap(({ findings }) => findings.map(idOf)));
  const gone = earlier.rules.flatMap(({ id, findings }) =>
    findings
      .filter((finding) => openWeight(finding) > 0 && !now.has(idOf(finding)))
      .map((finding) => ({ finding, isFixed: wasLookedFor(id, testedAddress(finding, earlier), report) })),
  );
  const listed = (isFixed: boolean) =>
    gone.filter((one) => one.isFixed === isFixed).map(({ finding }) => brief(finding));
  const { startedAt } = earlier.timing;
  return {
    ...report,
    baseline: { file: baseline.file, startedAt, fixed: listed(true), unknown: listed(false) },
    rules,
  };
}

/**
 * @returns the report of the baseline on the same domain. If there are several, one on the same addresses is preferred.
 */
function earlierOf({ target }: Report, reports: readonly BaselineReport[]): BaselineReport | undefined {
  const same = reports.filter((report) => report.target.domain === target.domain);
  const addresses = [...target.ips].sort().join(' ');
  return same.find((report) => [...report.target.ips].sort().join(' ') === addresses) ?? same[0];
}

/**
 * @returns the weight of a finding. An accepted finding weighs nothing, so that it is new when it is no longer
 *   accepted.
 */
export function openWeight(finding: FindingResult): number {
  return isAccepted(finding) ? 0 : weightOf(finding.severity);
}

/** @returns the tested address that a finding is about. It is `null` for a finding about anything else. */
export function testedAddress({ about }: FindingResult, { target }: Pick<BaselineReport, 'target'>): string | null {
  return about.ip !== undefined && target.ips.includes(about.ip) ? about.ip : null;
}

/**
 * @param ip the address that the earlier run tested and the finding is about, or `null`.
 * @returns whether this run looked for the finding: its rule saw everything, and its address is still tested.
 */
export function wasLookedFor(ruleId: string, ip: string | null, now: Report): boolean {
  const rule = now.rules.find(({ id }) => id === ruleId);
  return rule !== undefined && isConclusive(rule) && (ip === null || now.target.ips.includes(ip));
}

/** @returns what the lists of a comparison say of a finding. */
export function brief({ code, severity, subject, title }: FindingResult) {
  return { code, severity, subject, title };
}
