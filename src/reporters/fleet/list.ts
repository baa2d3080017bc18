/** Writes a fleet for a terminal: one line for each target as it ends, then the totals and the causes. */
import type { FleetEntry, FleetSummary } from '../../report/fleet.ts';
import type { FleetReporter } from '../fleet-reporter.ts';
import { printable } from '../printable.ts';
import type { ReporterOptions } from '../reporter.ts';
import { tonesFor } from '../tones.ts';
import { MARKS } from '../words.ts';
import { closingLines } from './causes.ts';
import { worstFindings } from './words.ts';

/** The most findings in the line of a target. The first ones are the worst. */
const MAX_FINDINGS = 3;

/** The most addresses in the line of a target. */
const MAX_ADDRESSES = 4;

/** The width of the longest word of a verdict. */
const WORD_WIDTH = Math.max(...Object.values(MARKS).map(({ word }) => word.length));

export const list = {
  entry: (entry: FleetEntry, options: ReporterOptions) => `${targetLine(entry, options)}\n`,
  end: (summary: FleetSummary, options: ReporterOptions) => `\n${closingLines(summary, options).join('\n')}\n`,
} satisfies FleetReporter;

/** What the line of a target needs. */
type Told = Pick<FleetEntry, 'report'> & Partial<Pick<FleetEntry, 'change'>>;

/** @returns the line of one target. */
export function targetLine(entry: Told, { color }: Pick<ReporterOptions, 'color'>): string {
  const tones = tonesFor(color);
  const { verdict, target } = entry.report;
  const { symbol, word } = MARKS[verdict];
  const mark = tones.of(verdict)(`${symbol} ${word}`);
  const rest = ' '.repeat(WORD_WIDTH - word.length);
  const what = [findingsText(entry), changeText(entry)].filter((text) => text !== '').join('; ');
  const ips = shortened(target.ips, MAX_ADDRESSES).join(' ');
  const name = tones.bold(printable(target.domain));
  return `${mark}${rest}  ${name}${ips === '' ? '' : ` ${printable(ips)}`}${what === '' ? '' : `  ${printable(what)}`}`;
}

function findingsText(entry: Told): string {
  const titles = new Map(worstFindings(entry).map(({ code, title }) => [code, title]));
  const [first, ...others] = shortened(
    [...titles].map(([code, title], index) => (index === 0 ? `${title} (${code})` : code)),
    MAX_FINDINGS,
  );
  return first === undefined ? '' : [first, ...others].join(', ');
}

function changeText({ change }: Told): string {
  return change === undefined || change.state === 'same' ? '' : `since the last run: ${change.state}`;
}

/** @returns the first items, and how many others there are. */
function shortened(items: readonly string[], most: number): string[] {
  return items.length <= most ? [...items] : [...items.slice(0, most), `+${items.length - most}`];
}
