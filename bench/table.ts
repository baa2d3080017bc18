/**
 * Formats the results of the benchmarks: one row for each comparison, whose two sides were measured in the same run.
 */

/** One comparison. */
export interface Row {
  readonly what: string;
  /** The value of mailcheck, with its unit. */
  readonly own: string;
  /** The value that it is compared with, with its unit. */
  readonly other: string;
  /** The name of the other side. */
  readonly against: string;
  /** The value of mailcheck divided by the other value. */
  readonly ratio: number;
  /** The highest ratio that meets the target. It is absent for a row without a target. */
  readonly atMost?: number;
  /** The lowest ratio that meets the target, for a row in which more is better. */
  readonly atLeast?: number;
}

const HEAD = ['', 'mailcheck', 'compared', 'with', 'ratio', 'target'] as const;

/** @returns the table of all comparisons, each with its target and whether it meets it. */
export function rowTable(rows: readonly Row[]): string {
  return table(
    HEAD,
    rows.map((row) => [row.what, row.own, row.other, row.against, row.ratio.toFixed(2), targetOf(row)]),
  );
}

/** @returns whether the row has a target and does not meet it. */
export function isMissed({ ratio, atMost = Number.POSITIVE_INFINITY, atLeast = 0 }: Row): boolean {
  return ratio > atMost || ratio < atLeast;
}

/** @returns the target of a row, and whether the row meets it. */
function targetOf(row: Row): string {
  const bound =
    row.atMost !== undefined
      ? `≤ ${row.atMost.toFixed(2)}`
      : row.atLeast !== undefined
        ? `≥ ${row.atLeast.toFixed(2)}`
        : null;
  return bound === null ? 'none' : `${bound} ${isMissed(row) ? 'MISSED' : 'met'}`;
}

/** @returns the cells in aligned columns, for a terminal or a code block. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => [...(row[column] ?? '')].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** @returns the middle value, or NaN if there are no values. Of an even number of values it is the upper middle one. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
