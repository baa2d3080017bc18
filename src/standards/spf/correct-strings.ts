/**
 * Joins the character strings of a TXT record as they were meant. Receivers join them without a space (RFC 7208 §3.3),
 * so that a record of a zone file without quotation marks, or one that was split between two terms, loses its spaces.
 */
import { hasKnownTop } from './correct-name.ts';
import { isPlausible, isWhole, readTerm, validTerm } from './correct-term.ts';
import type { SpfSlip } from './slip.ts';

/** @returns the text with a space wherever two strings end and begin with a whole term. Adds a slip for each place. */
export function joinStrings(strings: readonly string[], slips: SpfSlip[]): string {
  const parts = strings.filter((part) => part !== '');
  const [first = '', ...others] = parts;
  if (others.length === 0) return first;
  if (areWords(parts)) {
    const joined = parts.map((part) => part.trim()).join(' ');
    if (parts.join('') !== joined) slips.push({ kind: 'strings-joined', saw: parts.join(''), meant: joined });
    return joined;
  }
  let text = first;
  for (const part of others) {
    const left = text.slice(text.lastIndexOf(' ') + 1);
    const right = part.slice(0, `${part} `.indexOf(' '));
    if (left !== '' && right !== '' && isBoundary(left, right)) {
      const before = slips.at(-1);
      // A third string that joins the same word belongs to its slip.
      const isSameWord = before?.kind === 'strings-joined' && before.meant.endsWith(` ${left}`);
      const [saw, meant] = isSameWord ? [before.saw, before.meant] : [left, left];
      if (isSameWord) slips.pop();
      slips.push({ kind: 'strings-joined', saw: saw + right, meant: `${meant} ${right}` });
      text += ' ';
    }
    text += part;
  }
  return text;
}

/** Tells whether each string is one term, as in a zone file without quotation marks. */
function areWords(parts: readonly string[]): boolean {
  const [version = '', ...terms] = parts.map((part) => part.trim());
  const isVersion = /^v=spf1$/i.test(version) || isTerm(version);
  return isVersion && terms.length > 1 && terms.every((term) => !term.includes(' ') && isTerm(term));
}

function isTerm(text: string): boolean {
  const term = validTerm(text);
  return term !== undefined ? isPlausible(term) && term.kind !== 'unknown-modifier' : readTerm(text) !== null;
}

/** Tells whether two terms meet between two strings. The second half of a name or an address is no term. */
function isBoundary(left: string, right: string): boolean {
  if (/^v=spf1$/i.test(left)) return isTerm(right);
  const second = validTerm(right);
  if (!second || second.kind === 'unknown-modifier' || !isPlausible(second)) return false;
  const first = validTerm(left);
  if (!first || first.kind === 'unknown-modifier' || !isPlausible(first)) return false;
  const joined = validTerm(left + right);
  if (!joined || !isPlausible(joined)) return true;
  // Both readings are valid: "a:host.example.co" and "m", or a name that was split.
  return isWhole(left) && !hasKnownTop(left + right);
}
