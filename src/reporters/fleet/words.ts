/** The words that outputs of a fleet share: what is wrong with a target in a few words, and the totals. */
import { count } from '../../report/count.ts';
import type { FleetEntry, FleetSummary } from '../../report/fleet.ts';
import { openFindings } from '../../report/open-findings.ts';
import { type FindingResult, isNoWorse, type Verdict, weightOf } from '../../report/status.ts';
import { MARKS } from '../words.ts';

/** @returns the findings of a target that are wrong or could not be checked, the worst first. */
export function worstFindings({ report }: Pick<FleetEntry, 'report'>): FindingResult[] {
  const open = openFindings(report).filter((finding) => !isNoWorse(finding));
  return open.sort((one, other) => weightOf(other.severity) - weightOf(one.severity));
}

/** The verdicts, the worst first. */
export const VERDICTS: readonly Verdict[] = ['fail', 'inconclusive', 'warn', 'pass'];

/** @returns how many targets have each verdict: `17 fail, 5 unknown, 9 warn, 269 pass`. */
export function verdictWords(verdicts: FleetSummary['verdicts']): string {
  return VERDICTS.filter((verdict) => verdicts[verdict] > 0)
    .map((verdict) => `${verdicts[verdict]} ${MARKS[verdict].word}`)
    .join(', ');
}

/** @returns the number of judged targets. */
export function judgedOf({ verdicts }: Pick<FleetSummary, 'verdicts'>): number {
  return VERDICTS.reduce((sum, verdict) => sum + verdicts[verdict], 0);
}

/** @returns the totals in one line, and what is missing from them, each in a line of its own. Not yet safe to print. */
export function totalsLines(summary: FleetSummary): string[] {
  const judged = judgedOf(summary);
  const seconds = Math.round((Date.parse(summary.endedAt) - Date.parse(summary.startedAt)) / 1000);
  const { wrongLines, repeated, resumed, notJudged, endedBy, changes } = summary;
  return [
    `${count(judged, 'target')} in ${durationWords(seconds)}: ${verdictWords(summary.verdicts) || 'none judged'}`,
    ...(endedBy === null ? [] : [`The run did not reach its end: ${endedBy}`]),
    ...(notJudged > 0 ? [`Under way and not judged: ${notJudged}`] : []),
    ...(resumed > 0 ? [`Judged before the run was interrupted: ${resumed}`] : []),
    ...(repeated > 0 ? [`Repeated lines, judged once: ${repeated}`] : []),
    ...(wrongLines.count > 0 ? [`Lines that name no target: ${wrongLines.count}`] : []),
    ...(changes === undefined
      ? []
      : [
          `Since the last run: ${changes.worse} worse, ${changes.better} better, ${changes.new} new, ${changes.gone.count} gone`,
        ]),
  ];
}

/** @returns a time in words: `41 s`, `5 min`, `2 h 10 min`. */
export function durationWords(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
