/** Aligns the tables of `mailcheck providers` and `mailcheck dns-hosts`. */

/** @returns the rows as lines. Each column is as wide as its longest cell, so that no two cells touch. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)) + 1);
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('')
      .trimEnd(),
  );
}
