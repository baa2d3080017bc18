/** The report for people in a terminal: 80 columns, status as symbol and word, colour only as an addition. */
import { Chalk, type ChalkInstance } from 'chalk';
import type { AdviceStep, FindingResult, Report, RuleResult, Status, Verdict } from '../report.ts';
import type { ReporterOptions } from './index.ts';
import { count, wrap } from './layout.ts';
import { printable } from './printable.ts';
import { receiverTable } from './receivers.ts';

const MARKS: Record<Status, { symbol: string; word: string }> = {
  pass: { symbol: '✔', word: 'pass' },
  warn: { symbol: '!', word: 'warn' },
  fail: { symbol: '✖', word: 'FAIL' },
  inconclusive: { symbol: '?', word: 'unknown' },
  skipped: { symbol: '-', word: 'skipped' },
};

const VERDICTS: Record<Verdict, string> = {
  pass: 'PASS: nothing stands in the way of mail from this host.',
  warn: 'PASS, with warnings: mail will flow, but not everywhere and not for ever.',
  fail: 'FAIL: mail from this host will be refused or lost.',
  inconclusive: 'UNKNOWN: nothing failed, but not everything could be checked.',
};

const SEVERITY_STATUS: Record<FindingResult['severity'], Status> = {
  error: 'fail',
  warning: 'warn',
  inconclusive: 'inconclusive',
  info: 'pass',
};

const HELO_SOURCES: Record<string, string> = {
  option: 'you gave it',
  greeting: 'from its SMTP greeting',
  ehlo: 'from its EHLO reply',
  ptr: 'assumed from its PTR',
};

/** Widest line; a terminal narrower than this wraps by itself. */
const WIDTH = 80;
const RULE_INDENT = '  ';
const DETAIL_INDENT = '        ';

export function pretty(reports: readonly Report[], options: ReporterOptions): string {
  const paint = new Chalk({ level: options.color ? 1 : 0 });
  const lines = reports.flatMap((report, index) => [
    ...(index > 0 ? ['', paint.dim('─'.repeat(WIDTH)), ''] : []),
    ...reportLines(report, paint, options),
  ]);
  return `${[...lines, ...(reports.length > 1 ? overview(reports, paint) : [])].join('\n')}\n`;
}

/** Several reports end with one line for each of them, so that the end of the output says it all. */
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
  ];
}

function reportLines(report: Report, paint: ChalkInstance, options: ReporterOptions): string[] {
  return [
    ...header(report, paint),
    '',
    ...report.rules.filter(isShown).flatMap((rule) => ruleLines(rule, paint, options)),
    ...skippedLines(report.rules, paint),
    '',
    ...receiverLines(report, paint),
    ...nextSteps(report.advice.steps, paint),
    ...wayLines(report),
    ...(report.transcript && options.verbose ? transcriptLines(report, paint) : []),
    ...verdictLines(report, paint),
  ];
}

function header(report: Report, paint: ChalkInstance): string[] {
  const { target, vantage, timing } = report;
  const field = (label: string, text: string): string[] =>
    wrap(printable(text), WIDTH, ' '.repeat(13), paint.dim(label.padEnd(13)));
  const ips =
    target.ips.length === 0
      ? 'none: no address was given and the MX hosts have none that could be found'
      : `${target.ips.join(', ')}${target.ipSource === 'mx' ? ' (the MX hosts’ addresses: none was given)' : ''}`;
  return [
    paint.bold(`mailcheck ${printable(target.domain)}`),
    '',
    ...field('Addresses', ips),
    ...heloFields(report).flatMap((text, index) => field(index === 0 ? 'HELO name' : '', text)),
    ...providerFields(report).flatMap((text, index) => field(index === 0 ? 'Provider' : '', text)),
    ...field('Checked from', `${VANTAGES[vantage.kind]} (${vantage.reason})`),
    ...proposedFields(report).flatMap((text, index) => field(index === 0 ? 'Proposed' : '', text)),
    ...field('Resolver', target.resolvers.join(', ') || 'none configured'),
    ...field(
      'Took',
      `${(timing.durationMs / 1000).toFixed(1)} s, ${count(timing.dnsQueries, 'DNS query', 'DNS queries')}, ${count(timing.smtpConnections, 'SMTP connection')}${timing.deadlineReached ? '; the time limit was reached' : ''}`,
    ),
  ];
}

const VANTAGES: Record<Report['vantage']['kind'], string> = {
  self: 'the mail host itself',
  'same-network': 'the mail host’s own network',
  outside: 'outside',
  unknown: 'an unknown place',
};

const SIGNS: Record<string, string> = {
  given: 'you said so',
  ptr: 'by its reverse name',
  'reverse-zone': 'by its reverse zone',
  asn: 'by its network',
};

function providerFields({ provider }: Report): string[] {
  const addresses = provider?.addresses.filter(({ candidates }) => candidates.length > 0) ?? [];
  const texts = addresses.map(({ ip, candidates }) => {
    const names = candidates.map(({ name }) => name).join(' or ');
    const signs = candidates[0]?.signals.map(({ kind, value }) =>
      kind === 'given' ? SIGNS.given : `${SIGNS[kind] ?? kind} ${value}`,
    );
    return { ip, text: `${names} (${signs?.join(', ') ?? ''})` };
  });
  const [first] = texts;
  if (first !== undefined && texts.every(({ text }) => text === first.text)) return [first.text];
  return texts.map(({ ip, text }) => `${ip}: ${text}`);
}

function proposedFields({ proposed }: Report): string[] {
  if (!proposed) return [];
  const files = proposed.files.map(
    ({ file, records, wholeZone }) =>
      `${file}: ${count(records, 'record')}${wholeZone ? ', a whole zone' : ' in place of what is published'}`,
  );
  return [...files, proposed.used.length > 0 ? `asked for: ${proposed.used.join(', ')}` : 'none of them was asked for'];
}

function heloFields({ target }: Report): string[] {
  const told = target.helo.filter(({ name }) => name !== null);
  if (told.length === 0) return target.ips.length === 0 ? [] : ['not known (see below)'];
  const names = new Set(told.map(({ name, source }) => `${name} ${source}`));
  const text = (name: string | null, source: string | null): string =>
    `${name} (${HELO_SOURCES[source ?? ''] ?? source})`;
  const [first] = told;
  if (first !== undefined && names.size === 1 && told.length === target.helo.length)
    return [text(first.name, first.source)];
  return target.helo.map(({ ip, name, source }) =>
    name === null ? `${ip}: not known` : `${ip}: ${text(name, source)}`,
  );
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
  const shown = rule.findings.filter(({ severity }) => severity !== 'info' || options.verbose);
  const hidden = rule.findings.length - shown.length;
  const remarks = [
    ...(rule.note === undefined ? [] : [printable(rule.note)]),
    ...(hidden > 0 ? [`${count(hidden, 'note')}: --verbose`] : []),
  ].join('; ');
  const [title = '', ...rest] = wrap(
    remarks === '' ? rule.title : `${rule.title}: ${remarks}`,
    WIDTH,
    ' '.repeat(13),
    ' '.repeat(13),
  );
  const shownTitle = paint.bold(rule.title) + paint.dim(title.trimStart().slice(rule.title.length));
  return [
    `${RULE_INDENT}${mark(rule.status, paint)} ${shownTitle}`,
    ...rest.map((line) => paint.dim(line)),
    ...shown.flatMap((finding) => findingLines(finding, paint, options)),
  ];
}

function findingLines(finding: FindingResult, paint: ChalkInstance, options: ReporterOptions): string[] {
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
      `${DETAIL_INDENT}${finding.code} (${printable(finding.reference)})${finding.proposed ? ', by proposed records' : ''}`,
    ),
    ...(finding.severity === 'info'
      ? []
      : wrap(printable(finding.explanation), WIDTH, DETAIL_INDENT).filter((line) => line.trim() !== '')),
    ...(options.verbose ? evidenceLines(finding, paint) : []),
    ...(finding.severity === 'info' ? [] : ['']),
  ];
}

/** The labels in one column, the texts beside them. */
function detailLines({ details = [] }: FindingResult): string[] {
  const width = Math.max(...details.map(({ label }) => label.length)) + 2;
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

/** The receivers' answers follow from the other checks; they have a section of their own. */
function isShown({ id, status }: RuleResult): boolean {
  return status !== 'skipped' && id !== 'receiver';
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
        ...step.records.map(({ line }) => paint.cyan(`       ${printable(line)}`)),
        ...step.commands.map((command) => paint.cyan(`       ${printable(command)}`)),
        ...step.links.map((link) => paint.dim(`       ${printable(link)}`)),
        paint.dim(`     ${step.codes.join(', ')}`),
        '',
      ];
    }),
  ];
}

function receiverLines(report: Report, paint: ChalkInstance): string[] {
  const rows = receiverTable(report);
  if (rows.length === 0) return [];
  const volume = report.volume === 'bulk' ? 'in bulk' : 'at low volume';
  return [
    `${paint.bold('What receivers would answer')} ${paint.dim(`(${volume}; predicted from their rules)`)}`,
    '',
    ...rows.flatMap(({ status, word, text, quote }) => {
      const { symbol } = MARKS[status];
      const bullet = `${RULE_INDENT}${symbol} ${word.padEnd(9)}`;
      const [head = '', ...rest] = wrap(printable(text), WIDTH, ' '.repeat(13), bullet);
      const tone = painter(status, paint);
      return [
        `${tone(head.slice(0, bullet.length))}${head.slice(bullet.length)}`,
        ...rest,
        ...(quote === null ? [] : wrap(printable(quote), WIDTH, ' '.repeat(13)).map((line) => paint.dim(line))),
      ];
    }),
    '',
  ];
}

function wayLines({ advice }: Report): string[] {
  return [...wrap(printable(advice.summary), WIDTH), ''];
}

function verdictLines(report: Report, paint: ChalkInstance): string[] {
  const ran = report.rules.filter(isShown);
  const tally = (['pass', 'warn', 'fail', 'inconclusive'] as const)
    .map((status) => ({ status, number: ran.filter((rule) => rule.status === status).length }))
    .filter(({ number }) => number > 0)
    .map(({ status, number }) => `${number} ${MARKS[status].word}`)
    .join(', ');
  const tone = painter(report.verdict, paint);
  return [
    ...wrap(VERDICTS[report.verdict], WIDTH).map((line) => tone.bold(line)),
    paint.dim(`${count(ran.length, 'check')}: ${tally || 'none run'}`),
  ];
}

function transcriptLines(report: Report, paint: ChalkInstance): string[] {
  const { dns = [], smtp = [] } = report.transcript ?? {};
  return [
    paint.bold('DNS'),
    ...dns.map(({ name, type, server, rcode, ms, data, detail }) =>
      printable(
        `  ${name} ${type} @${server ?? '-'}: ${rcode}${detail ? ` (${detail})` : ''} ${ms} ms ${data.join(' | ')}`,
      ),
    ),
    '',
    ...smtp.flatMap(({ id, lines }) => [
      paint.bold(`SMTP ${printable(id)}`),
      ...lines.map(({ from, text }) => `  ${{ client: '>', server: '<', note: '*' }[from]} ${printable(text)}`),
      '',
    ]),
  ];
}
