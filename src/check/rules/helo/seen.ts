/** Says which HELO name was seen, and where. */
import { heloSourceWords } from '../../../report/helo-words.ts';
import type { HeloName } from '../../facts/helo-name.ts';
import { seenTexts } from '../seen.ts';

/** @returns the name of each address with its source: `mail.example.com (from its SMTP greeting)`. */
export function seenHelo(names: readonly HeloName[]): string {
  return seenTexts(
    names.map((helo) => (helo.name === null ? 'not known' : `${helo.name} (${heloSourceWords(helo.source)})`)),
  );
}
