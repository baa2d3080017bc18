/** Tells equal things apart, since two findings of one code must not be about the same. */

/** @returns the texts, with a number behind each that has come before: `mx`, `a`, `mx (2)`. */
export function numbered(texts: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return texts.map((text) => {
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    return count === 1 ? text : `${text} (${count})`;
  });
}
