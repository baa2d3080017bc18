/** The verdict: the first lines of a report and its last one. */
import type { Report, RuleResult } from '../../report/status.ts';
import { closingParts, headlinesOf } from '../closing-words.ts';
import { wrap } from '../layout.ts';
import { printable } from '../printable.ts';
import { isShown, MARKS, obstacleTexts, targetFields } from '../words.ts';
import { paragraph, type Screen } from './screen.ts';

/** @returns the first lines: the verdict and the counts, what was not tested and why, and what was tested from where. */
export function headLines(report: Report, screen: Screen): string[] {
  const { verdict, headlines, gaps, remarks } = closingParts(report);
  const { tones } = screen;
  const [first, ...others] = [verdict, countsText(report)].filter((text) => text !== '');
  const causes = obstacleTexts(report);
  // Of a warning, the line of the check says enough.
  const meanings = screen.isFull || report.verdict !== 'fail' ? headlines : headlinesOf(report, 'error');
  return [
    ...paragraph([first, ...others, ...meanings, ...gaps, ...remarks].join(' '), screen).map((line) =>
      tones.bold(tones[report.verdict](line)),
    ),
    ...(screen.isFull ? fieldLines(report, screen) : placeLines(report, screen)),
    ...causes.flatMap((text) => [
      '',
      ...paragraph(text, screen, '  ', `${MARKS.inconclusive.symbol} `).map(tones.inconclusive),
    ]),
    '',
  ];
}

/** @returns the last line: the verdict alone. It says again what the first line says, so that no one has to scroll up. */
export function lastLines(report: Report, screen: Screen): string[] {
  const { tones } = screen;
  return paragraph(closingParts(report).verdict, screen).map((line) => tones.bold(tones[report.verdict](line)));
}

/** @returns the verdict on one line, with the target. */
export function summaryLine(report: Report, { tones }: Screen): string {
  const { verdict, gaps } = closingParts(report);
  const text = `${[report.target.domain, ...report.target.ips].join(' ')}: ${[verdict, ...gaps].join(' ')}`;
  return tones[report.verdict](`${MARKS[report.verdict].symbol} ${printable(text)}`);
}

/** @returns the number of checks with each status that the verdict does not name. */
function countsText(report: Report): string {
  // The verdict on a change has counts of its own.
  if (report.gate !== undefined) return '';
  const shown = report.rules.filter(isShown);
  const having = (status: RuleResult['status']): number => shown.filter((rule) => rule.status === status).length;
  const counts = (['inconclusive', 'warn', 'pass'] as const)
    .filter((status) => status !== report.verdict && having(status) > 0)
    .map((status) => `${having(status)} ${MARKS[status].word}`);
  return counts.length === 0 ? '' : `${counts.join(', ')}.`;
}

/** @returns the target and the place of the check, in one or two lines. */
function placeLines(report: Report, screen: Screen): string[] {
  const text = [report.target.domain, ...targetFields(report).flatMap(({ brief = [] }) => brief)].join(' · ');
  return paragraph(text, screen).map(screen.tones.dim);
}

/** @returns the fields of the target, one below the other. */
function fieldLines(report: Report, { tones, width }: Screen): string[] {
  return [
    '',
    ...targetFields(report).flatMap(({ label, texts }) =>
      texts.flatMap((text, index) =>
        wrap(printable(text), width, ' '.repeat(13), tones.dim((index === 0 ? label : '').padEnd(13))),
      ),
    ),
  ];
}
