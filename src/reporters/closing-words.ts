/** The closing words of a report. They follow from the findings and from the predicted answers of receivers together. */
import { confirmationClause, confirmationMarks } from '../report/confirmation.ts';
import { count } from '../report/count.ts';
import { isSaid, type ReceiverCounts, receiverCounts } from '../report/receiver-counts.ts';
import { shortName } from '../report/short-name.ts';
import {
  type Coverage,
  countedStatus,
  coverageOf,
  isAccepted,
  isAllowedGap,
  isComplete,
  isExcused,
  type ReceiverResult,
  type Report,
  type RuleResult,
  type Severity,
  type Status,
  type Verdict,
  verdictOf,
  weightOf,
} from '../report/status.ts';
import { changeCounts, changedStatus, isOfChange, onlyWorse, worseRules } from './change-words.ts';
import { byReason } from './words.ts';

type Closed = Pick<Report, 'verdict' | 'rules' | 'proposed' | 'gate' | 'receivers' | 'advice'>;

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
  const isProposed = proposed?.offline === true || (proposed !== undefined && proposed.used.length > 0);
  return { coverage, excused, isProposed, isWhole: isComplete(coverage) && excused.length === 0 && !isProposed };
}

/** The closing words of a report, by what they say. Each is a sentence. */
export interface ClosingParts {
  /** The verdict of the checks that ran. */
  readonly verdict: string;
  /** What the faults mean for the host. */
  readonly headlines: readonly string[];
  /** What large receivers do with the mail. */
  readonly receivers: readonly string[];
  /** The checks that did not run or could not be completed, and why. */
  readonly gaps: readonly string[];
  /** What else the verdict rests on: the configuration, and proposed records. */
  readonly remarks: readonly string[];
}

/** @returns whether and how mail can be sent from the host. The other ways follow only where this one is closed. */
export function wayWords({ advice, rules, proposed }: Pick<Report, 'advice' | 'rules' | 'proposed'>): string {
  const [own] = advice.ways;
  if (proposed?.offline && coverageOf(rules).ran.length === 0) return 'The host that sends was not looked at.';
  return own === undefined || own.state === 'closed' ? advice.summary : own.text;
}

/** @returns the closing words of a report, by what they say. */
export function closingParts(report: Closed): ClosingParts {
  const basis = basisOf(report);
  const { coverage, excused, isProposed } = basis;
  const { allowed, notRun } = coverage;
  const incomplete = coverage.incomplete.filter(isGapOfChange);
  // A check that failed is named as such.
  const gaps = incomplete.filter((rule) => changedStatus(rule) !== 'fail' && !allowed.includes(rule));
  const isAllowedTold = allowed.length === 0 || report.verdict === 'pass' || report.verdict === 'warn';
  return {
    verdict: verdictWords(report, basis),
    headlines: headlinesOf(report),
    receivers: receiverWords(report),
    gaps: [
      ...(report.verdict === 'inconclusive' || gaps.length === 0 ? [] : [`Not completed: ${idsOf(gaps)}.`]),
      ...(isAllowedTold ? [] : [`Known and allowed: ${idsOf(allowed)}.`]),
      ...notRunWords(notRun),
    ],
    remarks: [
      ...(excused.length === 0 ? [] : [`Excused by the configuration: ${excused.join(', ')}.`]),
      ...(report.gate === undefined
        ? isProposed
          ? [
              report.proposed?.offline
                ? 'Judged offline: only what the file decides.'
                : 'Judged with proposed records that are not published yet.',
            ]
          : []
        : gateRemarks(report.gate)),
    ],
  };
}

/** @returns the closing words of a report, as one text. */
export function closingWords(report: Closed): string {
  const { verdict, headlines: meanings, receivers, gaps, remarks } = closingParts(report);
  return [verdict, ...meanings, ...receivers, ...gaps, ...remarks].join(' ');
}

/** Tells whether a rule could not see something that it saw, or might have seen, without the change. */
function isGapOfChange({ findings }: RuleResult): boolean {
  return findings.some((finding) => finding.severity === 'inconclusive' && isOfChange(finding));
}

function gateRemarks({ notCompared }: NonNullable<Report['gate']>): string[] {
  return [
    'Judged as a change: the proposed records beside the published ones.',
    ...(notCompared.length === 0 ? [] : [`Not compared with what is published: ${notCompared.join(', ')}.`]),
  ];
}

/** @returns the verdict on a change. */
function changeVerdict(report: Closed, gate: NonNullable<Report['gate']>): string {
  const counts = changeCounts(gate);
  const having = (status: Status): string => {
    const worse = worseRules(report);
    const checks = worse.filter(({ kind }) => kind === 'check');
    return idsOf((checks.length > 0 ? checks : worse).filter((rule) => onlyWorse(rule)?.status === status));
  };
  switch (report.verdict) {
    case 'pass':
      return `PASS: the change makes nothing worse (${counts}).`;
    case 'warn':
      return `PASS with warnings: the change makes ${having('warn')} worse, but no check fails by it (${counts}).`;
    case 'fail':
      return `FAIL: the change makes ${having('fail') || idsOf(worseRules(report))} worse (${counts}).`;
    case 'inconclusive':
      return `INCOMPLETE: no failure by the change, but ${having('inconclusive')} could not be completed (${counts}).`;
  }
}

function verdictWords(report: Closed, { coverage, excused, isWhole }: Basis): string {
  const { ran, incomplete, allowed } = coverage;
  if (ran.length === 0) {
    return report.proposed?.offline ? 'PASS: nothing that the file decides is wrong.' : 'INCOMPLETE: no check ran.';
  }
  if (report.gate !== undefined) return changeVerdict(report, report.gate);
  const having = (status: Status): readonly RuleResult[] => {
    const found = ran.filter((rule) => countedStatus(rule) === status);
    // The configuration may give a predicted answer of a receiver a higher severity than the findings that cause it.
    return found.length > 0 ? found : report.rules.filter((rule) => rule.status === status);
  };
  const checks = ran.length === 1 ? 'the one check that ran' : `the ${ran.length} checks that ran`;
  const seen = ran.length - incomplete.length;
  const completed = seen === 1 ? 'the one check that could run' : `the ${seen} checks that could run`;
  const knownAndAllowed = `known and allowed: ${idsOf(allowed)}`;
  const no = excused.length > 0 ? 'no other' : 'no';
  switch (report.verdict) {
    case 'pass':
      if (allowed.length > 0) return `PASS: ${no} problem found in ${completed}; ${knownAndAllowed}.`;
      return isWhole
        ? 'PASS: no problem found that would stop mail from this host.'
        : `PASS: ${checks} found ${no} problem.`;
    case 'warn':
      if (allowed.length > 0) {
        return `PASS with warnings (${idsOf(having('warn'))}): ${no} failure in ${completed}; ${knownAndAllowed}.`;
      }
      if (report.receivers.length > 0 && isWhole) return `PASS with warnings (${idsOf(having('warn'))}).`;
      return isWhole
        ? `PASS with warnings (${idsOf(having('warn'))}): some receivers may reject this mail or file it as spam.`
        : `PASS with warnings (${idsOf(having('warn'))}): ${no} failure in ${checks}.`;
    case 'fail':
      return ran.length === 1
        ? `FAIL: ${checks} failed (${idsOf(having('fail'))}).`
        : `FAIL: ${having('fail').length} of ${ran.length} checks failed (${idsOf(having('fail'))}).`;
    case 'inconclusive': {
      if (incomplete.length === 0) return 'INCOMPLETE: the checks ran, but mailcheck has a bug and could not conclude.';
      const gaps = incomplete.filter((rule) => !allowed.includes(rule));
      return incomplete.length === ran.length
        ? ran.length === 1
          ? `INCOMPLETE: ${checks} could not be completed (${idsOf(ran)}).`
          : `INCOMPLETE: none of ${checks} could be completed.`
        : `INCOMPLETE: ${no} failures, but ${gaps.length} of ${count(ran.length, 'check')} could not be completed (${idsOf(gaps)}).`;
    }
  }
}

/** @returns the closing words for several targets. */
export function closingWordsOfSeveral(reports: readonly Report[]): string {
  const verdict = verdictOf(reports.map((report) => report.verdict));
  if (reports.every(({ gate }) => gate !== undefined)) return changesVerdict(verdict, reports);
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

/** @returns the verdict on the changes of several targets. */
function changesVerdict(verdict: Verdict, reports: readonly Report[]): string {
  const targets = count(reports.length, 'target');
  const having = `${reports.filter((report) => report.verdict === verdict).length} of ${targets}`;
  switch (verdict) {
    case 'pass':
      return `PASS: the change makes nothing worse for the ${targets}.`;
    case 'warn':
      return `PASS with warnings: the change adds warnings for ${having}.`;
    case 'fail':
      return `FAIL: the change breaks checks for ${having}.`;
    case 'inconclusive':
      return `INCOMPLETE: no failure by the change, but checks could not be completed for ${having}.`;
  }
}

/** @returns which checks did not run and why, as one sentence. Empty if all ran. */
function notRunWords(rules: readonly RuleResult[]): string[] {
  const parts = [...byReason(rules)].map(([reason, group]) =>
    reason === '' ? idsOf(group) : `${idsOf(group)} (${reason})`,
  );
  return parts.length === 0 ? [] : [`Not tested: ${parts.join('; ')}.`];
}

function idsOf(rules: readonly RuleResult[]): string {
  return rules.map(({ id }) => id).join(', ');
}

/**
 * @param least the least severe finding that counts. A note never does.
 * @returns what the faults mean for the host, the worst first, each once.
 */
export function headlinesOf({ rules }: Pick<Report, 'rules'>, least: Severity = 'inconclusive'): string[] {
  const told = rules
    .flatMap((rule) => rule.findings.filter((finding) => !isAllowedGap(rule, finding)))
    .filter((finding) => weightOf(finding.severity) >= weightOf(least) && !isAccepted(finding) && isOfChange(finding))
    .sort((a, b) => weightOf(b.severity) - weightOf(a.severity));
  return [...new Set(told.flatMap(({ headline }) => headline ?? []))];
}

/** The receivers that the closing words name. The others are counted. */
const MAX_NAMED = 4;

/** The answers that are worth a word, with what one receiver, or several, do with the mail. */
const ANSWERS = [
  ['refuses', (mail, one) => `${one ? 'rejects' : 'reject'} ${mail}`],
  ['defers', (mail, one) => `${one ? 'defers' : 'defer'} ${mail}`],
  ['degrades', (mail) => `may reject ${mail} or file it as spam`],
] as const satisfies readonly (readonly [ReceiverResult['outcome'], (mail: string, one: boolean) => string])[];

/** @returns the sentence on what large receivers do with mail from this host. Empty when it would add nothing. */
function receiverWords(report: Closed): string[] {
  const { receivers, gate } = report;
  // What receivers do with mail is no word on a change that does not alter it.
  if (gate !== undefined && !worseRules(report).some(({ kind }) => kind === 'consequence')) return [];
  const said = receivers.filter(isSaid);
  if (said.length === 0) return predictedWords(report);
  const others = receivers.filter((receiver) => !isSaid(receiver));
  return [
    `When asked, ${toldOf(said, { ...receiverCounts(said), total: receivers.length }, '').join(', ')}.`,
    ...predictedWords({ ...report, receivers: others }, 'other '),
  ];
}

/** @returns how many receivers give each answer that is worth a word, and which. */
function toldOf(receivers: readonly ReceiverResult[], counts: ReceiverCounts, other: string): string[] {
  return ANSWERS.filter(([outcome]) => counts[outcome] > 0).map(([outcome, does], index) => {
    const what = does(index === 0 ? 'mail from this host' : 'it', counts[outcome] === 1);
    const names = namesOf(receivers.filter((receiver) => receiver.outcome === outcome));
    return `${numberOf(counts[outcome], index, counts, other)} ${what} (${names})`;
  });
}

/** @returns the sentence on what receivers do by their rules. `other` stands before "large receivers". */
function predictedWords(report: Closed, other = ''): string[] {
  const { receivers, verdict } = report;
  const counts = receiverCounts(receivers);
  const unknown =
    counts.unknown === 0
      ? []
      : [`the ${counts.unknown === 1 ? 'answer of 1 is' : `answers of ${counts.unknown} are`} not known`];
  const told = toldOf(receivers, counts, other);
  if (told.length > 0) return [`By their published rules, ${[...told, ...unknown].join(', ')}.`];
  if (verdict === 'pass' || counts.total === 0) return [];
  // An incomplete report says already that checks are missing.
  if (counts.accepts === 0)
    return verdict === 'inconclusive'
      ? []
      : [`The answers of ${count(counts.total, `${other}large receiver`)} are not known.`];
  const accepting = `${numberOf(counts.accepts, 0, counts, other)} accept${counts.accepts === 1 ? 's' : ''} mail from this host${mayBeBlocked(report) ? ' if it can send on port 25' : ''}`;
  return [`By their published rules, ${[accepting, ...unknown].join(', and ')}.`];
}

function mayBeBlocked({ advice }: Closed): boolean {
  return advice.ways.some((way) => way.mayBeBlocked === true);
}

/** @returns the number, and for the first of several numbers also what is counted. */
function numberOf(number: number, index: number, { total }: { readonly total: number }, other: string): string {
  return index === 0 ? `${number} of ${count(total, `${other}large receiver`)}` : String(number);
}

function namesOf(receivers: readonly ReceiverResult[]): string {
  const named = receivers.slice(0, receivers.length > MAX_NAMED ? MAX_NAMED - 1 : MAX_NAMED);
  const more = receivers.length - named.length;
  const [only] = named;
  // The names stand in brackets, so a mark behind a single one needs none of its own.
  if (only !== undefined && named.length === 1 && more === 0) {
    return `${shortName(only.name)}${confirmationClause(only.confirmed)}`;
  }
  const { markOf, clause } = confirmationMarks(named);
  const names = named.map((receiver) => `${shortName(receiver.name)}${markOf(receiver)}`).join(', ');
  return `${more === 0 ? names : `${names} and ${more} more`}${clause}`;
}
