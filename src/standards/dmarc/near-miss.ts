/** TXT records at a `_dmarc` name that were meant as a DMARC record, but that no receiver takes for one. */
import { HISTORIC_TAGS, isDmarcRecord, KNOWN_TAGS } from './record.ts';

export type NearMissCause =
  /** A whole zone-file line as the value. */
  | 'zone-file-line'
  /** A byte order mark, zero-width or no-break space. */
  | 'invisible-characters'
  /** `\;`. */
  | 'escaped-semicolon'
  /** Quotation marks, straight or typographic, inside the value. */
  | 'quotes'
  /** Whitespace before `v=`. */
  | 'leading-space'
  /** `v=dmarc1`, `V=DMARC1`. */
  | 'version-case'
  /** `v=DMARC 1`, `v:DMARC1`, `v=DMARC-1`. */
  | 'version-spelling'
  /** A space or a comma, or nothing, where a semicolon belongs. */
  | 'missing-semicolon'
  /** `v=DMARC1` further back. */
  | 'version-not-first'
  /** No `v=` at all. */
  | 'no-version'
  /** Only semicolons and whitespace. */
  | 'empty'
  /** Meant as DMARC, but not to be mended. */
  | 'unrecognised';

export interface NearMiss {
  readonly text: string;
  readonly causes: readonly [NearMissCause, ...NearMissCause[]];
  /** The record that was meant; `null` where that is not clear. */
  readonly correct: string | null;
}

/** No policy record comes near this; what is longer is not searched for mistakes. */
const MAX_DIAGNOSED = 4096;

const TAG_NAMES = [...KNOWN_TAGS, ...HISTORIC_TAGS].join('|');
const MISSING_SEPARATOR = new RegExp(`(?<=[^;\\s,])[ \\t,]{1,20}(?=(?:${TAG_NAMES})=)`, 'g');

/** Each mistake with its repair; applied in this order until receivers would take the text for a record. */
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

/** @returns what keeps receivers from seeing a record, or `undefined` for text that has nothing to do with DMARC. */
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
