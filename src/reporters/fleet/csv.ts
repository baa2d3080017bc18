/**
 * Writes a fleet as CSV (RFC 4180), one row for each target. A spreadsheet runs a cell that begins like a formula, so such
 * a cell begins with an apostrophe instead.
 */
import type { FleetEntry } from '../../report/fleet.ts';
import type { FleetReporter } from '../fleet-reporter.ts';
import { printable } from '../printable.ts';
import { worstFindings } from './words.ts';

const COLUMNS = ['domain', 'ips', 'verdict', 'exit_code', 'errors', 'warnings', 'unknown', 'tags', 'change', 'place'];

export const csv = {
  begin: () => rowOf(COLUMNS),
  entry: (entry: FleetEntry) => {
    const { report, exitCode, tags, change, place } = entry;
    const codes = (severity: string): string =>
      [...new Set(worstFindings(entry).flatMap((finding) => (finding.severity === severity ? finding.code : [])))].join(
        ' ',
      );
    return rowOf([
      report.target.domain,
      report.target.ips.join(' '),
      report.verdict,
      String(exitCode),
      codes('error'),
      codes('warning'),
      codes('inconclusive'),
      tags.join(' '),
      change?.state ?? '',
      place,
    ]);
  },
} satisfies FleetReporter;

function rowOf(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/**
 * @returns the text as one cell, which no spreadsheet takes for a formula. In some countries a spreadsheet separates cells
 *   by semicolons, whatever the quotes say, so what stands behind one is a cell too.
 */
function cellOf(text: string): string {
  const shown = printable(text);
  const begun = /^\s*[=+\-@\t\r]/.test(text) ? `'${shown}` : shown;
  const safe = begun.replace(/;(?=[\s"]*[=+\-@])/g, ";'");
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
