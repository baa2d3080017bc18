/** Suggests the command that a user meant who typed another word. */
import { distance } from 'fastest-levenshtein';

/** @returns the command that is closest to the word, or `undefined` if none is close. */
export function nearCommand(word: string, commands: readonly string[]): string | undefined {
  const typed = word.trim().toLowerCase();
  return commands
    .map((command) => ({ command, edits: edits(typed, command) }))
    .filter(({ command, edits: needed }) => needed <= Math.max(1, Math.floor(command.length / 3)))
    .sort((a, b) => a.edits - b.edits)[0]?.command;
}

/** Returns the number of letters to change. Letters in the wrong order count once. */
function edits(typed: string, command: string): number {
  const isReordered = sorted(typed) === sorted(command);
  return Math.min(distance(typed, command), isReordered ? 1 : Number.POSITIVE_INFINITY);
}

const sorted = (text: string): string => [...text].sort().join('');
