/** Orders the parts of the long help. */
import { type Command, Help } from 'commander';
import { RARE_OPTIONS } from './options/table.ts';

/** @returns the help of a command, with the options that few users need below everything else. */
export function formatLongHelp(command: Command, help: Help): string {
  const parts = Help.prototype.formatHelp.call(help, command, help).trimEnd().split('\n\n');
  const isRare = (part: string): boolean => part.startsWith(`${RARE_OPTIONS[0]}\n`);
  return `${[...parts.filter((part) => !isRare(part)), ...parts.filter(isRare)].join('\n\n')}\n`;
}
