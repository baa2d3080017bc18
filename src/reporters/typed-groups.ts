/** Groups what a fix has the user type or open. Every format shows the same groups with the same labels. */
import type { AdviceStep, Remediation } from '../report/status.ts';

type RecordLine = AdviceStep['records'][number];

/** What a fix has the user type or open, in the fields of a step or of a remediation. */
export type Fix = Pick<Remediation, 'records' | 'commands' | 'alternatives' | 'links'>;

/** Lines that are shown together. */
export interface TypedGroup {
  readonly kind: 'records' | 'commands' | 'links';
  /** The case that the lines are for, with its colon. `null` when they are for any case. */
  readonly label: string | null;
  readonly lines: readonly string[];
}

/** The label of records that belong in the reverse zone, which few users run. */
export const REVERSE_ZONE_LABEL = 'Only if you run the reverse zone yourself:';

/** @returns the records for the user's own zones, and those that belong in a reverse zone. */
export function byZone(records: readonly RecordLine[]): { own: readonly RecordLine[]; reverse: readonly RecordLine[] } {
  const isReverse = ({ name }: RecordLine): boolean => /(?:^|\.)(?:in-addr|ip6)\.arpa$/.test(name);
  return { own: records.filter((record) => !isReverse(record)), reverse: records.filter(isReverse) };
}

/** @returns the commands for any case, and then those of each case under its label. */
export function commandGroups({ commands = [], alternatives = [] }: Fix): TypedGroup[] {
  const all = [
    { label: null, lines: commands },
    ...alternatives.map(({ label, commands: lines }) => ({ label: `${label}:`, lines })),
  ];
  return all.filter(({ lines }) => lines.length > 0).map((group) => ({ kind: 'commands', ...group }));
}

/**
 * @returns the records, commands and links of a fix. The records of the reverse zone come behind the commands, which most
 *   users need instead. Groups without lines are left out.
 */
export function typedGroups(fix: Fix): TypedGroup[] {
  const { own, reverse } = byZone(fix.records ?? []);
  const groups: TypedGroup[] = [
    { kind: 'records', label: null, lines: own.map(({ line }) => line) },
    ...commandGroups(fix),
    { kind: 'records', label: REVERSE_ZONE_LABEL, lines: reverse.map(({ line }) => line) },
    { kind: 'links', label: null, lines: fix.links ?? [] },
  ];
  return groups.filter(({ lines }) => lines.length > 0);
}
