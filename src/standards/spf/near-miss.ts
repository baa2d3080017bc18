/** TXT records that were meant as SPF but are not selected, since they do not start with `v=spf1` and a space (RFC 7208 §4.5). */
import type { OctetString } from '../../network/dns/answer.ts';
import { correctSyntax } from './correct-syntax.ts';
import { isSpfRecord } from './parse.ts';

export type NearMissCause =
  | 'leading-characters'
  | 'no-space-after-version'
  | 'misspelt-version'
  | 'sender-id'
  /** A valid record, at a name where nobody looks. */
  | 'wrong-name';

export interface NearMiss {
  readonly cause: NearMissCause;
  /** The record that was meant; `null` where that is not clear. */
  readonly correct: string | null;
}

/** The no-break space of a web page, in octets of UTF-8 and as the one character that `\s` knows. */
const NO_BREAK_SPACE = { utf8: '\u00c2\u00a0', latin1: '\u00a0' };

/** White space, quotes and a byte order mark, as octets. */
const JUNK = /^(?:[\s"'\\]|\u00ef\u00bb\u00bf)+/;

/** The pattern starts at the first of a run only: if it could start at each, a long run would take forever. */
const TRAILING_JUNK = /(?<!["'\\\s])["'\\\s]+$/;

/** The first group of a pattern is what follows the version. */
const SHAPES: readonly { readonly cause: NearMissCause; readonly pattern: RegExp }[] = [
  { cause: 'no-space-after-version', pattern: /^v=spf1(?!\.0)(?:[;:,.\s]+|(?=[-~?+a-z]))(.*)$/is },
  { cause: 'misspelt-version', pattern: /^v\s*[=:]\s*spf\s*[-.]?\s*1(?:\.0)?(?![\d.])[;:,\s]*(.*)$/is },
  { cause: 'misspelt-version', pattern: /^spf1?(?:[;:,\s]+)(.*)$/is },
  { cause: 'misspelt-version', pattern: /^v=spf(?:[;:,\s]+)(.*)$/is },
  { cause: 'sender-id', pattern: /^(?:v=)?spf2(?:\.0)?(?:\/[a-z,]*)?(?:[;:,\s]+(.*))?$/is },
];

const TERM = /^(?:[-~?+]?(?:all|a|mx|ptr|ipv?[46]?|include|exists)(?:[:/\s]|$)|(?:redirect|exp)[=:])/i;

/** @returns what is wrong with a TXT record that was meant as SPF; `undefined` for one that was not, or that is SPF. */
export function nearMiss(text: OctetString): NearMiss | undefined {
  if (isSpfRecord(text)) return undefined;
  const plain = text.replaceAll(NO_BREAK_SPACE.utf8, NO_BREAK_SPACE.latin1);
  const bare = plain.replace(JUNK, '');
  const stripped = bare.replace(TRAILING_JUNK, '');
  if (bare !== plain && isSpfRecord(stripped)) return { cause: 'leading-characters', correct: correctSyntax(stripped) };
  for (const { cause, pattern } of SHAPES) {
    const match = pattern.exec(stripped);
    // Prose may begin with "SPF", too: then what follows must be a term.
    if (!match || (cause === 'misspelt-version' && !TERM.test(match[1] ?? ''))) continue;
    return { cause, correct: correctSyntax(`v=spf1 ${match[1] ?? ''}`.trim()) };
  }
  return undefined;
}
