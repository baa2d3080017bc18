/**
 * The words that reporters share: statuses, and the description of the target. The texts are not made safe to print.
 */

import { count } from '../report/count.ts';
import { heloSourceWords } from '../report/helo-words.ts';
import { type FindingResult, isAccepted, type Report, type RuleResult, type Status } from '../report/status.ts';
import { unbroken } from './layout.ts';
import { providerTexts } from './provider-words.ts';

/** The symbol and the word of each status. */
export const MARKS: Record<Status, { symbol: string; word: string }> = {
  pass: { symbol: '✔', word: 'pass' },
  warn: { symbol: '!', word: 'warn' },
  fail: { symbol: '✖', word: 'FAIL' },
  inconclusive: { symbol: '?', word: 'unknown' },
  skipped: { symbol: '-', word: 'skipped' },
};

/** The status that a finding of each severity gives its rule. */
export const SEVERITY_STATUS: Record<FindingResult['severity'], Status> = {
  error: 'fail',
  warning: 'warn',
  inconclusive: 'inconclusive',
  info: 'pass',
};

/** A labelled field at the head of a report. */
export interface Field {
  readonly label: string;
  /** The lines of the field. */
  readonly texts: readonly string[];
  /** The shortest form, for a report that has no room for the fields. Fields without it are left out there. */
  readonly brief?: string;
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
  const took = `${(timing.durationMs / 1000).toFixed(1)} s, ${count(timing.dnsQueries, 'DNS query', 'DNS queries')}, ${count(timing.smtpConnections, 'SMTP connection')}${timing.httpsRequests === undefined ? '' : `, ${count(timing.httpsRequests, 'web request')}`}${timing.deadlineReached ? '; the time limit was reached' : ''}`;
  return [
    { label: 'Addresses', texts: [ips], brief: target.ips.length === 0 ? 'no address tested' : ips },
    { label: 'HELO name', texts: heloTexts(report) },
    { label: 'Provider', texts: providerTexts(report) },
    {
      label: 'Checked from',
      texts: [`${VANTAGES[vantage.kind]} (${vantage.reason})`],
      brief: vantage.kind === 'unknown' ? 'checked from an unknown place' : `checked from ${VANTAGES[vantage.kind]}`,
    },
    { label: 'Shared', texts: sharedTexts(report), ...sharedBrief(report) },
    { label: 'Proposed', texts: proposedTexts(report), ...proposedBrief(report) },
    // A run that asks nobody has no DNS server.
    ...(report.proposed?.offline
      ? []
      : [{ label: 'Resolver', texts: [resolverText(report)], brief: `DNS server ${serversText(report)}` }]),
    { label: 'Took', texts: [took], brief: unbroken(`${(timing.durationMs / 1000).toFixed(1)} s`) },
  ].filter(({ texts }) => texts.length > 0);
}

/** @returns which mail servers were asked for another target of the run: one text for each. */
function sharedTexts({ target }: Report): string[] {
  return (target.shared ?? []).map(
    ({ ip, askedFor, askedAt }) =>
      `Mail server ${ip} was asked once in this run, at ${askedAt.slice(11, 19)} UTC for ${askedFor}; its answers are used here too.`,
  );
}

function sharedBrief({ target: { shared = [] } }: Report): Pick<Field, 'brief'> {
  return shared.length === 0 ? {} : { brief: `${shared.map(({ ip }) => ip).join(', ')} asked once in this run` };
}

/** @returns what kept checks from being made, and which checks: one text for each cause. */
export function obstacleTexts(report: Pick<Report, 'vantage' | 'target'>): string[] {
  return obstaclesOf(report).map(obstacleText);
}

/** @returns the causes that kept checks from being made: those at the place of the check, then those at the target. */
export function obstaclesOf({ vantage, target }: Pick<Report, 'vantage' | 'target'>): Report['vantage']['obstacles'] {
  return [...vantage.obstacles, ...(target.obstacles ?? [])];
}

/** @returns what a cause kept from being made, and which checks. */
export function obstacleText({ message, rules }: Report['vantage']['obstacles'][number]): string {
  return `${message} Not tested because of this, or only in part: ${rules.join(', ')}.`;
}

/** @returns whether causes that are told explain every finding of the rule that is worth a look. */
export function isObstructed({ findings, status }: RuleResult): boolean {
  const told = findings.filter(({ severity }) => severity !== 'info');
  return status === 'inconclusive' && told.every(isToldAbove);
}

/** @returns whether a cause that is told at the head of the report says all there is to say about a finding. */
export function isToldAbove(finding: FindingResult): boolean {
  return finding.obstacle !== undefined && finding.severity === 'inconclusive' && !isAccepted(finding);
}

function serversText({ target }: Pick<Report, 'target'>): string {
  return target.resolvers.join(', ') || 'none configured';
}

function resolverText({ target, vantage }: Report): string {
  const servers = serversText({ target });
  if (vantage.validates === null) return servers;
  return `${servers} (${vantage.validates ? 'validates' : 'does not validate'} DNSSEC)`;
}

const VANTAGES: Record<Report['vantage']['kind'], string> = {
  self: 'the mail server itself',
  'same-network': 'the mail server’s network',
  outside: 'outside the mail server’s network',
  unknown: 'unknown',
};

function proposedTexts({ proposed }: Report): string[] {
  if (!proposed) return [];
  const files = proposed.files.map(
    ({ file, records, wholeZone, removed, undetermined }) =>
      `${file === '-' ? 'standard input' : file}: ${count(records, 'record')}${wholeZone ? ', a whole zone' : ' in place of what is published'}` +
      `${removed > 0 ? `, ${count(removed, 'record set')} removed` : ''}` +
      `${undetermined.length > 0 ? `, ${undetermined.length} not known before the change` : ''}`,
  );
  const asked = [...proposed.used, ...(proposed.removedAsked ?? []).map((question) => `${question} (removed)`)];
  return [...files, asked.length > 0 ? `asked for: ${asked.join(', ')}` : 'none of them was asked for'];
}

function proposedBrief(report: Report): Pick<Field, 'brief'> {
  const texts = proposedTexts(report);
  return texts.length === 0 ? {} : { brief: `proposed records: ${texts.join('; ')}` };
}

function heloTexts({ target }: Report): string[] {
  const told = target.helo.filter(({ name }) => name !== null);
  if (told.length === 0) return target.ips.length === 0 ? [] : ['not known'];
  const names = new Set(told.map(({ name, source }) => `${name} ${source}`));
  const text = (name: string | null, source: string | null): string => `${name} (${heloSourceWords(source ?? '')})`;
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

/** @returns whether the domain does not use what a check is about, and nothing more is to be said of it. */
export function isUnused({ unused, status, findings }: RuleResult): boolean {
  return unused === true && status === 'pass' && findings.every((finding) => finding.severity === 'info');
}

/** @returns the checks of what a domain does not use, as one text: `MTA-STS, DANE: not used (optional)`. */
export function unusedWords(rules: readonly RuleResult[]): string {
  return `${rules.map(({ title }) => title).join(', ')}: not used (optional)`;
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

/** @returns the rules that did not run, by the reason. It is empty where none is given. */
export function byReason(rules: readonly RuleResult[]): ReadonlyMap<string, readonly RuleResult[]> {
  const groups = new Map<string, RuleResult[]>();
  for (const rule of rules) {
    const reason = rule.skipReason ?? '';
    groups.set(reason, [...(groups.get(reason) ?? []), rule]);
  }
  return groups;
}
