/**
 * Recognises TXT records intended as SPF that receivers ignore, because they do not start with `v=spf1 ` (RFC 7208
 * §4.5).
 */
import type { OctetString } from '../../network/dns/answer.ts';
import { correctSyntax } from './correct-syntax.ts';
import { isSpfRecord } from './parse.ts';

export type NearMissCause =
  | 'leading-characters'
  | 'no-space-after-version'
  | 'misspelt-version'
  | 'sender-id'
  /** The record is valid, but it is at a name that no receiver queries. */
  | 'wrong-name';

export interface NearMiss {
  readonly cause: NearMissCause;
  /** The record that the owner most likely intended, or `null` when that is not clear. */
  readonly correct: string | null;
}

/** The no-break space of web pages: as octets of UTF-8, and as the single character that `\s` matches. */
const NO_BREAK_SPACE = { utf8: '\u00c2\u00a0', latin1: '\u00a0' };

/** White space, quotes and a byte order mark, as octets of UTF-8. */
const JUNK = /^(?:[\s"'\\]|\u00ef\u00bb\u00bf)+/;

/** White space and quotes at the end. The lookbehind prevents quadratic time for a long run of such characters. */
const TRAILING_JUNK = /(?<!["'\\\s])["'\\\s]+$/;

/** The patterns of wrong versions. The first group of each is the text after the version. */
const SHAPES: readonly { readonly cause: NearMissCause; readonly pattern: RegExp }[] = [
  { cause: 'no-space-after-version', pattern: /^v=spf1(?!\.0)(?:[;:,.\s]+|(?=[-~?+a-z]))(.*)$/is },
  { cause: 'misspelt-version', pattern: /^v\s*[=:]\s*spf\s*[-.]?\s*1(?:\.0)?(?![\d.])[;:,\s]*(.*)$/is },
  { cause: 'misspelt-version', pattern: /^spf1?(?:[;:,\s]+)(.*)$/is },
  { cause: 'misspelt-version', pattern: /^v=spf(?:[;:,\s]+)(.*)$/is },
  { cause: 'sender-id', pattern: /^(?:v=)?spf2(?:\.0)?(?:\/[a-z,]*)?(?:[;:,\s]+(.*))?$/is },
];

const TERM = /^(?:[-~?+]?(?:all|a|mx|ptr|ipv?[46]?|include|exists)(?:[:/\s]|$)|(?:redirect|exp)[=:])/i;

/**
 * Diagnoses a TXT record that is not an SPF record.
 *
 * @returns the mistake and the corrected record, or `undefined` for a valid record and for text that is not about SPF.
 */
export function nearMiss(text: OctetString): NearMiss | undefined {
  if (isSpfRecord(text)) return undefined;
  const plain = text.replaceAll(NO_BREAK_SPACE.utf8, NO_BREAK_SPACE.latin1);
  const bare = plain.replace(JUNK, '');
  const stripped = bare.replace(TRAILING_JUNK, '');
  if (bare !== plain && isSpfRecord(stripped)) return { cause: 'leading-characters', correct: correctSyntax(stripped) };
  for (const { cause, pattern } of SHAPES) {
    const match = pattern.exec(stripped);
    // Other text may also start with "SPF", so a term must follow the version.
    if (!match || (cause === 'misspelt-version' && !TERM.test(match[1] ?? ''))) continue;
    return { cause, correct: correctSyntax(`v=spf1 ${match[1] ?? ''}`.trim()) };
  }
  return undefined;
}
