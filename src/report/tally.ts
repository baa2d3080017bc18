/** Counts the targets of a fleet as they end. What it holds depends on the findings and lists that exist, not on the targets. */
import type { Cause, ExpirySummary, FleetEntry, FleetSummary } from './fleet.ts';
import { incompleteRules, listedZones, openFindings } from './open-findings.ts';
import {
  type ExitPolicy,
  exitCode,
  type FindingResult,
  type Report,
  type Severity,
  type Verdict,
  weightOf,
} from './status.ts';

/** The most domains that are kept of a cause. */
const MAX_FIRST = 3;

interface CountedCause {
  severity: Severity;
  title: string;
  targets: number;
  readonly first: string[];
}

interface CountedExpiry {
  seen: number;
  /** Milliseconds since the epoch. */
  first: number;
  domain: string;
  /** The number that ends by each hour since the epoch. */
  readonly hours: Map<number, number>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The most hours that are told apart: those of the days that a summary counts, and a month for the run itself. */
const MAX_HOURS = 61 * 24;

/** What a tally does not count itself. */
export type RunFacts = Omit<FleetSummary, 'verdicts' | 'exitCodes' | 'causes' | 'unknown' | 'listings' | 'expiries'>;

/** Counts targets. */
export class FleetTally {
  readonly verdicts: Record<Verdict, number> = { pass: 0, warn: 0, fail: 0, inconclusive: 0 };
  readonly #exitCodes: Record<number, number> = {};
  readonly #causes = new Map<string, CountedCause>();
  readonly #unknown: Record<string, number> = {};
  readonly #listings: Record<string, number> = {};
  readonly #expiries = new Map<ExpirySummary['kind'], CountedExpiry>();

  /** The first hour that is told apart from those before, in hours since the epoch. */
  #firstHour = Number.NaN;

  /** Counts one target. */
  add({ report, exitCode: code }: Pick<FleetEntry, 'report' | 'exitCode'>): void {
    // A run starts at most a month before it ends.
    if (Number.isNaN(this.#firstHour)) this.#firstHour = Math.floor(Date.parse(report.timing.startedAt) / HOUR_MS) - 1;
    this.verdicts[report.verdict] += 1;
    this.#exitCodes[code] = (this.#exitCodes[code] ?? 0) + 1;
    const worst = new Map<string, FindingResult>();
    for (const finding of openFindings(report)) {
      const known = worst.get(finding.code);
      if (known === undefined || weightOf(finding.severity) > weightOf(known.severity))
        worst.set(finding.code, finding);
    }
    for (const id of incompleteRules(report)) this.#unknown[id] = (this.#unknown[id] ?? 0) + 1;
    for (const zone of listedZones(report)) this.#listings[zone] = (this.#listings[zone] ?? 0) + 1;
    this.#addExpiries(report);
    for (const finding of worst.values()) this.#count(finding, report.target.domain);
  }

  #count({ code, severity, title }: FindingResult, domain: string): void {
    const cause = this.#causes.get(code) ?? { severity, title, targets: 0, first: [] };
    this.#causes.set(code, cause);
    cause.targets += 1;
    if (weightOf(severity) > weightOf(cause.severity)) Object.assign(cause, { severity, title });
    if (cause.first.length < MAX_FIRST && !cause.first.includes(domain)) cause.first.push(domain);
  }

  /** @returns the summary of the counted targets. */
  summary(facts: RunFacts): FleetSummary {
    const causes = [...this.#causes].map(([code, cause]): Cause => ({ code, ...cause, first: [...cause.first] }));
    return {
      ...facts,
      verdicts: { ...this.verdicts },
      exitCodes: { ...this.#exitCodes },
      causes: causes.sort(byWeight),
      unknown: { ...this.#unknown },
      listings: { ...this.#listings },
      expiries: this.#expiryList(Date.parse(facts.endedAt)),
    };
  }

  #addExpiries({ target, expiries = [] }: Pick<Report, 'target' | 'expiries'>): void {
    for (const { kind, until } of expiries) {
      const at = Date.parse(until);
      if (!Number.isFinite(at)) continue;
      const known = this.#expiries.get(kind) ?? { seen: 0, first: at, domain: target.domain, hours: new Map() };
      this.#expiries.set(kind, known);
      known.seen += 1;
      if (at < known.first) Object.assign(known, { first: at, domain: target.domain });
      // What ended long ago, or ends late, has one place each.
      const hour = Math.min(Math.max(Math.ceil(at / HOUR_MS), this.#firstHour), this.#firstHour + MAX_HOURS);
      known.hours.set(hour, (known.hours.get(hour) ?? 0) + 1);
    }
  }

  #expiryList(endedAt: number): ExpirySummary[] {
    return [...this.#expiries].map(([kind, { seen, first, domain, hours }]): ExpirySummary => {
      const within = (days: number): number =>
        [...hours].reduce((sum, [hour, count]) => (hour * HOUR_MS <= endedAt + days * DAY_MS ? sum + count : sum), 0);
      const ends = { ended: within(0), days7: within(7), days14: within(14), days30: within(30) };
      return { kind, seen, first: new Date(first).toISOString(), domain, within: ends };
    });
  }
}

function byWeight(one: Cause, other: Cause): number {
  return (
    weightOf(other.severity) - weightOf(one.severity) ||
    other.targets - one.targets ||
    one.code.localeCompare(other.code, 'en')
  );
}

/**
 * @param policy the user's choices that the exit code of each report depends on.
 * @returns the summary of reports that are all held in memory. It has no name of a run.
 */
export function summaryOf(reports: readonly Report[], policy: ExitPolicy = {}): FleetSummary {
  const tally = new FleetTally();
  for (const report of reports) tally.add({ report, exitCode: exitCode(report, policy) });
  const starts = reports.map(({ timing }) => Date.parse(timing.startedAt));
  const ends = reports.map(({ timing }) => Date.parse(timing.startedAt) + timing.durationMs);
  return tally.summary({
    runId: '',
    startedAt: timeOf(starts.reduce((first, start) => Math.min(first, start), starts[0] ?? 0)),
    endedAt: timeOf(ends.reduce((last, end) => Math.max(last, end), ends[0] ?? 0)),
    resumed: 0,
    repeated: 0,
    wrongLines: { count: 0, first: [] },
    notJudged: 0,
    endedBy: null,
  });
}

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
