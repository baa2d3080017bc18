/** Says how a user names a configuration file that is not used, or not in full, by itself. */
import { shellWord } from '../../check/rules/pasted.ts';
import { shownFile } from './source.ts';

/** @returns what to type so that the file is used as the user's own. */
export function byName(file: string): string {
  const word = shellWord(shownFile(file));
  return word === undefined ? 'rename it, and name it with --config' : `type --config ${word}`;
}
