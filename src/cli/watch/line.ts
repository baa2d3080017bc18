/** The lines that `mailcheck watch` prints of a run. */
import type { ChangedFinding, FleetSummary } from '../../report/fleet.ts';
import { totalsLines } from '../../reporters/fleet/words.ts';
import type { ChangedTarget } from '../webhook/body.ts';

/** The most changed targets that are printed of one run. */
const MAX_TARGETS = 20;
/** The most findings that are printed of one target in each direction. */
const MAX_FINDINGS = 5;

/** @returns the time without fractions of a second: `2026-11-30T10:00:00Z`. */
export function timeText(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** @returns the lines about a run: its totals, and what changed in which target. They are not yet safe to print. */
export function runLines(summary: FleetSummary, changed: readonly ChangedTarget[]): string[] {
  const shown = changed.slice(0, MAX_TARGETS);
  return [
    `${timeText(Date.parse(summary.endedAt))} ${totalsLines(summary).join('. ')}`,
    ...shown.map(targetLine),
    ...(changed.length > shown.length ? ['  and more'] : []),
    ...goneLine(summary),
  ];
}

function goneLine({ changes }: FleetSummary): string[] {
  if (changes === undefined || changes.gone.count === 0) return [];
  const { count, first } = changes.gone;
  const shown = first.slice(0, MAX_TARGETS);
  return [`  gone: ${shown.join(', ')}${count > shown.length ? ` +${count - shown.length}` : ''}`];
}

function targetLine({ domain, ips, worse, better }: ChangedTarget): string {
  const at = ips.length === 1 ? ` ${ips[0]}` : '';
  const parts = [partOf('worse', worse), partOf('better', better)].filter((part) => part !== '');
  return `  ${domain}${at}: ${parts.join('; ')}`;
}

function partOf(word: string, findings: readonly ChangedFinding[]): string {
  if (findings.length === 0) return '';
  const shown = findings.slice(0, MAX_FINDINGS).map(({ code, subject }) => `${code} (${subject})`);
  const rest = findings.length - shown.length;
  return `${word}: ${shown.join(', ')}${rest > 0 ? ` +${rest}` : ''}`;
}
