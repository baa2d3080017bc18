/**
 * Repeats the check for `--wait` until it succeeds or the time is up. The first round and the last run every rule. The
 * rounds between them run only the rules that have not passed yet, so that no host is probed again for a known result.
 * The report is that of the last round that ran every rule. No report combines several rounds.
 */
import { sameName } from '../../network/domain.ts';
import {
  type ExitPolicy,
  type FindingResult,
  fails,
  isNoWorse,
  type Report,
  type RuleResult,
} from '../../report/status.ts';

/** The shortest pause between two rounds. It keeps short TTLs from causing too many questions to a resolver. */
const MIN_PAUSE_MS = 5000;
/**
 * The longest pause between two rounds. A fix may show before a long TTL ends: somebody may have flushed a cache, or
 * fixed a problem outside the DNS.
 */
const MAX_PAUSE_MS = 60_000;

/** How long to wait, for which rules, and what ends the wait. */
export interface Waiting {
  /** The end of the wait, in milliseconds since the epoch. The round that starts then is the last. */
  readonly deadline: number;
  /** The ids of the rules that have to pass. The default is all rules. */
  readonly awaited?: readonly string[];
  readonly policy: ExitPolicy;
  /** The shortest pause between two rounds, in milliseconds. */
  readonly minPauseMs?: number;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after this many milliseconds. It rejects when the user ends the run. */
  readonly pause: (ms: number) => Promise<void>;
  /** Called after each round that another one follows. */
  readonly onRound: (round: Round) => void;
}

/** A round after which another one follows. */
export interface Round {
  readonly number: number;
  readonly missing: readonly Missing[];
  /** Milliseconds until the next round. */
  readonly nextInMs: number;
}

/** A finding that the wait is for. */
export interface Missing {
  readonly domain: string;
  readonly code: string;
  readonly subject: string;
}

/** A target in one round. The round runs all rules if `ruleIds` is absent. */
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
 * Repeats the check of the targets until all awaited rules have passed or the time is up.
 *
 * @param runAll runs targets at once. Its reports must contain the DNS dialogue, whose TTLs decide when to ask again.
 * @returns one report for each target, from its last round that ran every rule.
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

/**
 * Returns the rules for the next round: those that have not passed. It returns all rules if the only rules that have
 * not passed derive their findings from other rules.
 */
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
  if (isNoWorse(finding)) return false;
  return allowInconclusive !== 'all' && !allowInconclusive.includes(id);
}

function missingOf(reports: readonly Report[], waiting: Waiting): Missing[] {
  return reports.flatMap((report) =>
    openFindings(report, waiting).map(({ code, subject }) => ({ domain: report.target.domain, code, subject })),
  );
}

/** Returns the findings to wait for. Findings that follow from other findings count only if there are no others. */
function openFindings(report: Report, waiting: Waiting): FindingResult[] {
  const rules = openRules(report, waiting);
  const causes = rules.filter(isCheck);
  return (causes.length > 0 ? causes : rules).flatMap((rule) =>
    rule.findings.filter((finding) => isOpen(rule, finding, waiting.policy)),
  );
}

/** Returns whether the rule is a check. The findings of any other rule follow from those of checks. */
function isCheck({ kind }: RuleResult): boolean {
  return kind === 'check';
}

/**
 * Returns the milliseconds until the first DNS answer behind the open findings may change, which is their smallest TTL.
 */
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

/** The most finding codes in the line. The report shows all of them. */
const MAX_SHOWN = 5;

/**
 * @returns one line that says what has not passed and when the next round starts. It contains names from the network,
 *   which the caller must make safe to print.
 */
export function roundText({ number, missing, nextInMs }: Round): string {
  const several = new Set(missing.map(({ domain }) => domain)).size > 1;
  const texts = [
    ...new Set(missing.map(({ domain, code, subject }) => `${several ? `${domain}: ` : ''}${code} (${subject})`)),
  ];
  const more = texts.length > MAX_SHOWN ? `, and ${texts.length - MAX_SHOWN} more` : '';
  const shown = texts.slice(0, MAX_SHOWN).join(', ');
  return `round ${number}: not fixed yet: ${shown}${more}; next round in ${Math.ceil(nextInMs / 1000)} s`;
}
