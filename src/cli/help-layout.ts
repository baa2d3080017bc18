/** Orders the parts of the long help. */
import { RARE_OPTIONS } from './options/table.ts';

/** @returns the help of a command, with the options that few users need below everything else. */
export function withRareOptionsLast(text: string): string {
  const parts = text.trimEnd().split('\n\n');
  const isRare = (part: string): boolean => part.startsWith(`${RARE_OPTIONS[0]}\n`);
  return `${[...parts.filter((part) => !isRare(part)), ...parts.filter(isRare)].join('\n\n')}\n`;
}
