/**
 * The words that reporters share: statuses, verdicts, and the description of the target. The texts are not made safe to
 * print.
 */

import { count } from '../report/count.ts';
import {
  type Coverage,
  coverageOf,
  type FindingResult,
  isComplete,
  isExcused,
  type Report,
  type RuleResult,
  type Status,
  verdictOf,
} from '../report/status.ts';
import { providerTexts } from './provider-words.ts';

/** The symbol and the word of each status. */
export const MARKS: Record<Status, { symbol: string; word: string }> = {
  pass: { symbol: '✔', word: 'pass' },
  warn: { symbol: '!', word: 'warn' },
  fail: { symbol: '✖', word: 'FAIL' },
  inconclusive: { symbol: '?', word: 'unknown' },
  skipped: { symbol: '-', word: 'skipped' },
};

type Closed = Pick<Report, 'verdict' | 'rules' | 'proposed'>;

/** The facts that decide the closing words of a report. */
interface Basis {
  readonly coverage: Coverage;
  /** The codes of findings that the configuration accepts or gives a lower severity. */
  readonly excused: readonly string[];
  /** Whether the run used proposed records. */
  readonly isProposed: boolean;
  /**
   * Whether the closing words may speak about the host as a whole. This needs every check to be completed, no excused
   * finding and no proposed record.
   */
  readonly isWhole: boolean;
}

function basisOf({ rules, proposed }: Closed): Basis {
  const coverage = coverageOf(rules);
  const found = coverage.ran.flatMap(({ findings }) => findings.filter(isExcused));
  const excused = [...new Set(found.map(({ code }) => code))];
  const isProposed = proposed !== undefined && proposed.used.length > 0;
  return { coverage, excused, isProposed, isWhole: isComplete(coverage) && excused.length === 0 && !isProposed };
}

/**
 * @returns the closing words of a report: the verdict of the checks that ran, and the checks that did not run or could
 *   not be completed.
 */
export function closingWords(report: Closed): string {
  const basis = basisOf(report);
  const { coverage, excused, isProposed } = basis;
  const { incomplete, notRun } = coverage;
  return [
    verdictWords(report, basis),
    ...(report.verdict === 'inconclusive' || incomplete.length === 0 ? [] : [`Not completed: ${idsOf(incomplete)}.`]),
    ...(notRun.length === 0 ? [] : [`Not run: ${idsOf(notRun)}.`]),
    ...(excused.length === 0 ? [] : [`Excused by the configuration: ${excused.join(', ')}.`]),
    ...(isProposed ? ['Judged with proposed records that are not published yet.'] : []),
  ].join(' ');
}

function verdictWords(report: Closed, { coverage, excused, isWhole }: Basis): string {
  const { ran, incomplete } = coverage;
  if (ran.length === 0) return 'INCOMPLETE: no check ran.';
  const having = (status: Status): readonly RuleResult[] => {
    const found = ran.filter((rule) => rule.status === status);
    // The configuration may give a predicted answer of a receiver a higher severity than the findings that cause it.
    return found.length > 0 ? found : report.rules.filter((rule) => rule.status === status);
  };
  const checks = ran.length === 1 ? 'the one check that ran' : `the ${ran.length} checks that ran`;
  const no = excused.length > 0 ? 'no other' : 'no';
  switch (report.verdict) {
    case 'pass':
      return isWhole
        ? 'PASS: no problem found that would stop mail from this host.'
        : `PASS: ${checks} found ${no} problem.`;
    case 'warn':
      return isWhole
        ? `PASS with warnings (${idsOf(having('warn'))}): some receivers may reject this mail or file it as spam.`
        : `PASS with warnings (${idsOf(having('warn'))}): ${no} failure in ${checks}.`;
    case 'fail':
      return ran.length === 1
        ? `FAIL: ${checks} failed (${idsOf(having('fail'))}).`
        : `FAIL: ${having('fail').length} of ${ran.length} checks failed (${idsOf(having('fail'))}).`;
    case 'inconclusive':
      if (incomplete.length === 0) return 'INCOMPLETE: the checks ran, but mailcheck has a bug and could not conclude.';
      return incomplete.length === ran.length
        ? `INCOMPLETE: none of ${checks} could be completed (${idsOf(incomplete)}).`
        : `INCOMPLETE: ${no} failures, but ${incomplete.length} of ${count(ran.length, 'check')} could not be completed (${idsOf(incomplete)}).`;
  }
}

/** @returns the closing words for several targets. */
export function closingWordsOfSeveral(reports: readonly Report[]): string {
  const verdict = verdictOf(reports.map((report) => report.verdict));
  const bases = reports.map(basisOf);
  const targets = count(reports.length, 'target');
  const having = `${reports.filter((report) => report.verdict === verdict).length} of ${targets}`;
  const isWhole = bases.every((basis) => basis.isWhole);
  const no = bases.some(({ excused }) => excused.length > 0) ? 'no other' : 'no';
  const rest = isWhole ? '' : ' Not everything was checked or counted: see each report.';
  switch (verdict) {
    case 'pass':
      return isWhole
        ? `PASS: no problem found that would stop mail from the ${targets}.`
        : `PASS: ${no} problem found by the checks that ran for the ${targets}.${rest}`;
    case 'warn':
      return `PASS with warnings: ${no} failures, but warnings for ${having}.${rest}`;
    case 'fail':
      return `FAIL: checks failed for ${having}.${rest}`;
    case 'inconclusive':
      return `INCOMPLETE: ${no} failures, but checks could not be completed for ${having}.`;
  }
}

function idsOf(rules: readonly RuleResult[]): string {
  return rules.map(({ id }) => id).join(', ');
}

/** The status that a finding of each severity gives its rule. */
export const SEVERITY_STATUS: Record<FindingResult['severity'], Status> = {
  error: 'fail',
  warning: 'warn',
  inconclusive: 'inconclusive',
  info: 'pass',
};

const HELO_SOURCES: Record<string, string> = {
  option: 'you gave it',
  greeting: 'from its SMTP greeting',
  ehlo: 'from its EHLO reply',
  submission: 'from its greeting on a submission port',
  'other-address': 'from its greeting at another address',
  ptr: 'assumed from its PTR',
};

/** A labelled field at the head of a report. */
export interface Field {
  readonly label: string;
  /** The lines of the field. */
  readonly texts: readonly string[];
}

/** @returns the fields at the head of a report: what could not be seen from here, and then the target. */
export function headFields(report: Report): Field[] {
  const texts = obstacleTexts(report);
  return [...(texts.length > 0 ? [{ label: 'Not seen', texts }] : []), ...targetFields(report)];
}

/** Why no address was tested. A given address is left out only if it is a web proxy's. */
const NO_ADDRESS: Readonly<Record<Report['target']['ipSource'], string>> = {
  argument: 'none: each address that was given belongs to a web proxy',
  mx: 'none: no address was given and the MX hosts have none that could be tested',
};

/** @returns the fields that say what was tested, from where and how. Fields without text are left out. */
export function targetFields(report: Report): Field[] {
  const { target, vantage, timing } = report;
  const ips =
    target.ips.length === 0
      ? NO_ADDRESS[target.ipSource]
      : `${target.ips.join(', ')}${target.ipSource === 'mx' ? ' (the MX hosts’ addresses: none was given)' : ''}`;
  const took = `${(timing.durationMs / 1000).toFixed(1)} s, ${count(timing.dnsQueries, 'DNS query', 'DNS queries')}, ${count(timing.smtpConnections, 'SMTP connection')}${timing.deadlineReached ? '; the time limit was reached' : ''}`;
  return [
    { label: 'Addresses', texts: [ips] },
    { label: 'HELO name', texts: heloTexts(report) },
    { label: 'Provider', texts: providerTexts(report) },
    { label: 'Checked from', texts: [`${VANTAGES[vantage.kind]} (${vantage.reason})`] },
    { label: 'Proposed', texts: proposedTexts(report) },
    { label: 'Resolver', texts: [resolverText(report)] },
    { label: 'Took', texts: [took] },
  ].filter(({ texts }) => texts.length > 0);
}

/** @returns what at the place of the check kept checks from being made, and which checks: one text for each obstacle. */
export function obstacleTexts({ vantage }: Pick<Report, 'vantage'>): string[] {
  return vantage.obstacles.map(
    ({ message, rules }) => `${message} Not fully checked because of this: ${rules.join(', ')}.`,
  );
}

/** @returns whether an obstacle at the place of the check explains every finding of the rule that is worth a look. */
export function isObstructed({ findings }: RuleResult): boolean {
  const told = findings.filter(({ severity }) => severity !== 'info');
  return told.length > 0 && told.every(({ obstacle }) => obstacle !== undefined);
}

function resolverText({ target, vantage }: Report): string {
  const servers = target.resolvers.join(', ') || 'none configured';
  if (vantage.validates === null) return servers;
  return `${servers} (${vantage.validates ? 'validates' : 'does not validate'} DNSSEC)`;
}

const VANTAGES: Record<Report['vantage']['kind'], string> = {
  self: 'the mail host itself',
  'same-network': 'the mail host’s own network',
  outside: 'outside',
  unknown: 'an unknown place',
};

function proposedTexts({ proposed }: Report): string[] {
  if (!proposed) return [];
  const files = proposed.files.map(
    ({ file, records, wholeZone }) =>
      `${file}: ${count(records, 'record')}${wholeZone ? ', a whole zone' : ' in place of what is published'}`,
  );
  return [...files, proposed.used.length > 0 ? `asked for: ${proposed.used.join(', ')}` : 'none of them was asked for'];
}

function heloTexts({ target }: Report): string[] {
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

/** Returns whether a rule is among the shown checks. Predicted answers of receivers have their own section instead. */
export function isShown({ kind, status }: RuleResult): boolean {
  return status !== 'skipped' && kind === 'check';
}

/** @returns the number of checks that ran, and the number with each status. */
export function tally(report: Report): string {
  const ran = report.rules.filter(isShown);
  const numbers = (['pass', 'warn', 'fail', 'inconclusive'] as const)
    .map((status) => ({ status, number: ran.filter((rule) => rule.status === status).length }))
    .filter(({ number }) => number > 0)
    .map(({ status, number }) => `${number} ${MARKS[status].word}`)
    .join(', ');
  return `${count(ran.length, 'check')}: ${numbers || 'none run'}`;
}
