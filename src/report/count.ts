/** @returns `singular` or its plural with the number before it: `1 check`, `2 checks`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}
