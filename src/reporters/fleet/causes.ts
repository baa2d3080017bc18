/** Writes the end of a fleet run for people: the totals, then the findings by their codes, the worst first. */
import { count } from '../../report/count.ts';
import type { Cause, FleetSummary } from '../../report/fleet.ts';
import { printable } from '../printable.ts';
import type { ReporterOptions } from '../reporter.ts';
import { type Tones, tonesFor } from '../tones.ts';
import { MARKS, SEVERITY_STATUS } from '../words.ts';
import { totalsLines } from './words.ts';

/** The most causes that are printed. The rest is counted. */
const MAX_CAUSES = 40;

/** @returns the totals and the causes as lines. */
export function closingLines(summary: FleetSummary, { color }: Pick<ReporterOptions, 'color'>): string[] {
  const tones = tonesFor(color);
  const [totals = '', ...others] = totalsLines(summary).map(printable);
  const { causes } = summary;
  const shown = causes.slice(0, MAX_CAUSES);
  const width = Math.max(0, ...shown.map(({ code }) => code.length));
  const numbers = Math.max(0, ...shown.map((cause) => targetsText(cause).length));
  const rest = causes.length - shown.length;
  return [
    tones.bold(totals),
    ...others,
    ...(shown.length > 0 ? [''] : []),
    ...shown.map((cause) => causeLine(cause, tones, { width, numbers })),
    ...(rest > 0 ? [`  and ${count(rest, 'other finding')}`] : []),
  ];
}

const targetsText = ({ targets }: Cause): string => count(targets, 'target');

function causeLine(cause: Cause, tones: Tones, { width, numbers }: { width: number; numbers: number }): string {
  const { code, severity, targets, first, title } = cause;
  const status = SEVERITY_STATUS[severity];
  const more = targets > first.length ? ` … +${targets - first.length}` : '';
  const mark = tones.of(status)(MARKS[status].symbol);
  const names = `${first.map(printable).join(', ')}${more}`;
  return `  ${mark} ${printable(code).padEnd(width)}  ${targetsText(cause).padStart(numbers)}: ${names}  ${tones.dim(printable(title))}`;
}
