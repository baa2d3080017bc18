/** Reads the terms of an SPF record from its text after the version. */
import { isPlainName } from './correct-name.ts';
import { isServiceToken, nameWithoutArgument, readTerm, validTerm } from './correct-term.ts';
import { type SpfSlip, slipsOf } from './slip.ts';

/** The terms that a text means, in its order. */
export interface Body {
  readonly terms: readonly string[];
  readonly slips: readonly SpfSlip[];
  /** Tokens of other services. */
  readonly tokens: readonly string[];
  /** The pieces that cannot be read. */
  readonly unread: readonly string[];
}

/** Words that people write between terms. */
const BETWEEN = /^(?:[,;|&]+|\+|and|und)$/i;

/** A tag of a DMARC record, which was pasted behind the terms. */
const DMARC_TAG = /^(?:v=DMARC1|(?:p|sp|np|t|psd|pct|fo|ri|rf|adkim|aspf|rua|ruf)=[^;]*)(?:;|$)/i;

interface Draft {
  readonly terms: string[];
  readonly slips: SpfSlip[];
  readonly tokens: string[];
  readonly unread: string[];
}

/** @returns the reading of the text after the version. Every word of it is in one of the lists. */
export function readBody(text: string): Body {
  const draft: Draft = { terms: [], slips: [], tokens: [], unread: [] };
  const words = joinedWords(
    text.split(' ').filter((each) => each !== ''),
    draft.slips,
  );
  let isDmarc = false;
  for (const word of words) {
    isDmarc ||= /^v=DMARC1;?$/i.test(word);
    if (isDmarc && DMARC_TAG.test(word)) draft.slips.push({ kind: 'dmarc-inside', saw: word, meant: '' });
    else readWord(word, draft);
  }
  return draft;
}

/** Joins the words of which one term was meant: `include: a.example`, `- all`, `ip4 : 192.0.2.1`, `192.0.2.0 /24`. */
function joinedWords(words: readonly string[], slips: SpfSlip[]): string[] {
  const joined: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const count = wordsOfTerm(words, index);
    const parts = words.slice(index, index + count);
    const [word = ''] = parts;
    if (count === 1) {
      joined.push(word);
      continue;
    }
    const isWritten =
      parts.some((part) => /[:=]/.test(part)) || !/[a-z]/i.test(word) || /^(?:\/|all$)/i.test(parts[1] ?? '');
    const separator = /^(?:redirect|exp)$/i.test(word) ? '=' : ':';
    const term = isWritten ? parts.join('') : `${word}${separator}${parts.slice(1).join('')}`;
    joined.push(term);
    slips.push({
      kind: isWritten ? 'space-inside' : separator === '=' ? 'equals-sign' : 'colon',
      saw: parts.join(' '),
      meant: readTerm(term)?.terms.join(' ') ?? term,
    });
    index += count - 1;
  }
  return joined;
}

/** @returns how many words belong to the term that begins at an index. */
function wordsOfTerm(words: readonly string[], index: number): number {
  const [word = '', next, afterNext] = words.slice(index, index + 3);
  if (next === undefined) return 1;
  if (/^[-~?+]$/.test(word)) return /^all\b/i.test(next) ? 2 : 1;
  // No name and no address ends in a sign.
  if (/[a-z0-9][-~?]$/i.test(word) && /^all$/i.test(next)) return 2;
  if (/^\/\d+$/.test(next) && /[^/]$/.test(word) && readTerm(word + next)) return 2;
  if (/[^/]\/$/.test(word) && /^\d+$/.test(next)) return 2;
  const name = nameWithoutArgument(word);
  if (name === null) return 1;
  const isOptional = name === 'a' || name === 'mx' || name === 'ptr';
  if (/^[:=]+$/.test(next) && afterNext !== undefined) return isOneTerm(word + next + afterNext) ? 3 : 1;
  if (/^[:=]/.test(next)) return isOneTerm(word + next) ? 2 : 1;
  const isOpen = /[:=]$/.test(word);
  // "a mail.example.com" may be the term "a" and a name.
  if (!isOpen && (isOptional || /\.$/.test(word))) return 1;
  if (isOptional && validTerm(next)) return 1;
  return validTerm(next) === undefined && isOneTerm(isOpen ? word + next : `${word}:${next}`) ? 2 : 1;
}

/** Tells whether a text means terms that receivers know. */
function isOneTerm(text: string): boolean {
  return readTerm(text)?.terms.every((term) => validTerm(term)?.kind !== 'unknown-modifier') ?? false;
}

function readWord(word: string, draft: Draft): void {
  if (BETWEEN.test(word)) {
    draft.slips.push({ kind: 'separator', saw: word, meant: '' });
    return;
  }
  if (/^v=spf1[,;.]*$/i.test(word)) {
    draft.slips.push({ kind: 'version-twice', saw: word, meant: '' });
    return;
  }
  if (isServiceToken(word)) {
    draft.tokens.push(word.replace(/[,;]+$/, ''));
    return;
  }
  if (accept(word, draft)) return;
  const separators = /^[-~?+]?include:[^%/]+\.[^%/]+\/[^%/]+\.[^%/]+$/i.test(word) ? /[,;|&/]+/ : /[,;|&]+/;
  const parts = word.split(separators).filter((part) => part !== '');
  const whole = parts.length > 1 ? readTerm(word.replace(/[,;|]/g, '.')) : null;
  const known = draft.terms.length;
  const rest: Draft = { terms: [...draft.terms], slips: [], tokens: [], unread: [] };
  for (const part of parts) {
    if (isServiceToken(part)) rest.tokens.push(part);
    else if (!accept(part, rest) && !acceptName(part, rest)) rest.unread.push(part);
  }
  const isRead = parts.length > 0 && rest.unread.length === 0;
  if (isRead) {
    const terms = rest.terms.slice(known);
    if (parts.length > 1 || parts[0] !== word) {
      draft.slips.push({ kind: 'separator', saw: word, meant: terms.join(' ') });
    }
    draft.terms.push(...terms);
    draft.slips.push(...rest.slips);
    draft.tokens.push(...rest.tokens);
  } else if (whole) {
    draft.terms.push(...whole.terms);
    draft.slips.push({ kind: 'punctuation', saw: word, meant: whole.terms.join(' ') });
  } else if (validTerm(word)) {
    draft.terms.push(word);
  } else {
    draft.unread.push(word);
  }
}

/** Adds the reading of a word that is one term, or several without a space. */
function accept(word: string, draft: Draft): boolean {
  const reading = readTerm(word);
  // The grammar allows separators in names that no host has.
  if (!reading || reading.terms.some(hasSeparator)) return false;
  draft.terms.push(...reading.terms);
  draft.slips.push(...slipsOf(reading.kinds, word, reading.terms.join(' ')));
  return true;
}

function hasSeparator(text: string): boolean {
  return (
    /[,;|&]|^[-~?+]?include:[^/]*\//i.test(text) && !text.includes('%') && validTerm(text)?.kind !== 'unknown-modifier'
  );
}

/** Adds a name without a mechanism: it has the one of the name before it. A name with "_" is not a host's. */
function acceptName(word: string, draft: Draft): boolean {
  const name = word.replace(/[.:]+$/, '');
  if (!isPlainName(name)) return false;
  const before = /^([-~?+]?(?:include|a|mx|exists):)./i.exec(draft.terms.at(-1) ?? '')?.[1];
  const mechanism = before ?? (/(?:^|\.)_/.test(name) ? 'include:' : undefined);
  if (mechanism === undefined) return false;
  draft.terms.push(mechanism + name);
  draft.slips.push({ kind: 'name-alone', saw: word, meant: mechanism + name });
  return true;
}
