/** What a benchmark says: one row per comparison, both sides measured in the same run. */

export interface Row {
  readonly what: string;
  /** What mailcheck took or did. */
  readonly own: string;
  readonly other: string;
  /** What it is compared with. */
  readonly against: string;
  /** Own over other: below 1 is less of it. */
  readonly ratio: number;
  /** The ratio that must not be passed; absent where the row is for information. */
  readonly atMost?: number;
}

const HEAD = ['', 'mailcheck', 'compared', 'with', 'ratio', 'target'] as const;

export function rowTable(rows: readonly Row[]): string {
  return table(
    HEAD,
    rows.map(({ what, own, other, against, ratio, atMost }) => [
      what,
      own,
      other,
      against,
      ratio.toFixed(2),
      atMost === undefined ? '' : `≤ ${atMost.toFixed(2)} ${ratio <= atMost ? 'met' : 'MISSED'}`,
    ]),
  );
}

/** Cells in columns, for a terminal or a text block. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => [...(row[column] ?? '')].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
