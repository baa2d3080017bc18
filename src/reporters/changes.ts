/** Words and lines for changes of DNS records, for every format. */
import type { AdviceStep, RecordChange, Report, ReportPlan } from '../report/status.ts';

/** A change in words: what goes, as zone-file lines, and what is different, as one sentence. */
export interface ChangeWords {
  /** The published records that go, as lines of a zone file. They are shown and not to be pasted. */
  readonly gone: readonly string[];
  /** What changes. `null` if the records say it all. */
  readonly note: string | null;
}

/** @returns what the changes of a step take out, and what they change. */
export function changeWords({ changes }: Pick<AdviceStep, 'changes'>): ChangeWords {
  const notes = changes.flatMap((change) => [...change.notes, ...ownerNotes(change)]);
  return {
    gone: changes.flatMap(({ remove }) => remove.map(({ line }) => line)),
    note: notes.length === 0 ? null : `What changes: ${notes.join('; ')}.`,
  };
}

/** Says that a zone belongs to somebody else. The user can only ask for the change there. */
function ownerNotes({ owner, name }: RecordChange): string[] {
  return owner === 'other' ? [`${name} is in somebody else’s zone, so ask whoever runs it`] : [];
}

/** A later stage: when it is due, and its record. */
export type LaterStage = ReportPlan['later'][number];

/** @returns the stages that come after the steps. */
export function laterStages({ plan }: Report): readonly LaterStage[] {
  return plan?.later ?? [];
}

/** @returns what the changes settle and what is left, or `null` if nothing changes. */
export function planSummary({ plan }: Report): string | null {
  return plan === null || plan.changes.length === 0 ? null : plan.summary;
}
