/**
 * `--wait`: the check is repeated until it succeeds or the time is up. The first round and the last are whole. Between
 * them only the rules that have not passed yet are run, so that nobody is probed again for what is known. What is
 * reported is the last whole round, and no report is put together of several.
 */
import { sameName } from '../../network/domain.ts';
import { type ExitPolicy, type FindingResult, fails, type Report, type RuleResult } from '../../report/status.ts';

/** However short a TTL, a resolver is not asked more often. */
const MIN_PAUSE_MS = 5000;
/** However long a TTL, somebody may have flushed a cache, or repaired what is no matter of DNS. */
const MAX_PAUSE_MS = 60_000;

export interface Waiting {
  /** Milliseconds since the epoch; no round begins later. */
  readonly deadline: number;
  /** Rules that have to pass; all when absent. */
  readonly awaited?: readonly string[];
  readonly policy: ExitPolicy;
  readonly minPauseMs?: number;
  readonly now: () => number;
  /** Resolves after so many milliseconds; rejects when the run is ended. */
  readonly pause: (ms: number) => Promise<void>;
  /** Called after each round that leaves something to wait for. */
  readonly onRound: (round: Round) => void;
}

export interface Round {
  readonly number: number;
  readonly missing: readonly Missing[];
  /** Milliseconds until the next round. */
  readonly nextInMs: number;
}

export interface Missing {
  readonly domain: string;
  readonly code: string;
  readonly subject: string;
}

/** One target in one round; all its rules are run where none are named. */
export interface RoundOf<T> {
  readonly target: T;
  readonly ruleIds?: readonly string[];
}

interface State<T> {
  readonly target: T;
  /** The report of the last round that ran every rule. */
  whole: Report;
  /** The report of the last round. */
  latest: Report;
}

/**
 * @param runAll runs targets at once; its reports hold the DNS dialogue, whose TTLs tell when to ask again.
 * @returns a report of each target: of its last whole round.
 */
export async function waitUntilPassed<T>(
  targets: readonly T[],
  runAll: (rounds: readonly RoundOf<T>[]) => Promise<Report[]>,
  waiting: Waiting,
): Promise<Report[]> {
  const first = await runAll(targets.map((target) => ({ target })));
  const states = first.flatMap((report, index) =>
    targets.slice(index, index + 1).map((target): State<T> => ({ target, whole: report, latest: report })),
  );
  for (let number = 1; ; number += 1) {
    const open = states.filter(({ latest }) => openRules(latest, waiting).length > 0);
    const unconfirmed = states.filter(({ whole, latest }) => whole !== latest);
    const isLast = waiting.now() >= waiting.deadline;
    if (open.length === 0 || isLast) {
      if (unconfirmed.length === 0) return states.map(({ whole }) => whole);
      const reports = await runAll(unconfirmed.map(({ target }) => ({ target })));
      for (const [place, state] of unconfirmed.entries()) {
        state.whole = reports[place] ?? state.whole;
        state.latest = state.whole;
      }
      continue;
    }
    const latest = open.map((state) => state.latest);
    const nextInMs = Math.min(waiting.deadline - waiting.now(), pauseFor(latest, waiting));
    waiting.onRound({ number, missing: missingOf(latest, waiting), nextInMs });
    await waiting.pause(nextInMs);
    const isTimeUp = waiting.now() >= waiting.deadline;
    const rounds = open.map(
      ({ target, latest: report }): RoundOf<T> => (isTimeUp ? { target } : { target, ...partOf(report, waiting) }),
    );
    const reports = await runAll(rounds);
    for (const [place, state] of open.entries()) {
      state.latest = reports[place] ?? state.latest;
      if (rounds[place]?.ruleIds === undefined) state.whole = state.latest;
    }
  }
}

/** The rules that are still open; all, where what is open follows from others. */
function partOf(report: Report, waiting: Waiting): { ruleIds?: readonly string[] } {
  const ruleIds = openRules(report, waiting)
    .filter(isCheck)
    .map(({ id }) => id);
  return ruleIds.length === 0 ? {} : { ruleIds };
}

function openRules({ rules }: Report, { awaited, policy }: Waiting): RuleResult[] {
  return rules.filter(
    (rule) => (awaited?.includes(rule.id) ?? true) && rule.findings.some((finding) => isOpen(rule, finding, policy)),
  );
}

function isOpen({ id }: RuleResult, finding: FindingResult, { failOn = 'error', allowInconclusive = [] }: ExitPolicy) {
  if (finding.severity !== 'inconclusive') return fails(finding, failOn);
  return allowInconclusive !== 'all' && !allowInconclusive.includes(id);
}

function missingOf(reports: readonly Report[], waiting: Waiting): Missing[] {
  return reports.flatMap((report) =>
    openFindings(report, waiting).map(({ code, subject }) => ({ domain: report.target.domain, code, subject })),
  );
}

/** What follows from other findings is named only where it is all there is. */
function openFindings(report: Report, waiting: Waiting): FindingResult[] {
  const rules = openRules(report, waiting);
  const causes = rules.filter(isCheck);
  return (causes.length > 0 ? causes : rules).flatMap((rule) =>
    rule.findings.filter((finding) => isOpen(rule, finding, waiting.policy)),
  );
}

/** The findings of any other rule follow from those of checks: alone it has nothing to say. */
function isCheck({ kind }: RuleResult): boolean {
  return kind === 'check';
}

/** Milliseconds until the first of the answers that the open findings rest on may be another: their smallest TTL. */
function pauseFor(reports: readonly Report[], waiting: Waiting): number {
  const ttls = reports.flatMap((report) => {
    const rests = openFindings(report, waiting).flatMap((finding) => finding.rests);
    const asked = (report.transcript?.dns ?? []).filter(({ ttl }) => ttl !== null);
    const behind = asked.filter(({ name, type }) =>
      rests.some((question) => question.type === type && sameName(question.name, name)),
    );
    return (behind.length > 0 ? behind : asked).flatMap(({ ttl }) => ttl ?? []);
  });
  const { minPauseMs = MIN_PAUSE_MS } = waiting;
  return Math.max(minPauseMs, Math.min(MAX_PAUSE_MS, ...ttls.map((ttl) => ttl * 1000)));
}

/** Codes shown in one line; the report shows all. */
const MAX_SHOWN = 5;

/** @returns what is missing and when the next try is, in one line; names come from the network, and are not made safe. */
export function roundText({ number, missing, nextInMs }: Round): string {
  const several = new Set(missing.map(({ domain }) => domain)).size > 1;
  const texts = [
    ...new Set(missing.map(({ domain, code, subject }) => `${several ? `${domain}: ` : ''}${code} (${subject})`)),
  ];
  const more = texts.length > MAX_SHOWN ? `, and ${texts.length - MAX_SHOWN} more` : '';
  const shown = texts.slice(0, MAX_SHOWN).join(', ');
  return `round ${number}: missing ${shown}${more}; next try in ${Math.ceil(nextInMs / 1000)} s`;
}
