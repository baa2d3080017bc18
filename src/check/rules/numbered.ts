/** Numbers equal items, because two findings with the same code must not have the same object. */

/** @returns the texts in order. A repeated text gets a number: `mx`, `a`, `mx (2)`. */
export function numbered(texts: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return texts.map((text) => {
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    return count === 1 ? text : `${text} (${count})`;
  });
}
