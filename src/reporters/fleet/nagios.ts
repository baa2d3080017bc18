/**
 * Writes the one line that Nagios, Icinga and others read of a plugin, and tells its exit code, by the Monitoring Plugins
 * Development Guidelines: `MAILCHECK WARNING - what is wrong|performance data`.
 */
import { count } from '../../report/count.ts';
import type { FleetSummary } from '../../report/fleet.ts';
import { EXIT, type ExitPolicy, type Report } from '../../report/status.ts';
import { summaryOf } from '../../report/tally.ts';
import type { FleetReporter } from '../fleet-reporter.ts';
import type { Reporter } from '../reporter.ts';

/** The exit codes of a plugin, and the words for them. */
const STATES = { ok: [0, 'OK'], warning: [1, 'WARNING'], critical: [2, 'CRITICAL'], unknown: [3, 'UNKNOWN'] } as const;
type State = keyof typeof STATES;

/** The most findings that the line names. */
const MAX_CODES = 5;
/** The most characters of the text before the performance data. Old agents cut a line at 1024 octets. */
const MAX_TEXT = 600;

/**
 * Finds the state of a run. What fails a run is critical: by the user's choice that may be a warning, or only what is new.
 * What was not judged, or could not be checked, is unknown. Every other finding is a warning.
 */
function stateOf({ exitCodes, verdicts, endedBy, notJudged, wrongLines }: FleetSummary): State {
  const has = (code: number): boolean => (exitCodes[code] ?? 0) > 0;
  if (has(EXIT.failed)) return 'critical';
  const isOther = Object.entries(exitCodes).some(
    ([code, targets]) => targets > 0 && Number(code) !== EXIT.ok && Number(code) !== EXIT.failed,
  );
  const judged = verdicts.pass + verdicts.warn + verdicts.fail + verdicts.inconclusive;
  if (isOther || endedBy !== null || notJudged > 0 || wrongLines.count > 0 || judged === 0) return 'unknown';
  return verdicts.warn + verdicts.fail > 0 ? 'warning' : 'ok';
}

/** @returns the exit code of a fleet run as a plugin: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
export function nagiosExit(summary: FleetSummary): number {
  return STATES[stateOf(summary)][0];
}

/** @returns the exit code of the reports of one run as a plugin. */
export function nagiosExitOf(reports: readonly Report[], policy: ExitPolicy): number {
  return nagiosExit(summaryOf(reports, policy));
}

/**
 * @param why the reason why there is no result, such as a wrong option.
 * @returns the line of a run without a result.
 */
export function nagiosUnknown(why: string): string {
  return line('unknown', why);
}

/** @param subject the target. Absent where there are several. */
function nagiosText(summary: FleetSummary, subject?: string): string {
  const state = stateOf(summary);
  const parts = [
    subject === undefined ? totals(summary) : '',
    causesText(summary, subject !== undefined),
    gapsText(summary),
    changesText(summary),
  ].filter((part) => part !== '');
  const text = parts.length === 0 ? 'no problem found' : parts.join('; ');
  return line(state, subject === undefined ? text : `${subject}: ${text}`, performance(summary));
}

function line(state: State, text: string, figures = ''): string {
  const plain = plainText(text);
  const cut = plain.length > MAX_TEXT ? `${plain.slice(0, MAX_TEXT - 3)}...` : plain;
  return `MAILCHECK ${STATES[state][1]} - ${cut}${figures === '' ? '' : `|${figures}`}\n`;
}

/**
 * Drops what a monitor acts on: a bar begins performance data, a line break a second line, and monitors put the text into
 * commands of a shell, where quotes, dollars and the like are dangerous. What is left are words, names and numbers.
 */
function plainText(text: string): string {
  return text
    .replaceAll('…', '...')
    .replaceAll('’', '')
    .replace(/\s+/g, ' ')
    .replace(/[^A-Za-z0-9 .,:;/@+()=_%-]/g, '')
    .trim();
}

function totals({ verdicts }: FleetSummary): string {
  const { pass, warn, fail, inconclusive } = verdicts;
  const words = [
    [fail, 'fail'],
    [inconclusive, 'not fully checked'],
    [warn, 'warn'],
    [pass, 'pass'],
  ] as const;
  const numbers = words.filter(([targets]) => targets > 0).map(([targets, word]) => `${targets} ${word}`);
  return `${count(pass + warn + fail + inconclusive, 'target')}${numbers.length === 0 ? '' : `: ${numbers.join(', ')}`}`;
}

function causesText({ causes }: FleetSummary, isOne: boolean): string {
  const named = causes
    .slice(0, MAX_CODES)
    .map(({ code, targets }) => (isOne ? code : `${code} (${targets})`))
    .join(', ');
  const more = causes.length - MAX_CODES;
  return more > 0 ? `${named} and ${more} more` : named;
}

function gapsText({ endedBy, notJudged, wrongLines }: FleetSummary): string {
  const lines = count(wrongLines.count, 'line of the input is no target', 'lines of the input are no targets');
  return [
    ...(endedBy === null && notJudged === 0
      ? []
      : [`the run ended early, ${notJudged} not judged${endedBy === null ? '' : ` (${endedBy})`}`]),
    ...(wrongLines.count === 0 ? [] : [lines]),
  ].join('; ');
}

function changesText({ changes }: FleetSummary): string {
  return changes === undefined || changes.worse + changes.better === 0
    ? ''
    : `since the runs before ${changes.worse} worse, ${changes.better} better`;
}

const DAY_MS = 86_400_000;

/** Gives the figures as `label=value[unit];warning;critical;min;max`, with the ranges beyond which a figure is one. */
function performance({ verdicts, startedAt, endedAt, expiries }: FleetSummary): string {
  const { pass, warn, fail, inconclusive } = verdicts;
  const all = pass + warn + fail + inconclusive;
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  const days = expiries.map(({ kind, first }) => {
    const left = Math.floor((Date.parse(first) - Date.parse(endedAt)) / DAY_MS);
    return Number.isFinite(left) ? [`${kind}_days=${left}`] : [];
  });
  return [
    `targets=${all};;;0`,
    `pass=${pass};;;0;${all}`,
    `warn=${warn};0;;0;${all}`,
    `fail=${fail};;0;0;${all}`,
    `unknown=${inconclusive};;;0;${all}`,
    ...(Number.isFinite(seconds) ? [`duration=${seconds.toFixed(1)}s;;;0`] : []),
    ...days.flat(),
  ].join(' ');
}

/** Writes the line at the end of a fleet run. */
export const nagiosFleet: FleetReporter = { end: (summary) => nagiosText(summary) };

/** @returns the line on the reports of one run. */
export const nagios: Reporter = (reports, { policy }) => {
  const [first] = reports;
  const subject = first && reports.length === 1 ? [first.target.domain, ...first.target.ips].join(' ') : undefined;
  return nagiosText(summaryOf(reports, policy), subject);
};
