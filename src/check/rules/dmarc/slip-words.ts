/** Describes slips in a DMARC record in words: what is wrong, and what a corrected record does about it. */
import type { DmarcSlip, DmarcSlipKind } from '../../../standards/dmarc/slip.ts';
import { quoteInput } from '../../../usage-error.ts';

interface SlipWords {
  /** What is wrong, as a clause. */
  readonly cause: (slip: DmarcSlip) => string;
  /** What the corrected record does, as a clause that starts with a verb. `null` if another note says it. */
  readonly note: ((slip: DmarcSlip) => string) | null;
}

const found = ({ found: text = '' }: DmarcSlip): string => quoteInput(text);
const meant = ({ meant: text = '' }: DmarcSlip): string => text;
const behind = ({ meant: piece }: DmarcSlip): string =>
  piece === undefined ? '' : ` after ${quoteInput(piece).slice(1, -1)}`;
const corrects = (slip: DmarcSlip): string => `corrects ${found(slip)} to ${meant(slip)}`;

/** The names of characters that are hard to see in quotation marks. */
const CHARACTERS: ReadonlyMap<string, string> = new Map([
  ['', 'a space'],
  ['-', 'a dash'],
  [':', 'a colon'],
  [',', 'a comma'],
  ['.', 'a full stop'],
  ['|', 'a vertical bar'],
  [';', 'a semicolon'],
]);

const character = ({ found: text = '' }: DmarcSlip): string => CHARACTERS.get(text) ?? quoteInput(text);

const WORDS: Readonly<Record<DmarcSlipKind, SlipWords>> = {
  'zone-file-line': {
    cause: () => 'the value is a whole zone-file line',
    note: (slip) => `removes ${found(slip)}, which belongs in a zone file and not in the value`,
  },
  'invisible-characters': {
    cause: () => 'it has invisible characters (such as a byte order mark or a no-break space)',
    note: () => 'removes invisible characters',
  },
  lookalike: {
    cause: (slip) => `it has ${lookalikeName(slip)} instead of ${quoteInput(meant(slip))}`,
    note: (slip) => `writes ${quoteInput(meant(slip))} for ${lookalikeName(slip)}`,
  },
  'escaped-semicolon': {
    cause: () => 'its semicolons have a backslash before them',
    note: () => 'removes the backslashes',
  },
  quotes: {
    cause: () => 'it has quotation marks inside',
    note: () => 'removes the quotation marks',
  },
  'leading-space': { cause: () => 'it starts with a space', note: () => 'removes the space at the start' },
  'line-break': { cause: () => 'it has line breaks inside', note: () => 'removes the line breaks' },
  'version-case': {
    cause: () => 'the version is not spelt v=DMARC1, in exactly this case',
    note: corrects,
  },
  'version-spelling': { cause: (slip) => `the version is misspelt: ${found(slip)} for v=DMARC1`, note: corrects },
  'bare-policy': { cause: (slip) => `p= is missing before ${found(slip)}`, note: corrects },
  'version-not-first': {
    cause: () => 'v=DMARC1 is not the first tag',
    note: () => 'puts v=DMARC1 first',
  },
  'no-version': { cause: () => 'v=DMARC1 is missing', note: () => 'adds v=DMARC1' },
  'missing-semicolon': {
    cause: (slip) => `a semicolon is missing${behind(slip) || ' between the tags'}`,
    note: (slip) => `adds a semicolon${behind(slip) || ' between the tags'}`,
  },
  'wrong-separator': {
    cause: (slip) => `it has ${character(slip)} instead of the semicolon${behind(slip)}`,
    note: (slip) => `writes a semicolon for ${character(slip)}${behind(slip)}`,
  },
  stray: {
    cause: (slip) => `${found(slip)} is not part of a tag`,
    note: (slip) => `removes ${found(slip)}`,
  },
  'wrong-equals': {
    cause: (slip) => `it has ${character(slip)} instead of the equals sign after ${slip.tag}`,
    note: (slip) => `writes an equals sign after ${slip.tag} for ${character(slip)}`,
  },
  'tag-name': {
    cause: (slip) => `the tag ${meant(slip)} is spelt ${found(slip)}`,
    note: (slip) => `corrects the tag ${found(slip)} to ${meant(slip)}`,
  },
  value: {
    cause: (slip) => `the value of ${slip.tag} is written as ${found(slip)}, not as ${meant(slip)}`,
    note: (slip) => `corrects ${quoteInput(`${slip.tag}=${slip.found ?? ''}`)} to ${slip.tag}=${meant(slip)}`,
  },
  'bad-value': {
    cause: (slip) => `${found(slip)} is not a value of ${slip.tag}`,
    note: null,
  },
  duplicate: {
    cause: (slip) => `the tag ${slip.tag} appears twice`,
    note: (slip) => `writes the tag ${slip.tag} once${DUPLICATES[slip.tag ?? ''] ?? ''}`,
  },
  'no-policy': {
    cause: () => 'p= is missing',
    note: () => 'adds p=none, which receivers assume if p= is missing',
  },
  'empty-address': {
    cause: (slip) => `${slip.tag} has an empty address`,
    note: (slip) => `removes the empty address in ${slip.tag}`,
  },
  mailto: {
    cause: (slip) => `${found(slip)} must have mailto: exactly once before the address`,
    note: corrects,
  },
  'address-form': {
    cause: (slip) => `the address ${found(slip)} is not written as ${meant(slip) || 'mailto:user@host'}`,
    note: (slip) =>
      slip.meant === undefined
        ? `writes the address in ${slip.tag} without names, brackets and spaces`
        : corrects(slip),
  },
  'address-separator': {
    cause: (slip) => `two addresses in ${slip.tag} are separated by ${character(slip)}, not by a comma`,
    note: (slip) => `separates the addresses in ${slip.tag} by a comma`,
  },
  'address-characters': {
    cause: (slip) => `${found(slip)} has characters that are not allowed in a URI; in ASCII it is ${meant(slip)}`,
    note: (slip) => `${corrects(slip)}, because a URI can have only ASCII characters`,
  },
  'no-tag': { cause: (slip) => `${found(slip)} is not a tag`, note: null },
  'several-records': {
    cause: () => 'there are several records',
    note: () => 'merges the records and keeps the strictest policy and all report addresses',
  },
};

/** What becomes of the values of a tag that appears twice. */
const DUPLICATES: Readonly<Record<string, string>> = {
  p: ', with the strictest of its policies',
  sp: ', with the strictest of its policies',
  np: ', with the strictest of its policies',
  rua: ', with all its addresses',
  ruf: ', with all its addresses',
};

function lookalikeName({ found: text = '', meant: right }: DmarcSlip): string {
  if (right === '-') return 'a typographic dash';
  return `the character ${quoteInput(text)}`;
}

/** @returns what is wrong, one clause for each kind of slip, at most `most` of them. */
export function causesOf(slips: readonly DmarcSlip[], most = 4): string {
  const clauses = [...new Set(slips.map((slip) => WORDS[slip.kind].cause(slip)))];
  const more = clauses.length > most ? [`and ${clauses.length - most} more`] : [];
  return [...clauses.slice(0, most), ...more].join('; ');
}

/** @returns what a corrected record does about the slips, and what it leaves out, one clause each. */
export function notesOf(slips: readonly DmarcSlip[], leftOut: readonly string[]): string[] {
  const notes = slips.flatMap((slip) => WORDS[slip.kind].note?.(slip) ?? []);
  const reasons = new Map(
    slips.flatMap((slip) => (slip.kind === 'no-tag' ? [[slip.found, ', which is not a tag']] : [])) as [
      string,
      string,
    ][],
  );
  const omissions = leftOut.map(
    (piece) => `removes ${quoteInput(piece)}${reasons.get(piece) ?? reasonFor(piece, slips)}`,
  );
  return [...new Set([...notes, ...omissions])];
}

function reasonFor(piece: string, slips: readonly DmarcSlip[]): string {
  const tag = /^\s*([a-z]+)/i.exec(piece)?.[1] ?? '';
  const isBad = slips.some((slip) => slip.kind === 'bad-value' && slip.tag === tag);
  if (!isBad) return ', because another value of the tag replaces it';
  return tag === 'sp' || tag === 'np'
    ? ', which is not a policy, so p= applies to subdomains'
    : ', which receivers ignore';
}
