/**
 * Finds the version of a record in a text that was meant as SPF. Receivers recognise only a text that starts with
 * `v=spf1` and a space (RFC 7208 §4.5).
 */
import { isNear, isServiceToken } from './correct-term.ts';
import type { SpfSlip, SpfSlipKind } from './slip.ts';

export interface VersionReading {
  /** The text after the version. */
  readonly rest: string;
  readonly slips: readonly SpfSlip[];
  /**
   * How surely the text is meant as SPF: `exact` as published, `plain` with the letters of the version whole, `guess`
   * if other text may look like it. A guess counts only if terms and nothing else follow.
   */
  readonly certainty: 'exact' | 'plain' | 'guess';
}

/** Words before the version that came from a zone file or from the form of a provider. */
const LEADING_WORD = /^(?:@|in|txt|spf|record|value|content|data|text|\d+|[a-z0-9_.-]+\.)$/i;

/** The letters of the version, however they are separated. Another number is another version. */
const VERSION = /v(?:er(?:sion)?)?[\s=:;,.\-_~+]{0,4}spf[\s\-_.=:]{0,2}1(?:\.0)?(?![\d.]*\d)/i;

const SENDER_ID = /^(?:v=)?spf2(?:\.0)?(?:\/[a-z,]*)?(?:[;:, ]+|$)/i;

/** What may follow the version without a space: a separator, or a term. */
const AFTER =
  /^(?:$|[ ;:,.|"=]|[-~?+](?=[a-z])|(?=(?:all|a|mx|ptr|ipv?[46]?|include|exists|redirect|exp)(?:[:=/ .]|$))|(?=v=spf1))/i;

/** @returns the version in a text without quotation marks, or `null` when there is none. */
export function readVersion(text: string): VersionReading | null {
  const exact = /^v=spf1(?: |$)/i.exec(text);
  if (exact) return { rest: text.slice(exact[0].length), slips: [], certainty: 'exact' };
  const senderId = SENDER_ID.exec(text);
  if (senderId) return guess(senderId[0].trim(), text.slice(senderId[0].length), 'sender-id');
  return readPlain(text) ?? readMisspelt(text);
}

/** Reads a version whose letters are whole: `v = spf1`, `"SPF: v=spf1`, `v=spf1;`, `v=spf1include:`. */
function readPlain(text: string): VersionReading | null {
  const found = VERSION.exec(text.slice(0, 200));
  if (!found || !isLeading(text.slice(0, found.index))) return null;
  const [version] = found;
  const after = text.slice(found.index + version.length);
  if (!AFTER.test(after)) return null;
  const slips: SpfSlip[] = [];
  const words = text.slice(0, found.index).trim().split(/ +/);
  const tokens = words.filter(isServiceToken);
  const before = words.filter((word) => !tokens.includes(word)).join(' ');
  for (const token of tokens) slips.push({ kind: 'before-version', saw: token, meant: '' });
  if (before !== '') slips.push({ kind: 'before-version', saw: before, meant: '' });
  else if (found.index > 0 && tokens.length === 0) slips.push({ kind: 'before-version', saw: ' ', meant: '' });
  const isSpelt = version.toLowerCase() === 'v=spf1';
  if (!isSpelt) slips.push({ kind: 'version-spelling', saw: version, meant: 'v=spf1' });
  const separator = /^[;:,.|"=]+/.exec(after)?.[0] ?? '';
  if (after !== '' && !after.startsWith(' ')) {
    slips.push({
      kind: 'version-space',
      saw: `${version}${separator || after.split(' ')[0]}`,
      meant: `v=spf1 ${separator === '' ? after.split(' ')[0] : ''}`.trim(),
    });
  }
  const rest = [after.slice(separator.length), ...tokens].join(' ');
  return { rest, slips, certainty: isSpelt ? 'plain' : 'guess' };
}

/** Tells whether a text is nothing but signs and the words of a zone file or a form. */
function isLeading(text: string): boolean {
  return text
    .split(/ +/)
    .filter((word) => !isServiceToken(word))
    .join(' ')
    .split(/[\s"'\\()[\]{}<>=:;,|*~?+!-]+/)
    .every((word) => word === '' || word === '.' || LEADING_WORD.test(word));
}

/** The words of a zone file before a version that is misspelt. The word "spf" may be that version. */
const ZONE_FILE_WORDS = /^(?:(?:@|in|txt|\d+|[a-z0-9_.-]+\.) +)+/i;

/**
 * Reads a version with letters that are wrong, missing or in another order: `v=sfp1`, `vspf1`, `=spf1`, `v=spf`. Words
 * of a zone file may stand before it.
 */
function readMisspelt(text: string): VersionReading | null {
  const words = ZONE_FILE_WORDS.exec(text)?.[0] ?? '';
  if (words !== '') {
    const reading = readMisspelt(text.slice(words.length));
    const before: SpfSlip = { kind: 'before-version', saw: words.trim(), meant: '' };
    if (reading) return { ...reading, slips: [before, ...reading.slips] };
  }
  const start = /[a-z0-9]/i.exec(text)?.index ?? text.length;
  const first = text
    .slice(start, start + 40)
    .split(/(?<= )/)
    .slice(0, 3);
  let best: { readonly length: number; readonly edits: number } | null = null;
  for (let count = 1; count <= first.length; count += 1) {
    const piece = first.slice(0, count).join('');
    const letters = piece
      .toLowerCase()
      .replace(/\.0(?=\W*$)/, '')
      .replace(/[^a-z0-9|!]/g, '');
    // Another number is another version (§4.5).
    if (/^v?spf(?!11(?:\D|$))\d{2}/.test(letters)) return null;
    const edits = editsOf(letters);
    if (edits !== null && (best === null || edits < best.edits)) best = { length: piece.length, edits };
  }
  const glued =
    best === null
      ? /^v?[=:. -]{0,3}spf[=:;,. -]{0,2}(?=[-~?+]|(?:ip[46]|include|a|mx|all)\b)/i.exec(text.slice(start))
      : null;
  const length = best?.length ?? glued?.[0].length;
  if (length === undefined) return null;
  return guess(text.slice(0, start + length).trim(), text.slice(start + length), 'version-spelling');
}

/** @returns the number of wrong letters in a version, or `null` when it is none. */
function editsOf(letters: string): number | null {
  // The letter behind the version may be a term.
  if (/[a-eghjkm-uw-z]$/.test(letters)) return null;
  const read = letters.replace(/[il|!]$/, '1');
  for (const edits of [0, 1, 2]) {
    // Two wrong letters are a version only if "spf" is left.
    if (isNear(read, 'vspf1', edits) && (edits < 2 || read.includes('spf'))) return edits;
  }
  return null;
}

function guess(saw: string, rest: string, kind: SpfSlipKind): VersionReading {
  return { rest, slips: [{ kind, saw, meant: 'v=spf1' }], certainty: 'guess' };
}
