/**
 * The log of a GitHub Actions step: the report as people read it in a folded group, then annotations as workflow
 * commands. What is a command is decided here alone: no line of the report can be one.
 */

import { count } from '../report/count.ts';
import { type AdviceStep, type FindingResult, isAccepted, type Report } from '../report/status.ts';
import { fixLines, standingLines } from './finding-text.ts';
import { pretty } from './pretty.ts';
import { printable } from './printable.ts';
import { proposedFile } from './proposed-file.ts';
import type { ReporterOptions } from './reporter.ts';
import { closingWords, isShown } from './words.ts';

/** GitHub shows no more of one kind from one step. */
const MAX_OF_KIND = 10;

type Kind = 'error' | 'warning' | 'notice';

interface Annotation {
  readonly kind: Kind;
  readonly title: string;
  readonly lines: readonly string[];
  readonly file?: string;
}

export function github(reports: readonly Report[], options: ReporterOptions): string {
  const annotations = reports.flatMap(annotationsOf);
  const lines = [
    ...reports.flatMap((report) => [
      `::group::${data([summaryLine(report)])}`,
      ...pretty([report], options).trimEnd().split('\n').map(logLine),
      '::endgroup::',
    ]),
    ...(['error', 'warning', 'notice'] as const).flatMap((kind) =>
      limited(annotations.filter((annotation) => annotation.kind === kind)).map(command),
    ),
    // Groups are closed at first, and a log without a last word says nothing.
    ...reports.map((report) => logLine(summaryLine(report))),
  ];
  return `${lines.join('\n')}\n`;
}

function summaryLine(report: Report): string {
  const { target } = report;
  return printable(`mailcheck ${[target.domain, ...target.ips].join(' ')}: ${closingWords(report)}`);
}

/** Ordered by importance: what the first steps settle comes first. What receivers answer follows from the others. */
function annotationsOf(report: Report): Annotation[] {
  const rank = (finding: FindingResult): number => {
    const index = report.advice.steps.findIndex((step) => settles(step, finding));
    return index < 0 ? report.advice.steps.length : index;
  };
  return report.rules
    .filter(isShown)
    .flatMap(({ findings }) => findings)
    .sort((a, b) => rank(a) - rank(b))
    .flatMap((finding) => {
      const kind = kindOf(finding);
      if (kind === undefined) return [];
      const file = proposedFile(report, finding);
      const lines = [printable(finding.message), ...standingLines(finding), ...fixLines(finding)];
      return [
        { kind, title: `${report.target.domain}: ${finding.code}`, lines, ...(file === undefined ? {} : { file }) },
      ];
    });
}

function settles({ codes, subjects }: AdviceStep, { code, subject }: FindingResult): boolean {
  return codes.includes(code) && (subjects.length === 0 || subjects.includes(subject));
}

/** A check that could not be made is a warning; what the configuration accepts is only noted; notes are in the log. */
function kindOf(finding: FindingResult): Kind | undefined {
  if (isAccepted(finding)) return 'notice';
  switch (finding.severity) {
    case 'error':
      return 'error';
    case 'warning':
    case 'inconclusive':
      return 'warning';
    case 'info':
      return undefined;
  }
}

/** The last of those that are shown says how many more there are. */
function limited(annotations: readonly Annotation[]): readonly Annotation[] {
  const [first] = annotations;
  if (first === undefined || annotations.length <= MAX_OF_KIND) return annotations;
  const others = annotations.slice(MAX_OF_KIND - 1);
  const titles = [...new Set(others.map(({ title }) => printable(title)))];
  return [
    ...annotations.slice(0, MAX_OF_KIND - 1),
    {
      kind: first.kind,
      title: `${others.length} more`,
      lines: [
        `${count(others.length, `more ${first.kind}`)}, for GitHub shows ${MAX_OF_KIND} of a step: see its log.`,
        ...titles,
      ],
    },
  ];
}

function command({ kind, title, lines, file }: Annotation): string {
  const place = file === undefined ? '' : `file=${property(file)},line=1,`;
  return `::${kind} ${place}title=${property(title)}::${data(lines)}`;
}

/** The message of a command; the runner turns `%0A` into the end of a line, and `%25` into a percent sign. */
function data(lines: readonly string[]): string {
  return lines.map((line) => line.replaceAll('%', '%25')).join('%0A');
}

function property(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/**
 * A line of the log that is no command, whatever it holds: GitHub reads `::name::` at the beginning of a line, blanks
 * before it or not, and still `##[name]` anywhere in it.
 */
function logLine(line: string): string {
  return line.replace(/^((?:\s|\u001b\[[\d;]*m)*):(?=:)/, '$1\\x3a').replaceAll('##[', '#\\x23[');
}
