/**
 * Writes the report for a terminal: the verdict, the steps, one line for each check, and the verdict again. A status has a
 * symbol and a word, so no meaning depends on colour alone.
 */
import { count } from '../report/count.ts';
import type { Report } from '../report/status.ts';
import { summaryOf } from '../report/tally.ts';
import { closingWordsOfSeveral } from './closing-words.ts';
import { exitWords } from './exit-words.ts';
import { causeLines, closingLines } from './fleet/causes.ts';
import { targetLine } from './fleet/list.ts';
import { checkLines } from './pretty/checks.ts';
import { baselineLines, receiverLines, wayLines } from './pretty/conclusion.ts';
import { timingLines, transcriptLines } from './pretty/dialogues.ts';
import { marked, markOf, paragraph, type Screen, screenFor } from './pretty/screen.ts';
import { stepLines } from './pretty/steps.ts';
import { headLines, lastLines, summaryLine } from './pretty/verdict.ts';
import { printable } from './printable.ts';
import type { ReporterOptions } from './reporter.ts';

/** @returns the reports as text with a final newline. All text from the network is made safe to print. */
export function pretty(reports: readonly Report[], options: ReporterOptions): string {
  const screen = screenFor(options);
  const isList = reports.length > MAX_WHOLE && !options.full && !options.verbose;
  const lines = options.summary
    ? reports.map((report) => summaryLine(report, screen))
    : isList
      ? [...listLines(reports, options, screen), ...exitLines(reports, options, screen)]
      : [
          ...reports.flatMap((report, index) => [
            ...(index > 0 ? ['', screen.tones.dim('─'.repeat(screen.width)), ''] : []),
            ...reportLines(report, screen),
          ]),
          ...(reports.length > 1 ? overview(reports, options, screen) : []),
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

/** The most reports that are printed whole. More are a line each. */
const MAX_WHOLE = 10;

/** @returns a line for each report, and then what is wrong with how many. */
function listLines(reports: readonly Report[], { color, policy }: ReporterOptions, screen: Screen): string[] {
  const [first] = reports.filter(({ verdict }) => verdict !== 'pass');
  const { domain, ips } = (first ?? reports[0])?.target ?? { domain: '', ips: [] };
  return [
    ...reports.map((report) => targetLine({ report }, { color })),
    '',
    ...closingLines(summaryOf(reports, policy), { color }),
    '',
    ...paragraph(closingWordsOfSeveral(reports), screen).map(screen.tones.bold),
    `The whole report of one: ${screen.tones.typed(printable(['mailcheck', domain, ...ips].join(' ')))}`,
    `The whole reports of all: ${screen.tones.typed('--full')}, or --json`,
  ];
}

/** @returns the overview that follows several reports, so that the end of the output shows every verdict. */
function overview(reports: readonly Report[], { policy }: ReporterOptions, screen: Screen): string[] {
  const { tones } = screen;
  const causes = causeLines(summaryOf(reports, policy), tones, screen.width);
  return [
    '',
    tones.bold(count(reports.length, 'target')),
    '',
    ...reports.flatMap(({ verdict, target }) =>
      marked([target.domain, ...target.ips].join(' '), verdict, `  ${markOf(verdict)} `, screen),
    ),
    '',
    ...(causes.length > 0 ? [...causes, ''] : []),
    ...paragraph(closingWordsOfSeveral(reports), screen).map(tones.bold),
  ];
}
