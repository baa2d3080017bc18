/** Counts the targets of a fleet as they end. What it holds depends on the findings and lists that exist, not on the targets. */
import type { Cause, ExpirySummary, FleetEntry, FleetSummary } from './fleet.ts';
import { type FindingResult, isAccepted, isAllowedGap, type Severity, type Verdict, weightOf } from './status.ts';

/** The most domains that are kept of a cause. */
const MAX_FIRST = 3;

interface CountedCause {
  severity: Severity;
  title: string;
  targets: number;
  readonly first: string[];
}

/** What a tally does not count itself. */
export type RunFacts = Omit<FleetSummary, 'verdicts' | 'exitCodes' | 'causes' | 'unknown' | 'listings' | 'expiries'>;

/** Counts targets. */
export class FleetTally {
  readonly verdicts: Record<Verdict, number> = { pass: 0, warn: 0, fail: 0, inconclusive: 0 };
  readonly #exitCodes: Record<number, number> = {};
  readonly #causes = new Map<string, CountedCause>();
  readonly #unknown: Record<string, number> = {};
  readonly #listings: Record<string, number> = {};

  /** Counts one target. */
  add({ report, exitCode }: Pick<FleetEntry, 'report' | 'exitCode'>): void {
    this.verdicts[report.verdict] += 1;
    this.#exitCodes[exitCode] = (this.#exitCodes[exitCode] ?? 0) + 1;
    const worst = new Map<string, FindingResult>();
    const zones = new Set<string>();
    for (const rule of report.rules) {
      if (rule.kind !== 'check') continue;
      if (rule.findings.some(({ severity }) => severity === 'inconclusive')) {
        this.#unknown[rule.id] = (this.#unknown[rule.id] ?? 0) + 1;
      }
      for (const finding of rule.findings) {
        if (finding.severity === 'info' || isAccepted(finding) || isAllowedGap(rule, finding)) continue;
        const { about, code, severity } = finding;
        if (about.zone !== undefined && severity !== 'inconclusive') zones.add(about.zone);
        const known = worst.get(code);
        if (known === undefined || weightOf(severity) > weightOf(known.severity)) worst.set(code, finding);
      }
    }
    for (const zone of zones) this.#listings[zone] = (this.#listings[zone] ?? 0) + 1;
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
      expiries: this.#expiries(),
    };
  }

  #expiries(): ExpirySummary[] {
    return [];
  }
}

function byWeight(one: Cause, other: Cause): number {
  return (
    weightOf(other.severity) - weightOf(one.severity) ||
    other.targets - one.targets ||
    one.code.localeCompare(other.code, 'en')
  );
}
