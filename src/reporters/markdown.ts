/**
 * Writes Markdown for a comment on a pull request or for a job summary. The verdict comes first, then the steps to take
 * and the findings that cause them. What passed is folded. The text consists of blocks. A report that is too long omits
 * whole blocks, so that no fence or folded part stays open.
 */

import { count } from '../report/count.ts';
import {
  type AdviceStep,
  type FindingResult,
  isAccepted,
  isAllowedGap,
  type Report,
  type RuleResult,
  type Status,
  type Verdict,
  verdictOf,
} from '../report/status.ts';
import { betterFindings, leftFindings, onlyWorse, stepsLeftWords, stepsOfChange } from './change-words.ts';
import { changeWords, laterStages, planSummary } from './changes.ts';
import { bySeverity, type CheckGroups, checkGroups } from './check-groups.ts';
import { closingParts, closingWordsOfSeveral } from './closing-words.ts';
import { standingLines } from './finding-text.ts';
import { fixingStep } from './fixing-step.ts';
import { cell, code, fenced, link, prose } from './markdown-text.ts';
import { basisWords, receiverTable } from './receivers.ts';
import { type Fix, typedGroups } from './typed-groups.ts';
import { MARKS, obstacleTexts, SEVERITY_STATUS, tally, targetFields, unusedWords } from './words.ts';

/** The mark by which a bot finds the comment that it wrote before. */
export const MARKER = '<!-- mailcheck -->';

/** The longest comment, in bytes of UTF-8. GitHub allows 65 536 characters. */
const COMMENT_BYTES = 65_000;

/** The longest body of a finding that is not folded, in characters. */
const LONG = 700;

/** @returns the reports as Markdown, short enough for a comment on GitHub. */
export function markdown(reports: readonly Report[]): string {
  return markdownWithin(reports, COMMENT_BYTES);
}

/**
 * @returns the reports as Markdown of at most `bytes` bytes. If blocks were left out, the text says so. It is empty if
 *   not even the mark at the beginning fits.
 */
export function markdownWithin(reports: readonly Report[], bytes: number): string {
  const blocks = [MARKER, ...(reports.length > 1 ? [overview(reports)] : []), ...reports.flatMap(reportBlocks)];
  const note = (left: number): string =>
    `This report was cut to fit: ${count(left, 'part')} left out. \`mailcheck --format pretty\` shows everything.\n`;
  const kept: string[] = [];
  let room = bytes - Buffer.byteLength(note(blocks.length));
  for (const block of blocks) {
    const size = Buffer.byteLength(block) + 2;
    if (size > room) continue;
    kept.push(block);
    room -= size;
  }
  const left = blocks.length - kept.length;
  // Without the mark a bot would not recognise the comment as its own.
  if (kept[0] !== MARKER) return '';
  return left === 0 ? `${kept.join('\n\n')}\n` : `${kept.join('\n\n')}\n\n${note(left)}`;
}

function overview(reports: readonly Report[]): string {
  const rows = reports.map(({ target, verdict }) => `| ${cell(nameOf(target))} | ${statusText(verdict)} |`);
  return [
    `## mailcheck: ${count(reports.length, 'target')}`,
    '',
    ...alert(verdictOf(reports.map(({ verdict }) => verdict)), [closingWordsOfSeveral(reports)]),
    '',
    '| target | verdict |',
    '| --- | --- |',
    ...rows,
  ].join('\n');
}

/** The alert that GitHub draws around each verdict. */
const ALERTS: Readonly<Record<Verdict, string>> = {
  fail: 'CAUTION',
  warn: 'WARNING',
  inconclusive: 'WARNING',
  pass: 'NOTE',
};

/** @returns the lines of an alert, with a paragraph for each text. */
function alert(verdict: Verdict, texts: readonly string[]): string[] {
  const paragraphs = texts.map((text) => `> ${prose(text)}`).join('\n>\n');
  return [`> [!${ALERTS[verdict]}]`, paragraphs];
}

function alertTexts(report: Report): string[] {
  const { verdict, headlines, receivers, gaps, remarks } = closingParts(report);
  const counts = report.gate === undefined ? `${tally(report)}.` : '';
  const texts = [verdict, [...headlines, ...gaps, ...remarks].join(' '), receivers.join(' '), counts];
  return texts.filter((text) => text !== '');
}

function reportBlocks(report: Report): string[] {
  const { target, advice, verdict } = report;
  const groups = checkGroups(report);
  return [
    [`## mailcheck: ${prose(nameOf(target))}`, '', ...alert(verdict, alertTexts(report))].join('\n'),
    ...obstacleBlocks(report, groups),
    ...stepBlocks(report),
    ...planBlocks(report),
    ...(advice.summary === '' || report.gate !== undefined ? [] : [prose(advice.summary)]),
    ...(report.gate === undefined ? openBlocks('### Findings', groups.open, report) : changeBlocks(report, groups)),
    ...passedBlock(groups),
    ...notRunBlock(groups),
    ...asideBlocks(groups),
    ...receiverBlock(report),
    circumstances(report),
  ];
}

/** Returns the steps. Those for what a change leaves as it is are folded. */
function stepBlocks(report: Report): string[] {
  const steps = report.advice.steps.map(stepBlock);
  const shown = stepsOfChange(report);
  return [
    ...(shown > 0 ? ['### What to do next', ...steps.slice(0, shown)] : []),
    ...(steps.length > shown ? [folded(stepsLeftWords(steps.length - shown), steps.slice(shown))] : []),
  ];
}

function openBlocks(heading: string, rules: readonly RuleResult[], report: Report): string[] {
  return rules.length > 0 ? [heading, ...rules.flatMap((rule) => ruleBlocks(rule, report))] : [];
}

/** Returns what a change makes worse and better, and folded what stays as it is. */
function changeBlocks(report: Report, { open }: CheckGroups): string[] {
  const better = [...betterFindings(report), ...leftFindings(report)].map(
    ({ code: findingCode, title, subject, word }) =>
      `- ${word}: ${prose(title)} (${code(findingCode)}, ${code(subject)})`,
  );
  const worse = open.flatMap((rule) => onlyWorse(rule) ?? []);
  const same = open
    .map((rule) => ({ ...rule, findings: rule.findings.filter(({ change }) => change === 'same') }))
    .filter(({ findings }) => findings.length > 0);
  return [
    ...openBlocks('### Worse', worse, report),
    ...(better.length > 0 ? [`### Better\n\n${better.join('\n')}`] : []),
    ...(same.length > 0
      ? [folded(`${count(report.gate?.same ?? 0, 'finding')} as before`, openBlocks('', same, report).slice(1))]
      : []),
  ];
}

/** Returns what kept checks from being made, once, with the findings that it explains folded below it. */
function obstacleBlocks(report: Report, { obstructed }: CheckGroups): string[] {
  const lines = obstructed.flatMap(({ findings }) =>
    findings.filter(isOpen).map((finding) => `- ${code(finding.code)}: ${prose(finding.message)}`),
  );
  return [
    ...obstacleTexts(report).map(prose),
    ...(lines.length > 0
      ? [folded(`${count(obstructed.length, 'check')} not completed because of this`, [lines.join('\n')])]
      : []),
  ];
}

/** Tells whether a finding is worth a look: it is no note, and the configuration does not accept it. */
function isOpen(finding: FindingResult): boolean {
  return finding.severity !== 'info' && !isAccepted(finding);
}

function nameOf({ domain, ips }: Report['target']): string {
  return [domain, ...ips].join(' ');
}

function statusText(status: RuleResult['status']): string {
  const { symbol, word } = MARKS[status];
  return `${symbol} ${word}`;
}

function stepBlock(step: AdviceStep, index: number): string {
  const bullet = `${index + 1}. `;
  const indent = ' '.repeat(bullet.length);
  const { gone, note } = changeWords(step);
  return [
    `${bullet}${prose(step.summary)} (${step.codes.map(code).join(', ')})`,
    ...typedLines(step, indent),
    ...(note === null ? [] : ['', `${indent}${prose(note)}`]),
    ...(gone.length === 0 ? [] : ['', `${indent}Remove what is published now:`, '', ...fenced(gone, indent)]),
  ].join('\n');
}

/** Returns what a fix has the user type or open. Records and commands are whole lines, and links can be followed. */
function typedLines(fix: Fix, indent = ''): string[] {
  return typedGroups(fix).flatMap(({ kind, label, lines }) => [
    ...(label === null ? [] : ['', `${indent}${prose(label)}`]),
    ...(lines.length > 0 ? [''] : []),
    ...(kind === 'links'
      ? lines.map((address) => `${indent}- ${link(address)}`)
      : lines.length > 0
        ? fenced(lines, indent)
        : []),
  ]);
}

/** Returns the stages of a policy that come after the steps, and what the changes settle. */
function planBlocks(report: Report): string[] {
  const stages = laterStages(report);
  const summary = planSummary(report);
  return [
    ...(stages.length === 0
      ? []
      : ['### Later', ...stages.map(({ when, record }) => [prose(when), '', ...fenced([record.line])].join('\n'))]),
    ...(summary === null ? [] : [prose(summary)]),
  ];
}

/** Returns a check that did not pass: its title with what was seen, and its findings, errors first. */
function ruleBlocks(rule: RuleResult, report: Report): string[] {
  const { title, status, note, allowed } = rule;
  const findings = bySeverity(rule.findings.filter((finding) => isOpen(finding) && !isAllowedGap(rule, finding)));
  const seen = [
    ...(allowed ? ['\n\nKnown and allowed.'] : []),
    ...(note === undefined ? [] : [`\n\nSeen: ${prose(note)}.`]),
  ].join('');
  return [
    `#### ${statusText(status)}: ${prose(title)}${seen}`,
    ...findings.map((finding) => findingBlock(finding, status, report)),
  ];
}

function findingBlock(finding: FindingResult, ruleStatus: Status, report: Report): string {
  const own = SEVERITY_STATUS[finding.severity];
  const status = own === ruleStatus ? '' : `${statusText(own)}: `;
  const heading = `${status}${prose(finding.message)} (${code(finding.code)})`;
  const standing = standingLines(finding).map((line) => `\n\n${prose(line)}`);
  const body = findingBody(finding, report);
  const more = body.length > LONG ? folded('Why, and how to fix it', [body]) : body;
  return `${heading}${standing.join('')}${more === '' ? '' : `\n\n${more}`}`;
}

/**
 * Returns the details of a finding, its explanation, and the fix. The fix is only the number of the step, if there is
 * one, so that nothing is to be read twice. A finding that an obstacle explains has no explanation of its own.
 */
function findingBody(finding: FindingResult, report: Report): string {
  const { details = [], explanation, remediation, reference, obstacle } = finding;
  const step = fixingStep(finding, report.advice.steps);
  const isLater = laterStages(report).some(({ codes }) => codes.includes(finding.code));
  return [
    ...(details.length > 0 ? [details.map(({ label, text }) => `- ${prose(`${label}: ${text}`)}`).join('\n')] : []),
    ...(explanation === '' || obstacle !== undefined ? [] : [`Why: ${prose(explanation)} (${prose(reference)})`]),
    ...(step !== undefined ? [`Fix: step ${step}.`] : isLater ? ['Fix: see Later.'] : fixBlocks(remediation)),
  ].join('\n\n');
}

function fixBlocks(remediation: FindingResult['remediation']): string[] {
  const { summary } = remediation;
  const lines = [...(summary === '' ? [] : [`Fix: ${prose(summary)}`]), ...typedLines(remediation)];
  return lines.length === 0 ? [] : [lines.join('\n')];
}

/** Returns the checks that passed, each with what was seen. */
function passedBlock({ passed, unused }: CheckGroups): string[] {
  const rows = passed.map(({ title, note = '' }) => `| ${cell(title)} | ${cell(note)} |`);
  const table = ['| check | seen |', '| --- | --- |', ...rows].join('\n');
  const blocks = [
    ...(rows.length === 0 ? [] : [table]),
    ...(unused.length === 0 ? [] : [prose(`${unusedWords(unused)}.`)]),
  ];
  return blocks.length === 0 ? [] : [folded(`${count(passed.length + unused.length, 'check')} passed`, blocks)];
}

function notRunBlock({ notRun }: CheckGroups): string[] {
  if (notRun.length === 0) return [];
  const lines = notRun.map(
    ({ title, skipReason = '', skipCommand }) =>
      `- ${prose(title)}: ${prose(skipReason)}${skipCommand === undefined ? '' : `: ${code(skipCommand)}`}`,
  );
  return [folded(`${count(notRun.length, 'check')} not run`, [lines.join('\n')])];
}

/** Returns what needs no work now: the findings that the configuration accepts, and the notes. */
function asideBlocks({ open, obstructed, passed, unused }: CheckGroups): string[] {
  const rules = [...open, ...obstructed, ...passed, ...unused];
  const findings = rules.flatMap((rule) => rule.findings);
  const allowed = rules.flatMap((rule) => rule.findings.filter((finding) => isAllowedGap(rule, finding)));
  const notes = findings.filter((finding) => finding.severity === 'info' && !isAccepted(finding));
  return [
    ...findings.filter(isAccepted).map((finding) => {
      const { message, explanation, remediation, reference } = finding;
      return folded(`Accepted by the configuration: ${finding.code}`, [
        ...standingLines(finding).map(prose),
        prose(message),
        ...(explanation === '' ? [] : [`Why: ${prose(explanation)} (${prose(reference)})`]),
        ...fixBlocks(remediation),
      ]);
    }),
    ...allowed.map(({ code: findingCode, message, remediation }) =>
      folded(`Known and allowed: ${findingCode}`, [prose(message), ...fixBlocks(remediation)]),
    ),
    ...(notes.length > 0 ? [folded(count(notes.length, 'note'), [notes.map(noteLine).join('\n')])] : []),
  ];
}

function noteLine({ code: findingCode, message }: FindingResult): string {
  return `- ${code(findingCode)}: ${prose(message)}`;
}

/** @param summary a text without Markdown and without text from the network, because GitHub reads the tag as HTML. */
function folded(summary: string, blocks: readonly string[]): string {
  return ['<details>', `<summary>${summary}</summary>`, '', blocks.join('\n\n'), '', '</details>'].join('\n');
}

function receiverBlock(report: Report): string[] {
  const rows = receiverTable(report);
  if (rows.length === 0) return [];
  const volume = report.volume === 'bulk' ? 'in bulk' : 'at low volume';
  const lines = rows.map(
    ({ word, text, quote }) => `| ${word} | ${cell(text)} | ${quote === null ? '' : cell(quote)} |`,
  );
  const table = ['| answer | receiver | reply |', '| --- | --- | --- |', ...lines].join('\n');
  return [folded(`What receivers would answer (${volume}; ${basisWords(report)})`, [table])];
}

function circumstances(report: Report): string {
  const fields = targetFields(report).map(({ label, texts }) => `| ${label} | ${texts.map(cell).join('<br>')} |`);
  const rows = ['| | |', '| --- | --- |', ...fields, `| mailcheck | ${cell(report.tool.version)} |`];
  return folded('What was tested, and from where', [rows.join('\n')]);
}
