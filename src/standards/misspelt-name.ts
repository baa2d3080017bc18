/** Recognises a name that differs from another one by a slip of the hand. */
import { canonicalName } from '../network/domain.ts';

/** The least number of characters of a label in which a slip shows: `mx` and `mc` are two names. */
const MIN_LABEL = 4;

/**
 * Compares two names label by label. A slip is one pair of neighbours in the wrong order, one letter left out, or one
 * letter typed twice. Digits number hosts (`mx1`, `mx11`), so a difference in digits is no slip. Nor is another letter:
 * `smail` may be a host beside `mail`.
 *
 * @returns whether the name is the right one with a slip in one of its labels.
 */
export function isMisspelling(name: string, right: string): boolean {
  const typed = canonicalName(name).split('.');
  const meant = canonicalName(right).split('.');
  if (typed.length !== meant.length) return false;
  const different = meant.flatMap((label, index) => {
    const other = typed[index] ?? '';
    return label === other ? [] : [{ label, other }];
  });
  const [only] = different;
  return different.length === 1 && only !== undefined && isSlip(only.other, only.label);
}

function isSlip(typed: string, meant: string): boolean {
  if (meant.length < MIN_LABEL) return false;
  let same = 0;
  while (same < meant.length && typed[same] === meant[same]) same += 1;
  const isAt = (slip: string): boolean => `${meant.slice(0, same)}${slip}` === typed;
  const [first = '', second = ''] = meant.slice(same);
  const previous = meant[same - 1] ?? '';
  const rest = meant.slice(same + 1);
  if (isLetters(first, second) && isAt(`${second}${first}${meant.slice(same + 2)}`)) return true;
  if (isLetters(first) && isAt(rest)) return true;
  return isLetters(previous) && isAt(`${previous}${meant.slice(same)}`);
}

const isLetters = (...characters: readonly string[]): boolean => characters.every((one) => /^[a-z]$/.test(one));
