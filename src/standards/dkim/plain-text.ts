/**
 * Takes out of a published text what belongs to the file, form or document from which it was copied: quotation marks,
 * parentheses and comments of a zone file, escapes, line breaks, invisible and typographic characters.
 */
import type { DkimSlip } from './slips.ts';

/**
 * The place where a quotation mark or a parenthesis was. It separates tags. Inside a key it means nothing. No published
 * text contains it, because control characters are taken out first.
 */
export const SEAM = '\x01';

export interface PlainText {
  /** The text with seams. It may still contain line breaks. */
  readonly text: string;
  readonly slips: readonly DkimSlip[];
  /** The comments that were taken out. */
  readonly comments: readonly string[];
}

interface Replacement {
  readonly slip: DkimSlip;
  readonly apply: (text: string) => string;
}

/** Typographic quotes: as octets of UTF-8, as wide forms, and in the encoding windows-1252. */
const SMART_QUOTES =
  /\xe2\x80[\x98-\x9f\xb2\xb3]|\xc2[\xab\xbb]|\xef\xbc[\x82\x87]|(?<![\x80-\xff])[\x91-\x94](?![\x80-\xff])/g;
const DASHES = /\xe2\x80[\x90-\x95]|\xe2\x88\x92|(?<![\x80-\xff])[\x96\x97](?![\x80-\xff])/g;
/** The wide forms of ASCII (U+FF01 to U+FF5E) and the Greek question mark, which looks like a semicolon. */
const WIDE = /\xef(?:\xbc[\x81-\xbf]|\xbd[\x80-\x9e])|\xcd\xbe/g;
/** No-break spaces and the spaces of typesetting, as octets of UTF-8; the no-break space also as latin1. */
const ODD_SPACES = /\xe2\x80[\x80-\x8a\xaf]|\xe2\x81\x9f|\xe3\x80\x80|\xc2?\xa0/g;
/** Byte order marks, zero-width and directional characters, soft hyphens, and control characters. */
const INVISIBLE =
  /\xef\xbb\xbf|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xc2\xad|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;
const PEM_ARMOUR = /-----\s?(?:BEGIN|END)[A-Z ]{0,30}KEY\s?-----/g;

/** The order matters: each step relies on those before it. */
const REPLACEMENTS: readonly Replacement[] = [
  { slip: 'invisible-characters', apply: (text) => text.replace(INVISIBLE, '').replace(ODD_SPACES, ' ') },
  { slip: 'quotes', apply: (text) => text.replace(SMART_QUOTES, '"') },
  { slip: 'typographic-characters', apply: (text) => text.replace(DASHES, '-').replace(WIDE, narrow) },
  { slip: 'percent-encoding', apply: (text) => text.replace(/%(?:2B|2F|3A|3B|3D|20|22)/gi, decodeURIComponent) },
  { slip: 'escaped-semicolon', apply: (text) => text.replace(/\\+;/g, ';') },
  { slip: 'quotes', apply: (text) => text.replace(/\\+(?=["'])/g, '') },
  { slip: 'line-breaks', apply: (text) => text.replace(/\\+[rn](?![A-Za-z]=)|\\0?1[03](?!\d)/g, '\n') },
  { slip: 'backslashes', apply: unescaped },
  { slip: 'pem-armour', apply: (text) => text.replace(PEM_ARMOUR, SEAM) },
];

/** @returns the text without what was copied by mistake, and the slips that this shows. Takes linear time. */
export function plainText(published: string): PlainText {
  const slips: DkimSlip[] = [];
  let text = published;
  for (const { slip, apply } of REPLACEMENTS) {
    const changed = apply(text);
    if (changed === text) continue;
    slips.push(slip);
    text = changed;
  }
  const scanned = withoutZoneSyntax(text);
  return { ...scanned, slips: [...slips, ...scanned.slips] };
}

function narrow(octets: string): string {
  if (octets === '\xcd\xbe') return ';';
  const [, second = 0, third = 0] = Buffer.from(octets, 'latin1');
  return String.fromCharCode(second === 0xbc ? third - 0x60 : third - 0x20);
}

function unescaped(text: string): string {
  const decoded = text.replace(/\\(?:u00([0-9a-f]{2})|(\d{3}))/gi, (_, hex, decimal) => {
    const octet = hex === undefined ? Number(decimal) & 0xff : Number.parseInt(hex, 16);
    return octet === 0x09 || octet === 0x0a || octet >= 0x20 ? String.fromCharCode(octet) : '';
  });
  return decoded.replaceAll('\\', '');
}

/** A run of base64 that is long enough to be a part of a key. */
const KEY_RUN = /[A-Za-z0-9+/]{32}/;

/**
 * Takes out quotation marks, parentheses and comments. A text may begin inside or outside a quoted string, depending on
 * where copying began.
 */
function withoutZoneSyntax(text: string): PlainText {
  const slips = new Set<DkimSlip>();
  const comments: string[] = [];
  const firstQuote = text.search(/["'`]/);
  const isQuoted = firstQuote >= 0;
  let isInside = isQuoted && /[vkp]\s*=/i.test(text.slice(0, firstQuote));
  let plain = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"' || char === "'" || char === '`') {
      slips.add('quotes');
      isInside = !isInside;
      plain += SEAM;
    } else if (!isInside && (char === '(' || char === ')')) {
      slips.add('parentheses');
      plain += SEAM;
    } else if (char === ';' && isQuoted && !isInside) {
      const end = endOfLine(text, at);
      const rest = text.slice(at + 1, end);
      if (isComment(rest)) {
        slips.add('comment');
        if (rest.trim() !== '') comments.push(rest.trim());
        plain += SEAM;
        at = end - 1;
      } else plain += char;
    } else plain += char;
  }
  return { text: joinSeams(plain), slips: [...slips], comments };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Tells whether the rest of a line has neither a quoted string nor a tag nor a part of a key. */
function isComment(rest: string): boolean {
  return !/["'`]/.test(rest) && !KEY_RUN.test(rest) && !/^\s*[vkphstng]\s*=/i.test(rest);
}

/** Drops the spaces and tabs around seams: they are the gaps between quoted strings. */
function joinSeams(text: string): string {
  return text
    .split(SEAM)
    .map((part, index, parts) => {
      const from = index > 0 ? skip(part, 0, 1) : 0;
      const to = index < parts.length - 1 ? skip(part, part.length, -1) : part.length;
      return part.slice(from, Math.max(from, to));
    })
    .join(SEAM);
}

function skip(text: string, from: number, step: 1 | -1): number {
  let at = from;
  while (at + (step - 1) / 2 >= 0 && ' \t'.includes(text.charAt(at + (step - 1) / 2) || '.')) at += step;
  return at;
}
