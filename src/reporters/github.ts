/**
 * Writes the log of a GitHub Actions step: the terminal report in a folded group, then annotations as workflow
 * commands. Only this file writes workflow commands. No line of the report can act as one.
 */

import { count } from '../report/count.ts';
import { type FindingResult, isAccepted, isAllowedGap, type Report } from '../report/status.ts';
import { isOfChange } from './change-words.ts';
import { closingWords } from './closing-words.ts';
import { exitWords } from './exit-words.ts';
import { fixLines, standingLines } from './finding-text.ts';
import { fixingStep } from './fixing-step.ts';
import { pretty } from './pretty.ts';
import { printable } from './printable.ts';
import { type PlaceInFile, proposedPlace } from './proposed-place.ts';
import type { ReporterOptions } from './reporter.ts';
import { isShown, isToldAbove, obstaclesOf, obstacleText } from './words.ts';

/** The most annotations of one kind that GitHub shows for a step. */
const MAX_OF_KIND = 10;

type Kind = 'error' | 'warning' | 'notice';

interface Annotation {
  readonly kind: Kind;
  readonly title: string;
  readonly lines: readonly string[];
  readonly place?: PlaceInFile;
}

/** @returns the log, with a final newline. All text from the network is made safe to print. */
export function github(reports: readonly Report[], { policy, ...options }: ReporterOptions): string {
  const exit = policy === undefined ? null : exitWords(reports, policy);
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
    // GitHub shows groups folded, so the log ends with the verdict of each report.
    ...reports.map((report) => logLine(summaryLine(report))),
    ...(exit === null ? [] : [exit]),
  ];
  return `${lines.join('\n')}\n`;
}

function summaryLine(report: Report): string {
  const { target } = report;
  return printable(`mailcheck ${[target.domain, ...target.ips].join(' ')}: ${closingWords(report)}`);
}

const ALLOWED = 'Known and allowed.';

/**
 * Returns the annotations in the order of the steps that fix their findings. What an obstacle explains has one
 * annotation, that of the obstacle. It is a notice if the user allows all that the obstacle explains. Predicted receiver
 * answers have none, and neither has what a change of DNS leaves as it is.
 */
function annotationsOf(report: Report): Annotation[] {
  return [...findingAnnotations(report), ...obstacleAnnotations(report)];
}

function obstacleAnnotations(report: Report): Annotation[] {
  const counted = new Set(report.rules.filter(({ allowed }) => allowed !== true).map(({ id }) => id));
  const ofChange = new Set(
    report.rules.flatMap(({ findings }) => findings.filter(isOfChange).flatMap(({ obstacle }) => obstacle?.kind ?? [])),
  );
  const obstacles = obstaclesOf(report).filter(({ kind }) => report.gate === undefined || ofChange.has(kind));
  return obstacles.map((obstacle) => {
    const isAllowed = !obstacle.rules.some((id) => counted.has(id));
    return {
      kind: isAllowed ? 'notice' : 'warning',
      title: `${report.target.domain}: not fully checked`,
      lines: [printable(obstacleText(obstacle)), ...(isAllowed ? [ALLOWED] : []), ...fixLines(obstacle)],
    };
  });
}

function findingAnnotations(report: Report): Annotation[] {
  const { steps } = report.advice;
  const rank = (finding: FindingResult): number => fixingStep(finding, steps) ?? steps.length + 1;
  return report.rules
    .filter(isShown)
    .flatMap((rule) => rule.findings.map((finding) => ({ finding, isAllowed: isAllowedGap(rule, finding) })))
    .filter(({ finding }) => !isToldAbove(finding) && isOfChange(finding))
    .sort((a, b) => rank(a.finding) - rank(b.finding))
    .flatMap(({ finding, isAllowed }) => {
      const kind = isAllowed ? 'notice' : kindOf(finding);
      if (kind === undefined) return [];
      const place = proposedPlace(report, finding);
      const known = isAllowed ? [ALLOWED] : [];
      const lines = [printable(finding.message), ...known, ...standingLines(finding), ...fixLines(finding)];
      return [
        { kind, title: `${report.target.domain}: ${finding.code}`, lines, ...(place === undefined ? {} : { place }) },
      ];
    });
}

/**
 * Returns the kind of the annotation. A check that could not be made is a warning, and an accepted finding is a notice. So
 * is a check that could not be made if the user allows that.
 * A note has no annotation, because it is in the log.
 */
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

/** Limits the annotations of one kind. If there are too many, the last one lists the others. */
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
        `GitHub shows only ${count(MAX_OF_KIND, first.kind)} per step. The log has ${others.length} more:`,
        ...titles,
      ],
    },
  ];
}

function command({ kind, title, lines, place }: Annotation): string {
  const at = place === undefined ? '' : `file=${property(place.path)},line=${place.line},`;
  return `::${kind} ${at}title=${property(title)}::${data(lines)}`;
}

/** Returns the message of a workflow command. The runner decodes `%0A` as a line end and `%25` as a percent sign. */
function data(lines: readonly string[]): string {
  return lines.map((line) => line.replaceAll('%', '%25')).join('%0A');
}

function property(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/**
 * Escapes a line of the log so that it cannot be a workflow command. GitHub reads `::name::` at the beginning of a
 * line, also after white space, and the older form `##[name]` anywhere in it.
 */
function logLine(line: string): string {
  return line.replace(/^((?:\s|\u001b\[[\d;]*m)*):(?=:)/, '$1\\x3a').replaceAll('##[', '#\\x23[');
}
