/** Groups what a fix has the user type or open. Every format shows the same groups with the same labels. */
import type { AdviceStep, Remediation } from '../report/status.ts';

type RecordLine = AdviceStep['records'][number];

/** What a fix has the user type or open, in the fields of a step or of a remediation. */
export type Fix = Pick<Remediation, 'records' | 'commands' | 'alternatives' | 'links' | 'atDnsHost'>;

/** Lines that are shown together. A `place` says where the records before it are published, by which commands if any. */
export interface TypedGroup {
  readonly kind: 'records' | 'place' | 'commands' | 'links';
  /** The case that the lines are for, with its colon. `null` when they are for any case. */
  readonly label: string | null;
  readonly lines: readonly string[];
}

/** The label of records that belong in the reverse zone, which few users run. */
export const REVERSE_ZONE_LABEL = 'Only if you run the reverse zone yourself:';

/** The label of links that follow lines for one case only. Without it they would read as part of that case. */
export const LINKS_LABEL = 'See also:';

/** @returns the records for the user's own zones, and those that belong in a reverse zone. */
export function byZone(records: readonly RecordLine[]): { own: readonly RecordLine[]; reverse: readonly RecordLine[] } {
  const isReverse = ({ name }: RecordLine): boolean => /(?:^|\.)(?:in-addr|ip6)\.arpa$/.test(name);
  return { own: records.filter((record) => !isReverse(record)), reverse: records.filter(isReverse) };
}

/** @returns where the records of a fix are published: the commands at each DNS host, or its console. */
export function placeGroups({ atDnsHost = [] }: Fix): TypedGroup[] {
  return atDnsHost.map(({ label, commands }) => ({
    kind: 'place',
    label: commands.length > 0 ? `${label}:` : `${label}.`,
    lines: commands,
  }));
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
 * @returns the records with where they are published, the commands and the links of a fix. The records of the reverse zone come behind the commands, which most
 *   users need instead. Groups without lines are left out.
 */
export function typedGroups(fix: Fix): TypedGroup[] {
  const { own, reverse } = byZone(fix.records ?? []);
  const all: TypedGroup[] = [
    { kind: 'records', label: null, lines: own.map(({ line }) => line) },
    ...placeGroups(fix),
    ...commandGroups(fix),
    { kind: 'records', label: REVERSE_ZONE_LABEL, lines: reverse.map(({ line }) => line) },
  ];
  const groups = all.filter(({ kind, lines }) => kind === 'place' || lines.length > 0);
  const links = fix.links ?? [];
  if (links.length === 0) return groups;
  const isLabelled = groups.some(({ label }) => label !== null);
  return [...groups, { kind: 'links', label: isLabelled ? LINKS_LABEL : null, lines: links }];
}
