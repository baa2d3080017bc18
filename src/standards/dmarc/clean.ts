/** Takes off a text what got into it when it was pasted, before its tags are read. */
import { lettersOf, type OctetString } from '../../network/octet-string.ts';
import type { DmarcSlip } from './slip.ts';

export interface CleanText {
  /** The text in letters rather than octets, with `\n` for each line break that is not folding whitespace. */
  readonly text: string;
  readonly slips: readonly DmarcSlip[];
}

/** Characters that look like a character of the syntax, by the character that was meant. */
const LOOKALIKES: readonly (readonly [meant: string, characters: RegExp])[] = [
  ['-', /[\u2010-\u2015\u2212\ufe58\ufe63]/g],
  [';', /[\u037e\u061b\u204f\ufe14\ufe54]/g],
  [':', /[\u02d0\u2236\ua789\ufe13\ufe55]/g],
  [',', /[\u060c\u3001\ufe10\ufe50]/g],
  ['=', /[\u2550\ua78a\ufe66]/g],
  ['@', /\ufe6b/g],
];

/** The characters of Windows-1252 that a text has when it is not UTF-8. */
const WINDOWS: Readonly<Record<string, string>> = {
  '\x91': '\u2018',
  '\x92': '\u2019',
  '\x93': '\u201c',
  '\x94': '\u201d',
  '\x96': '\u2013',
  '\x97': '\u2014',
};

const REPLACEMENTS: readonly {
  readonly kind: DmarcSlip['kind'];
  readonly pattern: RegExp;
  readonly by: string | ((...groups: string[]) => string);
}[] = [
  { kind: 'invisible-characters', pattern: /[\ufeff\u200b-\u200f\u202a-\u202e\u2060\u00ad]/g, by: '' },
  { kind: 'invisible-characters', pattern: /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g, by: ' ' },
  { kind: 'invisible-characters', pattern: /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, by: '' },
  {
    kind: 'escaped-semicolon',
    pattern: /\\(\d{3}|.)/g,
    by: (_, escaped = '') => (escaped.length === 3 ? String.fromCharCode(Number(escaped) % 128) : escaped),
  },
  { kind: 'escaped-semicolon', pattern: /&(?:semi|#59);/gi, by: ';' },
  { kind: 'quotes', pattern: /&(?:quot|#34);|[\u2018-\u201f\u00ab\u00bb\u2039\u203a`\u00b4]/gi, by: '"' },
];

/** A line of a zone file, or labels of a form, before the version or the first tag. */
const ZONE_LINE =
  /^[\s("']*(?:(?:[\w*.-]{0,200}_dmarc[\w.-]{0,200}|@|\d{1,10}|IN|TXT|TYPE16|value|host|name|record|data|content|DMARC(?=\s*:))(?:[\s:=(]{1,40}|(?=["']))(?:["'](?=[\w*.-]{0,200}_dmarc))?){1,8}(?=["'(]{0,9}\s{0,20}(?:v|p|=?DMARC))/i;

/**
 * Takes off a text what no tag of it is: invisible characters, characters that only look right, backslashes, quotation
 * marks and the rest of a line of a zone file. Takes time linear in the length of the text.
 *
 * @param octets the joined strings of a TXT record.
 */
export function cleanText(octets: OctetString): CleanText {
  const slips: DmarcSlip[] = [];
  let text = lettersOf(octets).replace(/[\x91-\x97]/g, (octet) => WINDOWS[octet] ?? octet);
  function replace(slip: DmarcSlip, pattern: RegExp, by: string | ((...groups: string[]) => string)): void {
    const changed = typeof by === 'string' ? text.replace(pattern, by) : text.replace(pattern, by);
    if (changed === text) return;
    if (!slips.some(({ kind, meant }) => kind === slip.kind && meant === slip.meant)) slips.push(slip);
    text = changed;
  }
  for (const { kind, pattern, by } of REPLACEMENTS) replace({ kind }, pattern, by);
  for (const [meant, characters] of LOOKALIKES) {
    const found = characters.exec(text)?.[0];
    characters.lastIndex = 0;
    if (found !== undefined) replace({ kind: 'lookalike', found, meant }, characters, meant);
  }
  const wide = /[\uff01-\uff5e]/.exec(text)?.[0];
  if (wide !== undefined) {
    const meant = narrow(wide);
    replace({ kind: 'lookalike', found: wide, meant }, /[\uff01-\uff5e]/g, narrow);
  }
  text = text.replace(/\r\n(?=[ \t])/g, '');
  replace({ kind: 'line-break' }, /(?:\r\n?|\n)(?=[^\r\n])/g, '\n ');
  for (let line = ZONE_LINE.exec(text)?.[0]; line !== undefined; line = ZONE_LINE.exec(text)?.[0]) {
    slips.push({ kind: 'zone-file-line', found: line.trim() });
    text = text.slice(line.length);
  }
  replace({ kind: 'quotes' }, /.*/s, unquoted);
  return { text, slips };
}

function narrow(wide: string): string {
  return String.fromCharCode(wide.charCodeAt(0) - 0xfee0);
}

/** @returns the text without its quotation marks. Strings of a zone file are joined, and a comment behind them goes. */
function unquoted(text: string): string {
  let inner = text.replace(/^[\s(]*(?=["'])/, '');
  const end = inner.lastIndexOf('"');
  if (inner.startsWith('"') && end > 0 && /^"[\s)]*(?:;[^=]*)?$/.test(inner.slice(end))) inner = inner.slice(0, end);
  return inner
    .replace(/"[ \t]{0,20}"/g, '')
    .replace(/(^|[\s;=,:|(])"+|"+(?=[\s;,|)]|$)/g, '$1')
    .replace(/(^|[\s;=,:])'+|'+(?=[\s;,]|$)/g, '$1');
}
