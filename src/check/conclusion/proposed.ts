/** Marks the findings that rest on proposed records, which are not published yet. */
import type { OverlayClient } from '../../network/dns/overlay.ts';
import type { ProposedZone } from '../../network/dns/proposal.ts';
import { canonicalName } from '../../network/domain.ts';
import type { FindingResult, Question, Report, RuleResult } from '../../report/status.ts';
import type { Settings } from '../settings.ts';

/**
 * Marks the findings that rest on proposed records.
 *
 * @returns the results with `proposed` set on each finding that rests on a question which proposed records answered or
 *   denied, and `place` where the file of these records is known.
 */
export function markProposed(
  results: readonly RuleResult[],
  { used, denied, placeOf }: Pick<OverlayClient, 'used' | 'denied' | 'placeOf'>,
): RuleResult[] {
  const answered = new Set([...used, ...denied].map((key) => key.toLowerCase()));
  // A CNAME record answers a question for any type.
  const isProposed = ({ name, type }: Question): boolean =>
    [type, 'CNAME'].some((answer) => answered.has(`${canonicalName(name)} ${answer}`.toLowerCase()));
  const marked = (finding: FindingResult): FindingResult => {
    const questions = finding.rests.filter(isProposed);
    const [place] = questions.flatMap(({ name, type }) => placeOf(name, type) ?? []);
    if (questions.length === 0) return finding;
    return { ...finding, proposed: true, ...(place === undefined ? {} : { place }) };
  };
  return results.map((result) => ({ ...result, findings: result.findings.map(marked) }));
}

/**
 * @param zones the files with proposed records.
 * @param asked the questions that proposed records answered or denied, as `name TYPE`.
 * @param settings whether nobody was asked.
 * @returns the section `proposed` of the Report.
 */
export function proposedSection(
  zones: readonly ProposedZone[],
  { used, denied }: Pick<OverlayClient, 'used' | 'denied'>,
  { offline = false }: Pick<Settings, 'offline'> = {},
): NonNullable<Report['proposed']> {
  const removed = new Set(zones.flatMap(removedBy));
  const isRemoved = (question: string): boolean =>
    !used.has(question) && [question, question.replace(/ .*$/, ' CNAME')].some((set) => removed.has(set));
  const removedAsked = [...denied].filter(isRemoved).sort();
  return {
    files: zones.map(
      ({ file, format = 'zone', records, removed = [], edits = [], undetermined = [], apexes = [] }) => ({
        file,
        format,
        records: records.length + edits.reduce((sum, { add }) => sum + add.length, 0),
        removed: removed.length + edits.filter(({ add }) => add.length === 0).length,
        undetermined: [...new Set(undetermined.map(({ why }) => why))],
        wholeZone: apexes.length > 0 || records.some(({ type }) => type === 'SOA'),
      }),
    ),
    used: [...used].filter((question) => !isCanary(question)).sort(),
    ...(removedAsked.length > 0 ? { removedAsked } : {}),
    ...(offline ? { offline } : {}),
  };
}

/** @returns the record sets, as `name TYPE`, that a file removes and puts nothing in the place of. */
function removedBy({ removed = [], edits = [] }: ProposedZone): string[] {
  return [...removed, ...edits.filter(({ add }) => add.length === 0)].map(
    ({ name, type }) => `${canonicalName(name)} ${type}`,
  );
}

/** Tells whether a question is for a name that mailcheck made up, to see what a wildcard or nobody answers. */
function isCanary(question: string): boolean {
  return /^mailcheck-[0-9a-f]{16}\./.test(question);
}
