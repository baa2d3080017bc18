/**
 * Reads the characters of a TXT record that a person typed or pasted. Word processors, web pages and input methods put
 * characters beyond ASCII in the place of the ones that were meant.
 */
import type { SpfSlip, SpfSlipKind } from './slip.ts';

/** A class of characters, and the ASCII text that was meant by each of them. */
interface CharacterClass {
  readonly kind: SpfSlipKind;
  readonly pattern: RegExp;
  readonly meant: string;
}

const CLASSES: readonly CharacterClass[] = [
  {
    kind: 'typographic-dash',
    pattern: /[\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d\u0096\u0097]/g,
    meant: '-',
  },
  {
    kind: 'typographic-quote',
    pattern: /[\u00ab\u00b4\u00bb\u2018-\u201f\u2032\u2033\u2039\u203a\u300c\u300d\uff02\uff07\u0091-\u0094]/g,
    meant: '"',
  },
  { kind: 'odd-space', pattern: /[\t-\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g, meant: ' ' },
  { kind: 'look-alike', pattern: /[\u02dc\u2053\u223c\u301c\uff5e]/g, meant: '~' },
  { kind: 'look-alike', pattern: /[\u02d0\u2236\ua789\uff1a]/g, meant: ':' },
  { kind: 'look-alike', pattern: /[\u2044\u2215\uff0f]/g, meant: '/' },
  { kind: 'look-alike', pattern: /[\u3002\uff0e\uff61]/g, meant: '.' },
  { kind: 'look-alike', pattern: /[\u3001\uff0c]/g, meant: ',' },
  { kind: 'look-alike', pattern: /[\u037e\uff1b]/g, meant: ';' },
  {
    kind: 'invisible',
    pattern: /[\u0000-\u0008\u000e-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
    meant: '',
  },
];

/** The characters of full width that stand for the printable ASCII characters. */
const FULL_WIDTH = /[\uff01-\uff5e]/g;
const FULL_WIDTH_OFFSET = 0xff01 - 0x21;

/** The Cyrillic and Greek letters that look like Latin ones, each with that letter. */
const TWINS: ReadonlyMap<string, string> = new Map([
  ...[...'\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455\u0501\u04cf'].map(
    (letter, index) => [letter, 'aeopcxyijsdl'.charAt(index)] as const,
  ),
  ...[...'\u03b1\u03bf\u03bd\u03b9\u03c1'].map((letter, index) => [letter, 'aovip'.charAt(index)] as const),
]);

/** The names of terms that consist of letters with twins. */
const TWIN_NAMES = /^(?:a|exp)$/;

/** @returns the word with Latin letters for their twins. A label that has no Latin letter is of another language. */
function withoutTwins(word: string): string {
  return word.replace(/[\p{L}\d]+/gu, (run) => {
    const latin = [...run].map((letter) => TWINS.get(letter) ?? letter).join('');
    const isMixed = /[a-z]/i.test(run) || TWIN_NAMES.test(latin);
    return isMixed && /^[\x20-\x7e]*$/.test(latin) ? latin : run;
  });
}

/** A hyphen that is shown only at the end of a line. At the start of a term it was typed as the sign of "all". */
const SOFT_HYPHEN = /\u00ad/g;
const LEADING_SOFT_HYPHEN = /(^|[ "])\u00ad(?=\w)/g;

/**
 * Writes each character of the letters as the ASCII character that was meant. Letters of names stay as they are.
 *
 * @param slips gets a slip for each class of characters in each word.
 */
export function asTyped(letters: string, slips: SpfSlip[]): string {
  // Almost all records are plain.
  if (/^[\x20-\x7e]*$/.test(letters)) return letters;
  const words = letters.split(/(?<= )/);
  return words.map((word) => wordAsTyped(word, slips)).join('');
}

function wordAsTyped(word: string, slips: SpfSlip[]): string {
  if (/^[\x20-\x7e]*$/.test(word)) return word;
  let typed = word;
  const found = new Set<SpfSlipKind>();
  const replace = (kind: SpfSlipKind, pattern: RegExp, meant: string | ((found: string) => string)) => {
    const next = typeof meant === 'string' ? typed.replace(pattern, meant) : typed.replace(pattern, meant);
    if (next !== typed) found.add(kind);
    typed = next;
  };
  for (const { kind, pattern, meant } of CLASSES) replace(kind, pattern, meant);
  replace('look-alike', FULL_WIDTH, (wide) => String.fromCharCode(wide.charCodeAt(0) - FULL_WIDTH_OFFSET));
  const latin = withoutTwins(typed);
  if (latin !== typed) found.add('look-alike');
  typed = latin;
  replace('typographic-dash', LEADING_SOFT_HYPHEN, '$1-');
  replace('invisible', SOFT_HYPHEN, '');
  for (const kind of found) slips.push({ kind, saw: word.trim(), meant: typed.replace(/"/g, '').trim() });
  return typed;
}
