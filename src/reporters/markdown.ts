/**
 * Writes Markdown for a comment on a pull request or for a job summary. The steps to take come first, then the
 * findings. The text consists of blocks. A report that is too long omits whole blocks, so that no fence or folded part
 * stays open.
 */

import { count } from '../report/count.ts';
import {
  type AdviceStep,
  type FindingResult,
  isAccepted,
  isAllowedGap,
  type Report,
  type RuleResult,
} from '../report/status.ts';
import { changeWords, laterStages, planSummary } from './changes.ts';
import { closingWords, closingWordsOfSeveral } from './closing-words.ts';
import { standingLines } from './finding-text.ts';
import { cell, code, fenced, prose } from './markdown-text.ts';
import { receiverTable } from './receivers.ts';
import { typedGroups } from './typed-groups.ts';
import { isShown, MARKS, obstacleTexts, SEVERITY_STATUS, tally, targetFields } from './words.ts';

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
    prose(closingWordsOfSeveral(reports)),
    '',
    '| target | verdict |',
    '| --- | --- |',
    ...rows,
  ].join('\n');
}

function reportBlocks(report: Report): string[] {
  const { target, rules, advice } = report;
  // The predicted answers of receivers are not among the findings, because they have their own table.
  const shown = rules.filter(isShown).flatMap(({ findings }) => findings);
  const allowed = rules.flatMap((rule) => rule.findings.filter((finding) => isAllowedGap(rule, finding)));
  const open = shown.filter(
    (finding) => finding.severity !== 'info' && !isAccepted(finding) && !allowed.includes(finding),
  );
  const accepted = shown.filter((finding) => isAccepted(finding));
  const notes = shown.filter((finding) => finding.severity === 'info' && !isAccepted(finding));
  return [
    `## mailcheck: ${prose(nameOf(target))}\n\n${prose(closingWords(report))} ${tally(report)}.`,
    ...obstacleTexts(report).map(prose),
    ...(advice.steps.length > 0 ? ['### What to do next', ...advice.steps.map(stepBlock)] : []),
    ...planBlocks(report),
    ...(advice.summary === '' ? [] : [prose(advice.summary)]),
    checkTable(rules),
    ...(open.length > 0 ? ['### Findings', ...open.map(findingBlock)] : []),
    ...accepted.map((finding) =>
      folded(`Accepted by the configuration: ${finding.code}`, [
        ...standingLines(finding).map(prose),
        findingBody(finding),
      ]),
    ),
    ...allowed.map((finding) =>
      folded(`Known and allowed: ${finding.code}`, [prose(finding.message), findingBody(finding)]),
    ),
    ...(notes.length > 0 ? [folded(count(notes.length, 'note'), [notes.map(noteLine).join('\n')])] : []),
    ...receiverBlock(report),
    circumstances(report),
  ];
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
    ...typedGroups(step).flatMap(({ label, lines }) => [
      ...(label === null ? [] : ['', `${indent}${prose(label)}`]),
      '',
      ...fenced(lines, indent),
    ]),
    ...(note === null ? [] : ['', `${indent}${prose(note)}`]),
    ...(gone.length === 0 ? [] : ['', `${indent}These published records go:`, '', ...fenced(gone, indent)]),
  ].join('\n');
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

function checkTable(rules: readonly RuleResult[]): string {
  const rows = rules.map((rule) => `| ${cell(rule.title)} | ${statusText(rule.status)} | ${cell(remarkOn(rule))} |`);
  return ['### Checks', '', '| check | status | |', '| --- | --- | --- |', ...rows].join('\n');
}

function remarkOn({ allowed, skipReason, note }: RuleResult): string {
  return [...(allowed ? ['known and allowed'] : []), skipReason ?? note ?? ''].filter((text) => text !== '').join('; ');
}

function findingBlock(finding: FindingResult): string {
  const status = statusText(SEVERITY_STATUS[finding.severity]);
  const heading = `#### ${status}: ${code(finding.code)}\n\n${prose(finding.message)}`;
  const standing = standingLines(finding).map((line) => `\n\n${prose(line)}`);
  const body = findingBody(finding);
  const more = body.length > LONG ? folded('Why, and how to fix it', [body]) : body;
  return `${heading}${standing.join('')}\n\n${more}`;
}

/** Returns the details of a finding, its explanation, and the fix. */
function findingBody({
  message,
  details = [],
  explanation,
  remediation,
  reference,
  ...finding
}: FindingResult): string {
  const { summary } = remediation;
  return [
    ...(isAccepted(finding) ? [prose(message)] : []),
    ...(details.length > 0 ? [details.map(({ label, text }) => `- ${prose(`${label}: ${text}`)}`).join('\n')] : []),
    ...(explanation === '' ? [] : [`Why: ${prose(explanation)} (${prose(reference)})`]),
    ...(summary === '' ? [] : [`Fix: ${prose(summary)}`]),
    ...typedGroups(remediation).flatMap(({ label, lines }) => [
      ...(label === null ? [] : [prose(label)]),
      fenced(lines).join('\n'),
    ]),
  ].join('\n\n');
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
  return [folded(`What receivers would answer (${volume}; predicted from their rules)`, [table])];
}

function circumstances(report: Report): string {
  const fields = targetFields(report).map(({ label, texts }) => `| ${label} | ${texts.map(cell).join('<br>')} |`);
  const rows = ['| | |', '| --- | --- |', ...fields, `| mailcheck | ${cell(report.tool.version)} |`];
  return folded('What was tested, from where', [rows.join('\n')]);
}
