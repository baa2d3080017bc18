/**
 * Writes the report for a terminal of 80 columns. A status has a symbol and a word, so no meaning depends on colour
 * alone.
 */
import { Chalk, type ChalkInstance } from 'chalk';
import { count } from '../report/count.ts';
import {
  type AdviceStep,
  type FindingResult,
  isAccepted,
  type Report,
  type RuleResult,
  type Status,
} from '../report/status.ts';
import { changeWords, laterStages, planSummary } from './changes.ts';
import { closingWords, closingWordsOfSeveral } from './closing-words.ts';
import { exitWords } from './exit-words.ts';
import { wrap } from './layout.ts';
import { copyable, printable } from './printable.ts';
import { receiverTable } from './receivers.ts';
import type { ReporterOptions } from './reporter.ts';
import { dnsLine, smtpLine } from './transcript.ts';
import { type TypedGroup, typedGroups } from './typed-groups.ts';
import { waterfallLines } from './waterfall.ts';
import { headFields, isObstructed, isShown, MARKS, SEVERITY_STATUS, tally } from './words.ts';

/** The longest line, in columns. A narrower terminal wraps the lines itself. */
const WIDTH = 80;
const RULE_INDENT = '  ';
const DETAIL_INDENT = '        ';

/** @returns the reports as text with a final newline. All text from the network is made safe to print. */
export function pretty(reports: readonly Report[], options: ReporterOptions): string {
  const paint = new Chalk({ level: options.color ? 1 : 0 });
  const lines = reports.flatMap((report, index) => [
    ...(index > 0 ? ['', paint.dim('─'.repeat(WIDTH)), ''] : []),
    ...reportLines(report, paint, options),
  ]);
  const exit = options.policy === undefined ? null : exitWords(reports, options.policy);
  return `${[
    ...lines,
    ...(reports.length > 1 ? overview(reports, paint) : []),
    ...(exit === null ? [] : wrap(exit, WIDTH)),
  ].join('\n')}\n`;
}

/** Returns the overview that follows several reports, so that the end of the output shows every verdict. */
function overview(reports: readonly Report[], paint: ChalkInstance): string[] {
  return [
    '',
    paint.bold(count(reports.length, 'target')),
    '',
    ...reports.flatMap(({ verdict, target }) =>
      wrap(
        printable([target.domain, ...target.ips].join(' ')),
        WIDTH,
        ' '.repeat(13),
        `${RULE_INDENT}${mark(verdict, paint)} `,
      ),
    ),
    '',
    ...wrap(printable(closingWordsOfSeveral(reports)), WIDTH).map((line) => paint.bold(line)),
  ];
}

function reportLines(report: Report, paint: ChalkInstance, options: ReporterOptions): string[] {
  return [
    ...header(report, paint),
    '',
    ...report.rules
      .filter((rule) => isShown(rule) && !isFolded(rule, options))
      .flatMap((rule) => ruleLines(rule, paint, options)),
    ...obstructedLines(
      report.rules.filter((rule) => isShown(rule) && isFolded(rule, options)),
      paint,
    ),
    ...skippedLines(report.rules, paint),
    '',
    ...receiverLines(report, paint),
    ...nextSteps(report.advice.steps, paint),
    ...planLines(report, paint),
    ...wayLines(report),
    ...(report.transcript && options.verbose ? transcriptLines(report, paint) : []),
    ...timingLines(report, paint),
    ...baselineLines(report, paint),
    ...verdictLines(report, paint),
  ];
}

function header(report: Report, paint: ChalkInstance): string[] {
  const fields = headFields(report).flatMap(({ label, texts }) =>
    texts.flatMap((text, index) =>
      wrap(printable(text), WIDTH, ' '.repeat(13), paint.dim((index === 0 ? label : '').padEnd(13))),
    ),
  );
  return [paint.bold(`mailcheck ${printable(report.target.domain)}`), '', ...fields];
}

function painter(status: Status, paint: ChalkInstance): ChalkInstance {
  switch (status) {
    case 'pass':
      return paint.green;
    case 'warn':
      return paint.yellow;
    case 'fail':
      return paint.red;
    case 'inconclusive':
      return paint.magenta;
    case 'skipped':
      return paint.dim;
  }
}

function mark(status: Status, paint: ChalkInstance): string {
  const { symbol, word } = MARKS[status];
  return painter(status, paint)(`${symbol} ${word.padEnd(8)}`);
}

function ruleLines(rule: RuleResult, paint: ChalkInstance, options: ReporterOptions): string[] {
  const shown = rule.findings.filter(
    (finding) => finding.severity !== 'info' || isAccepted(finding) || options.verbose,
  );
  const hidden = rule.findings.length - shown.length;
  const remarks = [
    ...(rule.allowed ? ['known and allowed'] : []),
    ...(rule.note === undefined ? [] : [printable(rule.note)]),
    ...(hidden > 0 ? [`${count(hidden, 'note')}: --verbose`] : []),
  ].join('; ');
  const name = printable(rule.title);
  const [title = '', ...rest] = wrap(
    remarks === '' ? name : `${name}: ${remarks}`,
    WIDTH,
    ' '.repeat(13),
    ' '.repeat(13),
  );
  const shownTitle = paint.bold(name) + paint.dim(title.trimStart().slice(name.length));
  return [
    `${RULE_INDENT}${mark(rule.status, paint)} ${shownTitle}`,
    ...rest.map((line) => paint.dim(line)),
    ...shown.flatMap((finding) => findingLines(finding, paint, options)),
  ];
}

/** Tells whether the obstacle at the head of the report says all there is to say about a rule. */
function isFolded(rule: RuleResult, { verbose }: ReporterOptions): boolean {
  return !verbose && rule.note === undefined && isObstructed(rule);
}

function obstructedLines(rules: readonly RuleResult[], paint: ChalkInstance): string[] {
  if (rules.length === 0) return [];
  const text = `${rules.map(({ id }) => id).join(', ')} (see "Not seen" above)`;
  return wrap(printable(text), WIDTH, ' '.repeat(13), `${RULE_INDENT}${mark('inconclusive', paint)} `);
}

function findingLines(finding: FindingResult, paint: ChalkInstance, options: ReporterOptions): string[] {
  if (isAccepted(finding)) return acceptedLines(finding, paint);
  const status = SEVERITY_STATUS[finding.severity];
  const { symbol } = MARKS[status];
  const tone = painter(finding.severity === 'info' ? 'skipped' : status, paint);
  const bullet = `      ${finding.severity === 'info' ? '·' : symbol} `;
  const [head = '', ...rest] = wrap(printable(finding.message), WIDTH, DETAIL_INDENT, bullet);
  return [
    tone(head),
    ...rest,
    ...detailLines(finding),
    paint.dim(
      `${DETAIL_INDENT}${finding.code} (${printable(finding.reference)})${finding.proposed ? ', by proposed records' : ''}${finding.baseline === 'new' && finding.severity !== 'info' ? ', new since the baseline' : ''}`,
    ),
    ...expiredLines(finding, tone),
    ...(finding.severity === 'info' || finding.obstacle !== undefined
      ? []
      : wrap(printable(finding.explanation), WIDTH, DETAIL_INDENT).filter((line) => line.trim() !== '')),
    ...(options.verbose ? evidenceLines(finding, paint) : []),
    ...(finding.severity === 'info' ? [] : ['']),
  ];
}

function acceptedLines({ code, subject, deviation }: FindingResult, paint: ChalkInstance): string[] {
  const text = `${code} (${subject}) is accepted until ${deviation?.until}: ${deviation?.reason}`;
  return wrap(printable(text), WIDTH, DETAIL_INDENT, '      ~ ').map((line) => paint.dim(line));
}

function expiredLines({ deviation }: FindingResult, tone: ChalkInstance): string[] {
  if (deviation?.state !== 'expired') return [];
  const text = `The exception expired on ${deviation.until} (${deviation.reason}).`;
  return wrap(printable(text), WIDTH, DETAIL_INDENT).map((line) => tone(line));
}

/** Returns the details of a finding in two columns: the labels and the texts. */
function detailLines({ details = [] }: FindingResult): string[] {
  const width = Math.min(Math.max(...details.map(({ label }) => printable(label).length)) + 2, WIDTH / 2);
  return details.flatMap(({ label, text }) =>
    wrap(
      printable(text),
      WIDTH,
      `${DETAIL_INDENT}  ${' '.repeat(width)}`,
      `${DETAIL_INDENT}  ${printable(label).padEnd(width)}`,
    ),
  );
}

function evidenceLines({ evidence }: FindingResult, paint: ChalkInstance): string[] {
  return Object.entries(evidence).flatMap(([key, value]) =>
    wrap(
      printable(`${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`),
      WIDTH,
      `${DETAIL_INDENT}    `,
      `${DETAIL_INDENT}  `,
    ).map((line) => paint.dim(line)),
  );
}

function skippedLines(rules: readonly RuleResult[], paint: ChalkInstance): string[] {
  const skipped = rules.filter(({ status }) => status === 'skipped');
  const reasons = new Set(skipped.map(({ skipReason }) => skipReason ?? ''));
  return [...reasons].flatMap((reason) => {
    const ids = skipped
      .filter((rule) => (rule.skipReason ?? '') === reason)
      .map(({ id }) => id)
      .join(', ');
    return wrap(`${ids} (${printable(reason)})`, WIDTH, ' '.repeat(13), `${RULE_INDENT}${mark('skipped', paint)} `);
  });
}

function nextSteps(steps: readonly AdviceStep[], paint: ChalkInstance): string[] {
  if (steps.length === 0) return [];
  return [
    paint.bold('What to do next'),
    '',
    ...steps.flatMap((step, index) => {
      const bullet = `${String(index + 1).padStart(3)}. `;
      return [
        ...wrap(printable(step.summary), WIDTH, '     ', bullet),
        ...goneLines(step, paint),
        ...typedLines(step, paint),
        paint.dim(`     ${step.codes.join(', ')}`),
        '',
      ];
    }),
  ];
}

/** Returns what a step has the user type or open, each group below its label, and the note behind the records. */
function typedLines(step: AdviceStep, paint: ChalkInstance): string[] {
  const groups = typedGroups(step);
  const records = groups.filter(({ kind, label }) => kind === 'records' && label === null);
  const others = groups.filter((group) => !records.includes(group));
  return [
    ...records.flatMap((group) => groupLines(group, paint)),
    ...noteLines(step),
    ...others.flatMap((group) => groupLines(group, paint)),
  ];
}

function groupLines({ kind, label, lines }: TypedGroup, paint: ChalkInstance): string[] {
  const tone = kind === 'links' ? paint.dim : paint.cyan;
  return [
    ...(label === null ? [] : wrap(printable(label), WIDTH, '     ')),
    ...lines.map((line) => tone(`       ${copyable(line)}`)),
  ];
}

/** Returns the records that go, each marked so that nobody pastes it. */
function goneLines(step: AdviceStep, paint: ChalkInstance): string[] {
  return changeWords(step).gone.map((line) => paint.dim(`     - ${copyable(line)}`));
}

function noteLines(step: AdviceStep): string[] {
  const { note } = changeWords(step);
  return note === null ? [] : wrap(printable(note), WIDTH, '     ');
}

/** Returns the stages of a policy that come after the steps, and what the changes settle. */
function planLines(report: Report, paint: ChalkInstance): string[] {
  const stages = laterStages(report);
  const summary = planSummary(report);
  return [
    ...(stages.length === 0
      ? []
      : [
          paint.bold('Later'),
          '',
          ...stages.flatMap(({ when, record }) => [
            ...wrap(printable(when), WIDTH, '     '),
            paint.cyan(`       ${copyable(record.line)}`),
          ]),
          '',
        ]),
    ...(summary === null ? [] : [...wrap(printable(summary), WIDTH), '']),
  ];
}

function receiverLines(report: Report, paint: ChalkInstance): string[] {
  const rows = receiverTable(report);
  if (rows.every(({ status }) => status === 'inconclusive') && report.vantage.obstacles.length > 0) return [];
  if (rows.length === 0) return [];
  const volume = report.volume === 'bulk' ? 'in bulk' : 'at low volume';
  return [
    `${paint.bold('What receivers would answer')} ${paint.dim(`(${volume}; predicted from their rules)`)}`,
    '',
    ...rows.flatMap(({ status, word, text, quote }) => {
      const { symbol } = MARKS[status];
      const bullet = `${RULE_INDENT}${symbol} ${word.padEnd(10)}`;
      const indent = ' '.repeat(bullet.length);
      const [head = '', ...rest] = wrap(printable(text), WIDTH, indent, bullet);
      const tone = painter(status, paint);
      return [
        `${tone(head.slice(0, bullet.length))}${head.slice(bullet.length)}`,
        ...rest,
        ...(quote === null ? [] : wrap(printable(quote), WIDTH, indent).map((line) => paint.dim(line))),
      ];
    }),
    '',
  ];
}

function wayLines({ advice }: Report): string[] {
  return [...wrap(printable(advice.summary), WIDTH), ''];
}

/**
 * Returns the comparison with the baseline: the findings that are fixed or were not seen, and the number of new ones.
 */
function baselineLines({ baseline, rules }: Report, paint: ChalkInstance): string[] {
  if (baseline === undefined) return [];
  const counted = rules
    .filter(isShown)
    .flatMap(({ findings }) => findings)
    .filter((finding) => finding.severity !== 'info' && !isAccepted(finding));
  const known = counted.filter((finding) => finding.baseline === 'known').length;
  const listed = (symbol: string, word: string, findings: typeof baseline.fixed) =>
    findings
      .filter(({ code }) => !code.startsWith('receiver/'))
      .flatMap(({ code, subject, title }) => {
        const bullet = `${RULE_INDENT}${symbol} ${word.padEnd(8)} `;
        return wrap(printable(`${title} (${code}, ${subject})`), WIDTH, ' '.repeat(13), bullet);
      });
  return [
    paint.bold(`Since the baseline of ${baseline.startedAt.slice(0, 10)} (${printable(baseline.file)})`),
    '',
    ...listed(MARKS.pass.symbol, 'fixed', baseline.fixed).map((line) => paint.green(line)),
    ...listed(MARKS.inconclusive.symbol, 'not seen', baseline.unknown).map((line) => paint.magenta(line)),
    ...wrap(`${counted.length - known} new, ${known} as before.`, WIDTH, RULE_INDENT),
    '',
  ];
}

function verdictLines(report: Report, paint: ChalkInstance): string[] {
  const tone = painter(report.verdict, paint);
  return [...wrap(printable(closingWords(report)), WIDTH).map((line) => tone.bold(line)), paint.dim(tally(report))];
}

function timingLines(report: Report, paint: ChalkInstance): string[] {
  const lines = waterfallLines(report);
  return lines.length === 0 ? [] : [paint.bold('What waited for what'), '', ...lines, ''];
}

function transcriptLines(report: Report, paint: ChalkInstance): string[] {
  const { dns = [], smtp = [] } = report.transcript ?? {};
  return [
    paint.bold('DNS'),
    ...dns.map((line) => `  ${printable(dnsLine(line))}`),
    '',
    ...smtp.flatMap(({ id, lines }) => [
      paint.bold(`SMTP ${printable(id)}`),
      ...lines.map((line) => `  ${printable(smtpLine(line))}`),
      '',
    ]),
  ];
}
