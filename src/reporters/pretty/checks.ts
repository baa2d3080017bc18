/** The checks: one line each with the value that was seen, or with what is wrong and the step that fixes it. */
import { count } from '../../report/count.ts';
import { lowerFirst } from '../../report/lower-first.ts';
import { type FindingResult, isAccepted, type Report, type RuleResult } from '../../report/status.ts';
import { asBeforeWords, betterFindings, leftFindings, onlyWorse, STANDING } from '../change-words.ts';
import { fixingStep } from '../fixing-step.ts';
import { unbroken, wrap } from '../layout.ts';
import { copyable, printable } from '../printable.ts';
import {
  byReason,
  isObstructed,
  isShown,
  isToldAbove,
  isUnused,
  MARKS,
  SEVERITY_STATUS,
  unusedWords,
} from '../words.ts';
import { evidenceLines } from './evidence.ts';
import { marked, markOf, paragraph, type Screen } from './screen.ts';

const RULE_INDENT = '  ';
/** Evidence has long values, so it begins further left. */
const EVIDENCE_INDENT = ' '.repeat(8);
/** The widest column of titles. A longer title pushes its text to the right. */
const MAX_TITLE = 24;

/** The place of the texts behind the titles. */
interface Columns {
  readonly screen: Screen;
  /** The width of the titles. */
  readonly title: number;
  /** What stands before every further line of a check. */
  readonly indent: string;
}

/** @returns a line for each check, the failed ones first, then those that were left out. */
export function checkLines(report: Report, screen: Screen): string[] {
  return report.gate === undefined || screen.isFull
    ? [...allCheckLines(report, screen), ...betterLines(report, screen)]
    : changeLines(report, screen);
}

/** @returns what the change makes worse and better, and one line for what stays as it is. */
function changeLines(report: Report, screen: Screen): string[] {
  const shown = report.rules.filter(isShown).flatMap((rule) => onlyWorse(rule) ?? []);
  const same = asBeforeWords(report);
  const first = `${RULE_INDENT}${markOf('skipped').replace('skipped', 'same   ')} `;
  return [
    screen.tones.bold('What the change does'),
    ...shown.flatMap((rule) => ruleLines(rule, report, columnsFor(shown, screen))),
    ...betterLines(report, screen),
    ...(same === ''
      ? []
      : paragraph(`as before: ${same}`, screen, ' '.repeat(first.length), first).map(screen.tones.dim)),
    ...skippedLines(report.rules, screen),
    ...paragraph('--full shows every check, and the steps for what is as before.', screen, RULE_INDENT).map(
      screen.tones.dim,
    ),
    '',
  ];
}

/** @returns a line for each finding that the change ends or makes milder, and for each that is left in its place. */
function betterLines(report: Report, screen: Screen): string[] {
  const left = leftFindings(report).flatMap(({ code, subject, title, word }) => {
    const first = `${RULE_INDENT}${markOf('skipped').replace('skipped', 'left   ')} `;
    return paragraph(`${word}: ${title} (${code}, ${subject})`, screen, ' '.repeat(first.length), first);
  });
  return [...goneLines(report, screen), ...left];
}

function goneLines(report: Report, screen: Screen): string[] {
  return betterFindings(report).flatMap(({ code, subject, title, word }) => {
    const first = `${RULE_INDENT}${markOf('pass').replace('pass  ', word.padEnd(6))} `;
    return paragraph(`${title} (${code}, ${subject})`, screen, ' '.repeat(first.length), first).map(screen.tones.pass);
  });
}

function columnsFor(shown: readonly RuleResult[], screen: Screen): Columns {
  const longest = Math.max(0, ...shown.map((rule) => printable(rule.title).length));
  const title = Math.min(MAX_TITLE, longest) + 2;
  return { screen, title, indent: ' '.repeat(RULE_INDENT.length + markOf('pass').length + 1 + title) };
}

function allCheckLines(report: Report, screen: Screen): string[] {
  const shown = report.rules.filter((rule) => isShown(rule));
  const folded = shown.filter((rule) => isFolded(rule, screen));
  const unused = shown.filter((rule) => !screen.isFull && isUnused(rule));
  const columns = columnsFor(shown, screen);
  return [
    screen.tones.bold('Checks'),
    ...shown
      .filter((rule) => !folded.includes(rule) && !unused.includes(rule))
      .flatMap((rule) => ruleLines(rule, report, columns)),
    ...foldedLines(folded, screen),
    ...unusedLines(unused, screen),
    ...skippedLines(report.rules, screen),
    ...hintLines(shown, screen),
    '',
  ];
}

/** Tells whether the cause at the head of the report says all there is to say about a rule. */
function isFolded(rule: RuleResult, { isFull }: Screen): boolean {
  return !isFull && rule.note === undefined && isObstructed(rule);
}

function ruleLines(rule: RuleResult, report: Report, columns: Columns): string[] {
  const { screen, title, indent } = columns;
  const { tones, isFull } = screen;
  // What an obstacle explains is told at the head of the report.
  const told = rule.findings.filter(
    (finding) => isFull || ((finding.severity !== 'info' || isAccepted(finding)) && !isToldAbove(finding)),
  );
  const parts = [rule.note ?? '', rule.allowed ? 'known and allowed' : ''].filter((text) => text !== '');
  if (told.length === 0 && isObstructed(rule)) parts.push('not fully tested, see above');
  const seen = parts.join('; ');
  const isSeenShown = seen !== '' && (isFull || told.length === 0 || isPartial(rule));
  const [head = indent, ...rest] = [
    ...(isSeenShown ? paragraph(seen, screen, indent) : []),
    ...told.flatMap((finding) => findingLines(finding, { rule, report, columns })),
  ];
  const mark = tones.of(rule.status)(`${RULE_INDENT}${markOf(rule.status)}`);
  return [`${mark} ${tones.bold(printable(rule.title).padEnd(title))}${head.slice(indent.length)}`, ...rest];
}

/** Tells whether what was seen is worth a line beside the findings: the check is incomplete, or it counts lists. */
function isPartial({ status, note, allowed, findings }: RuleResult): boolean {
  return (
    allowed === true ||
    (note !== undefined && (status === 'inconclusive' || findings.some(({ about }) => about.zone !== undefined)))
  );
}

/** The place of a finding in the report. */
interface Place {
  readonly rule: RuleResult;
  readonly report: Report;
  readonly columns: Columns;
}

function findingLines(finding: FindingResult, { rule, report, columns }: Place): string[] {
  if (isAccepted(finding)) return acceptedLines(finding, columns);
  const { screen, indent } = columns;
  const { tones, isFull, isVerbose, width } = screen;
  const isNote = finding.severity === 'info';
  const tone = isNote ? tones.dim : tones.of(SEVERITY_STATUS[finding.severity]);
  const steps = isNote ? [] : stepsFor(finding, report);
  const isCodeShown = isFull || steps.length === 0;
  const fixedBy = unbroken(printable([...(isCodeShown ? [finding.code] : []), ...steps].join(', ')));
  const refersTo = [fixedBy, ...marksOf(finding, screen).map(printable)].join(', ');
  // The mark of the rule stands for a finding that is as severe. Others have a symbol of their own.
  const status = SEVERITY_STATUS[finding.severity];
  const symbol = isNote ? '· ' : status === rule.status ? '' : `${MARKS[status].symbol} `;
  const message = printable(finding.message).replace(/\.$/, '');
  const lines = wrap(`${message} (${refersTo})`, width, indent, `${indent}${symbol}`);
  if (!isFull) return lines;
  const deeper = `${indent}  `;
  return [
    ...lines.map(tone),
    ...detailLines(finding, columns),
    // Why receivers care is untrue of what could not be tested.
    ...(isNote || isToldAbove(finding) || finding.explanation === ''
      ? []
      : paragraph(finding.explanation, screen, deeper)),
    tones.dim(`${deeper}${printable(finding.reference)}`),
    ...(isVerbose ? evidenceLines(finding, width, EVIDENCE_INDENT).map(tones.dim) : []),
  ];
}

/** @returns the step that fixes the finding, in words: `step 2`. Otherwise the step for its code, which a change may have. */
function stepsFor(finding: FindingResult, { advice: { steps } }: Report): string[] {
  const ofCode = steps.findIndex(({ codes }) => codes.includes(finding.code)) + 1;
  const step = fixingStep(finding, steps) ?? ofCode;
  return step === 0 ? [] : [`step ${step}`];
}

function marksOf({ proposed, baseline, deviation, change, place }: FindingResult, { isFull }: Screen): string[] {
  return [
    ...(change === undefined || !isFull ? [] : [change === 'same' ? 'as before' : lowerFirst(STANDING[change])]),
    ...(proposed
      ? [change === 'worse' && place?.line ? `at ${place.file}:${place.line}` : 'in the proposed records']
      : []),
    ...(baseline === 'new' ? ['new since the baseline'] : []),
    ...(deviation?.state === 'expired' ? [`accepted until ${deviation.until}: ${deviation.reason}`] : []),
  ];
}

function acceptedLines({ code, subject, deviation }: FindingResult, { screen, indent }: Columns): string[] {
  const text = `${MARKS.skipped.symbol} accepted until ${deviation?.until}: ${code} (${subject}), ${deviation?.reason}`;
  return paragraph(text, screen, indent).map(screen.tones.dim);
}

/** @returns the details of a finding in two columns: the labels and the texts. */
function detailLines({ details = [] }: FindingResult, { screen: { width: all }, indent }: Columns): string[] {
  const width = Math.min(Math.max(...details.map(({ label }) => printable(label).length)) + 2, all / 2);
  return details.flatMap(({ label, text }) =>
    wrap(printable(text), all, `${indent}  ${' '.repeat(width)}`, `${indent}  ${printable(label).padEnd(width)}`),
  );
}

/** @returns one line for the checks that a cause at the head of the report explains. */
function foldedLines(rules: readonly RuleResult[], screen: Screen): string[] {
  if (rules.length === 0) return [];
  const status = 'inconclusive';
  const text = `${rules.map(({ title }) => title).join(', ')}: not tested, see above`;
  return marked(text, status, `${RULE_INDENT}${markOf(status)} `, screen);
}

/** @returns one line for the checks of what the domain does not use. */
function unusedLines(rules: readonly RuleResult[], screen: Screen): string[] {
  if (rules.length === 0) return [];
  const first = `${RULE_INDENT}${markOf('pass')} `;
  return paragraph(unusedWords(rules), screen, ' '.repeat(first.length), first).map(screen.tones.dim);
}

function skippedLines(rules: readonly RuleResult[], screen: Screen): string[] {
  const skipped = rules.filter(({ status, kind }) => status === 'skipped' && kind === 'check');
  const first = `${RULE_INDENT}${markOf('skipped')} `;
  const indent = ' '.repeat(first.length);
  return [...byReason(skipped)].flatMap(([reason, having]) => {
    const text = `${having.map(({ title }) => title).join(', ')}: ${reason}`;
    return [
      ...paragraph(text, screen, indent, first).map(screen.tones.dim),
      ...having.flatMap(({ skipCommand }) =>
        skipCommand === undefined ? [] : [screen.tones.typed(`${indent}${copyable(skipCommand)}`)],
      ),
    ];
  });
}

/** @returns what the report leaves out without `--full`. */
function hintLines(shown: readonly RuleResult[], screen: Screen): string[] {
  if (screen.isFull) return [];
  const notes = shown.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'info').length;
  const what = ['the codes', 'the reasons', 'the receivers’ answers', ...(notes > 0 ? [count(notes, 'note')] : [])];
  const text = `--full shows ${what.slice(0, -1).join(', ')} and ${what.at(-1)}.`;
  return paragraph(text, screen, RULE_INDENT).map(screen.tones.dim);
}
