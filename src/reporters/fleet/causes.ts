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
  const causes = causeLines(summary, tones);
  return [tones.bold(totals), ...others, ...(causes.length > 0 ? ['', ...causes] : [])];
}

/**
 * @param width the longest line, in columns. A longer line leaves out its title, and then names. There is no limit without it.
 * @returns a line for each finding, with the targets that have it.
 */
export function causeLines(
  { causes }: Pick<FleetSummary, 'causes'>,
  tones: Tones,
  width = Number.POSITIVE_INFINITY,
): string[] {
  const shown = causes.slice(0, MAX_CAUSES);
  const codes = Math.max(0, ...shown.map(({ code }) => code.length));
  const numbers = Math.max(0, ...shown.map((cause) => targetsText(cause).length));
  const rest = causes.length - shown.length;
  return [
    ...shown.map((cause) => causeLine(cause, tones, { codes, numbers, width })),
    ...(rest > 0 ? [`  and ${count(rest, 'other finding')}`] : []),
  ];
}

const targetsText = ({ targets }: Cause): string => count(targets, 'target');

function causeLine(
  cause: Cause,
  tones: Tones,
  { codes, numbers, width }: { readonly codes: number; readonly numbers: number; readonly width: number },
): string {
  const status = SEVERITY_STATUS[cause.severity];
  const mark = MARKS[status].symbol;
  const head = `${printable(cause.code).padEnd(codes)}  ${targetsText(cause).padStart(numbers)}`;
  const title = `  ${printable(cause.title)}`;
  const lengths = cause.first.map((_, index) => cause.first.length - index);
  const forms = [
    [`: ${namesText(cause, cause.first.length)}`, title],
    ...lengths.map((most) => [`: ${namesText(cause, most)}`, '']),
    ['', ''],
  ] as const;
  const [names, words] = forms.find(([one, other]) => `  ${mark} ${head}${one}${other}`.length <= width) ?? ['', ''];
  return `  ${tones.of(status)(mark)} ${head}${names}${tones.dim(words)}`;
}

/** @returns the first names, and how many others there are. */
function namesText({ targets, first }: Cause, most: number): string {
  const names = first.slice(0, most);
  const more = targets > names.length ? ` … +${targets - names.length}` : '';
  return `${names.map(printable).join(', ')}${more}`;
}
