/** The shape of a fleet as data: its targets as they end, and what is said of all of them at the end. */
import type { Report, Severity, Verdict } from './status.ts';

/** One target of a fleet that has been judged. */
export interface FleetEntry {
  /** What identifies the target in every run: 32 hexadecimal digits. */
  readonly id: string;
  /** Where the target stands, as `file:line`, for people. Untrusted. */
  readonly place: string;
  /** The words that the input gives the target, to choose and group by. Untrusted. */
  readonly tags: readonly string[];
  readonly report: Report;
  /** The exit code that the report alone would have. */
  readonly exitCode: number;
  /** What changed since earlier runs. Absent where there is none to compare with. */
  readonly change?: TargetChange;
}

/** What changed in one target since the earlier runs. */
export interface TargetChange {
  /** `new`: no earlier run had the target. */
  readonly state: 'new' | 'worse' | 'better' | 'mixed' | 'same';
  readonly worse: readonly ChangedFinding[];
  readonly better: readonly ChangedFinding[];
}

/** A finding that came, went, or changed its severity. */
export interface ChangedFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly subject: string;
  readonly title: string;
}

/** A finding code, and the targets that have it. */
export interface Cause {
  readonly code: string;
  /** The worst severity that the finding has in some target. */
  readonly severity: Severity;
  readonly title: string;
  /** The number of targets. */
  readonly targets: number;
  /** The domains of the first targets. */
  readonly first: readonly string[];
}

/** A line of the input that is no target. */
export interface WrongLine {
  /** `file:line`, for people. */
  readonly place: string;
  readonly message: string;
}

/** What is said of a fleet at the end. Its size does not depend on the number of targets. */
export interface FleetSummary {
  readonly runId: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** The judged targets by verdict. */
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** The judged targets by the exit code that each would have. */
  readonly exitCodes: Readonly<Record<number, number>>;
  /** The judged targets that were taken from an earlier, interrupted part of the run. */
  readonly resumed: number;
  /** Those of them that the input names no more. Absent if there are none, and before the end of the input. */
  readonly leftOver?: number;
  /** The lines that name a target again. It is judged once. */
  readonly repeated: number;
  readonly wrongLines: { readonly count: number; readonly first: readonly WrongLine[] };
  /** The targets that were not judged, because the run ended before. Those of a part that was not read are unknown. */
  readonly notJudged: number;
  /** Why the run ended before its last target. `null` where it did not. */
  readonly endedBy: string | null;
  /** The findings by code, the worst first, then the most frequent. Notes are not among them. */
  readonly causes: readonly Cause[];
  /** The number of targets in which a rule could not check everything, by the id of the rule. */
  readonly unknown: Readonly<Record<string, number>>;
  /** The number of targets that a block list lists, by its zone. */
  readonly listings: Readonly<Record<string, number>>;
  /** When certificates and signatures end. */
  readonly expiries: readonly ExpirySummary[];
  /** What changed since the earlier runs. Absent where there is none to compare with. */
  readonly changes?: FleetChanges;
}

/** When the certificates, or the signatures, of all targets end. */
export interface ExpirySummary {
  readonly kind: 'certificate' | 'signature';
  /** How many were seen. */
  readonly seen: number;
  /** The first that ends, ISO 8601. */
  readonly first: string;
  /** The domain of the target that it belongs to. */
  readonly domain: string;
  /** How many have ended, or end within so many days after the end of the run. */
  readonly within: { readonly ended: number; readonly days7: number; readonly days14: number; readonly days30: number };
}

/** What changed in a fleet since the earlier runs. */
export interface FleetChanges {
  readonly new: number;
  readonly worse: number;
  readonly better: number;
  /** The targets of the last run that are not in the input any more. */
  readonly gone: { readonly count: number; readonly first: readonly string[] };
}
