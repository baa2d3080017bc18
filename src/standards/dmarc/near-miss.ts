/** Recognises TXT records at a `_dmarc` name that were intended as DMARC records but that receivers ignore. */
import { HISTORIC_TAGS, isDmarcRecord, KNOWN_TAGS } from './record.ts';

export type NearMissCause =
  /** The value is a whole line of a zone file. */
  | 'zone-file-line'
  /** The value contains a byte order mark, a zero-width space or a no-break space. */
  | 'invisible-characters'
  /** The value contains `\;` instead of `;`. */
  | 'escaped-semicolon'
  /** The value contains straight or typographic quotation marks. */
  | 'quotes'
  /** There is whitespace before `v=`. */
  | 'leading-space'
  /** The version has the wrong case: `v=dmarc1`, `V=DMARC1`. */
  | 'version-case'
  /** The version is misspelt: `v=DMARC 1`, `v:DMARC1`, `v=DMARC-1`. */
  | 'version-spelling'
  /** A space, a comma or nothing separates two tags instead of a semicolon. */
  | 'missing-semicolon'
  /** `v=DMARC1` is not the first tag. */
  | 'version-not-first'
  /** There is no `v=`. */
  | 'no-version'
  /** The value has only semicolons and whitespace. */
  | 'empty'
  /** The value is about DMARC, but no repair makes it a record. */
  | 'unrecognised';

export interface NearMiss {
  readonly text: string;
  readonly causes: readonly [NearMissCause, ...NearMissCause[]];
  /** The record that the owner most likely intended, or `null` when that is not clear. */
  readonly correct: string | null;
}

/** Longest text that is searched for mistakes, in octets. Policy records are far shorter. */
const MAX_DIAGNOSED = 4096;

const TAG_NAMES = [...KNOWN_TAGS, ...HISTORIC_TAGS].join('|');
const MISSING_SEPARATOR = new RegExp(`(?<=[^;\\s,])[ \\t,]{1,20}(?=(?:${TAG_NAMES})=)`, 'g');

/** The repair for each mistake. They are applied in this order until the text is a DMARC record. */
const REPAIRS: readonly { readonly cause: NearMissCause; readonly apply: (text: string) => string }[] = [
  { cause: 'zone-file-line', apply: (text) => text.replace(/^[^;"]{0,260}\bTXT[ \t(]{1,20}(?=["v])/i, '') },
  {
    cause: 'invisible-characters',
    apply: (text) => text.replace(/\xef\xbb\xbf|\xe2\x80[\x8b-\x8f]|\xe2\x81\xa0/g, '').replace(/\xc2?\xa0/g, ' '),
  },
  { cause: 'escaped-semicolon', apply: (text) => text.replace(/\\;/g, ';') },
  { cause: 'quotes', apply: (text) => text.replace(/\xe2\x80[\x98-\x9f]|\\?"|'/g, '') },
  { cause: 'leading-space', apply: (text) => text.replace(/^\s+/, '') },
  { cause: 'version-case', apply: (text) => text.replace(/^v([ \t]*=[ \t]*)dmarc1\b/i, 'v$1DMARC1') },
  {
    cause: 'version-spelling',
    apply: (text) => text.replace(/^v[ \t]{0,9}[=:][ \t]{0,9}dmarc[ \t_.-]{0,9}1(?![0-9])/i, 'v=DMARC1'),
  },
  {
    cause: 'missing-semicolon',
    apply: (text) => text.replace(/^(v=DMARC1)(?=[a-z]{1,5}=)/, '$1; ').replace(MISSING_SEPARATOR, '; '),
  },
  { cause: 'version-not-first', apply: versionFirst },
  { cause: 'no-version', apply: (text) => (/^p[ \t]*=/.test(text) ? `v=DMARC1; ${text}` : text) },
];

/**
 * Diagnoses a TXT record that is not a DMARC record.
 *
 * @returns the mistakes and the repaired record, or `undefined` for a valid record and for text that is not about
 *   DMARC.
 */
export function diagnoseNearMiss(text: string): NearMiss | undefined {
  if (isDmarcRecord(text)) return undefined;
  if (/^[;\s]*$/.test(text)) return { text, causes: ['empty'], correct: null };
  if (!/dmarc/i.test(text) && !/(?:^|[;\s"])p[ \t]*=[ \t]*"?(?:none|quarantine|reject)\b/i.test(text)) return undefined;
  const causes: NearMissCause[] = [];
  let current = text;
  if (text.length <= MAX_DIAGNOSED) {
    for (const { cause, apply } of REPAIRS) {
      const changed = apply(current);
      if (changed === current) continue;
      causes.push(cause);
      current = changed;
      const [first, ...rest] = causes;
      if (isDmarcRecord(current) && first) return { text, causes: [first, ...rest], correct: current.trim() };
    }
  }
  return { text, causes: ['unrecognised'], correct: null };
}

function versionFirst(text: string): string {
  const pieces = text.split(';').map((piece) => piece.trim());
  const at = pieces.findIndex((piece) => /^v[ \t]*=[ \t]*DMARC1$/.test(piece));
  if (at < 1) return text;
  return ['v=DMARC1', ...pieces.filter((piece, index) => index !== at && piece !== '')].join('; ');
}
