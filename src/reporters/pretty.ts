/**
 * Writes the report for a terminal: the verdict, the steps, one line for each check, and the verdict again. A status has a
 * symbol and a word, so no meaning depends on colour alone.
 */
import { count } from '../report/count.ts';
import type { Report } from '../report/status.ts';
import { closingWordsOfSeveral } from './closing-words.ts';
import { exitWords } from './exit-words.ts';
import { checkLines } from './pretty/checks.ts';
import { baselineLines, receiverLines, wayLines } from './pretty/conclusion.ts';
import { timingLines, transcriptLines } from './pretty/dialogues.ts';
import { marked, markOf, paragraph, type Screen, screenFor } from './pretty/screen.ts';
import { stepLines } from './pretty/steps.ts';
import { headLines, lastLines, summaryLine } from './pretty/verdict.ts';
import type { ReporterOptions } from './reporter.ts';

/** @returns the reports as text with a final newline. All text from the network is made safe to print. */
export function pretty(reports: readonly Report[], options: ReporterOptions): string {
  const screen = screenFor(options);
  const lines = options.summary
    ? reports.map((report) => summaryLine(report, screen))
    : [
        ...reports.flatMap((report, index) => [
          ...(index > 0 ? ['', screen.tones.dim('─'.repeat(screen.width)), ''] : []),
          ...reportLines(report, screen),
        ]),
        ...(reports.length > 1 ? overview(reports, screen) : []),
        ...exitLines(reports, options, screen),
      ];
  return `${lines.join('\n')}\n`;
}

function reportLines(report: Report, screen: Screen): string[] {
  return [
    ...headLines(report, screen),
    ...stepLines(report, screen),
    ...checkLines(report, screen),
    ...receiverLines(report, screen),
    ...transcriptLines(report, screen),
    ...timingLines(report, screen),
    ...baselineLines(report, screen),
    ...wayLines(report, screen),
    ...lastLines(report, screen),
  ];
}

/** @returns why the exit code is not the one that the verdict suggests. None if it is. */
function exitLines(reports: readonly Report[], { policy }: ReporterOptions, screen: Screen): string[] {
  const words = policy === undefined ? null : exitWords(reports, policy);
  return words === null ? [] : paragraph(words, screen);
}

/** @returns the overview that follows several reports, so that the end of the output shows every verdict. */
function overview(reports: readonly Report[], screen: Screen): string[] {
  const { tones } = screen;
  return [
    '',
    tones.bold(count(reports.length, 'target')),
    '',
    ...reports.flatMap(({ verdict, target }) =>
      marked([target.domain, ...target.ips].join(' '), verdict, `  ${markOf(verdict)} `, screen),
    ),
    '',
    ...paragraph(closingWordsOfSeveral(reports), screen).map(tones.bold),
  ];
}
