/** Marks the findings that rest on proposed records, which are not published yet. */
import type { ProposedZone } from '../../network/dns/overlay.ts';
import { canonicalName } from '../../network/domain.ts';
import type { FindingResult, Question, Report, RuleResult } from '../../report/status.ts';

/**
 * Marks the findings that rest on proposed records.
 *
 * @param asked the questions that proposed records answered or denied, as `name TYPE`.
 * @returns the results with `proposed` set on each finding that rests on one of those questions.
 */
export function markProposed(results: readonly RuleResult[], asked: Iterable<string>): RuleResult[] {
  const answered = new Set([...asked].map((key) => key.toLowerCase()));
  // A CNAME record answers a question for any type.
  const isProposed = ({ name, type }: Question): boolean =>
    [type, 'CNAME'].some((answer) => answered.has(`${canonicalName(name)} ${answer}`.toLowerCase()));
  const marked = (finding: FindingResult): FindingResult =>
    finding.rests.some(isProposed) ? { ...finding, proposed: true } : finding;
  return results.map((result) => ({ ...result, findings: result.findings.map(marked) }));
}

/**
 * @param zones the files with proposed records.
 * @param used the questions that proposed records answered, as `name TYPE`.
 * @returns the section `proposed` of the Report.
 */
export function proposedSection(
  zones: readonly ProposedZone[],
  used: ReadonlySet<string>,
): NonNullable<Report['proposed']> {
  return {
    files: zones.map(({ file, records }) => ({
      file,
      records: records.length,
      wholeZone: records.some(({ type }) => type === 'SOA'),
    })),
    used: [...used].sort(),
  };
}
