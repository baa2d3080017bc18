/** @returns the number followed by the singular or plural: `1 check`, `2 checks`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}
