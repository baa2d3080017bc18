/** The faults of a report, as small as a later run needs them: the errors and warnings that are not accepted. */
import { testedAddress } from '../../report/baseline.ts';
import { fingerprint } from '../../report/fingerprint.ts';
import { type BaselineReport, isAccepted, type Severity } from '../../report/status.ts';

/** How bad a fault is: 0 for none, 1 for a warning, 2 for an error. */
export type Weight = 0 | 1 | 2;

/** An error or warning of one target. */
export interface Fault {
  /** What identifies it in every run of the target: 32 hexadecimal digits. */
  readonly key: string;
  /** The id of its rule. */
  readonly rule: string;
  readonly code: string;
  readonly weight: Weight;
  /** Untrusted, and cut to `MAX_SUBJECT` characters. */
  readonly subject: string;
  /** Untrusted, and cut to `MAX_TITLE` characters. */
  readonly title: string;
  /** The tested address that it is about, or `null`. */
  readonly ip: string | null;
}

/** The longest subject of a fault, in characters. A domain name is no longer. */
const MAX_SUBJECT = 256;
/** The longest title of a fault, in characters. */
const MAX_TITLE = 300;
/** The most faults of one target that are kept. A report has far fewer, unless a hostile zone makes them. */
const MAX_FAULTS = 500;

const WEIGHTS: Readonly<Record<Severity, Weight>> = { info: 0, inconclusive: 0, warning: 1, error: 2 };

/** @returns the severity of a fault of this weight. */
export function severityOf(weight: Weight): Severity {
  return weight === 2 ? 'error' : weight === 1 ? 'warning' : 'info';
}

/** What a report says of the faults of its target. */
export interface Faults {
  /** The faults by their keys, at most `MAX_FAULTS`. */
  readonly open: ReadonlyMap<string, Fault>;
  /** The keys of the findings that are no faults, because they are notes, or accepted. */
  readonly excused: ReadonlySet<string>;
  /** Whether `open` has all faults of the report. */
  readonly isWhole: boolean;
}

/** @returns the faults of a report. Two findings with one key are one fault, the worse of the two. */
export function faultsOf(report: Pick<BaselineReport, 'target' | 'rules'>): Faults {
  const open = new Map<string, Fault>();
  const excused = new Set<string>();
  let isWhole = true;
  for (const rule of report.rules) {
    for (const finding of rule.findings) {
      const weight = isAccepted(finding) ? 0 : WEIGHTS[finding.severity];
      const key = fingerprint(report.target.domain, finding);
      if (weight === 0) {
        if (finding.severity !== 'inconclusive') excused.add(key);
      } else if (!open.has(key) && open.size >= MAX_FAULTS) {
        isWhole = false;
      } else if (weight > (open.get(key)?.weight ?? 0)) {
        const { code } = finding;
        const subject = finding.subject.slice(0, MAX_SUBJECT);
        const title = finding.title.slice(0, MAX_TITLE);
        open.set(key, { key, rule: rule.id, code, weight, subject, title, ip: testedAddress(finding, report) });
      }
    }
  }
  return { open, excused, isWhole };
}
