/** Describes the faults of a DKIM key record in words. */
import type { KeySyntaxDefect } from '../../../standards/dkim/key-record.ts';
import type { KeyFault } from '../../../standards/dkim/public-key.ts';
import type { DkimSlip } from '../../../standards/dkim/slips.ts';
import { quoteInput } from '../../../usage-error.ts';
import { shown } from '../quoted.ts';

/** @returns the syntax error and its position, as part of a sentence. */
export function describeSyntax({ kind, offset, text }: KeySyntaxDefect): string {
  const at = ` (at character ${offset + 1})`;
  switch (kind) {
    case 'no-equals':
      return `${shown(text)} is not a tag=value pair${at}`;
    case 'bad-name':
      return `${shown(text)} is not a tag name${at}`;
    case 'empty':
      return text === '' && offset === 0 ? 'the record is empty or starts with a semicolon' : `an empty tag${at}`;
    case 'bad-value':
      return `the value of ${shown(text)} has characters that are not allowed${at}`;
    case 'duplicate':
      return `the tag ${shown(text)} appears twice${at}`;
    case 'version-not-first':
      return `v=${shown(text)} is not the first tag${at}`;
    case 'version-unknown':
      return `v= is ${shown(text)} instead of DKIM1${at}`;
    case 'no-public-key':
      return 'the tag p= with the key is missing';
  }
}

interface SlipWords {
  /** What was seen, as part of a sentence. */
  readonly seen: string;
  /** What the correction does about it, as a clause with a verb. */
  readonly done: string;
}

const SLIPS: Readonly<Record<DkimSlip, SlipWords>> = {
  'zone-file-line': {
    seen: 'the value is a whole zone-file line',
    done: 'takes the record out of the zone-file line',
  },
  parentheses: {
    seen: 'the parentheses of a zone file are part of the value',
    done: 'removes the parentheses',
  },
  comment: { seen: 'a comment is part of the value', done: 'removes the comment' },
  'escaped-semicolon': {
    seen: 'the semicolons have a backslash before them',
    done: 'removes the backslashes',
  },
  backslashes: { seen: 'escapes with a backslash are part of the value', done: 'decodes the escapes' },
  quotes: { seen: 'quotation marks are part of the value', done: 'removes the quotation marks' },
  'invisible-characters': {
    seen: 'invisible characters (such as a byte order mark or no-break space) are part of the value',
    done: 'removes the invisible characters',
  },
  'typographic-characters': {
    seen: 'it has typographic characters instead of plain ones',
    done: 'replaces the typographic characters with plain ones',
  },
  'line-breaks': { seen: 'line breaks are part of the value', done: 'removes the line breaks' },
  'pem-armour': {
    seen: 'the BEGIN and END lines of the key file are part of the value',
    done: 'removes the BEGIN and END lines',
  },
  'percent-encoding': {
    seen: 'characters are percent-encoded as in a URL',
    done: 'decodes the percent-encoding',
  },
  'record-inside-p': { seen: 'the whole record is inside p=', done: 'takes the record out of p=' },
  'missing-semicolon': {
    seen: 'semicolons between the tags are missing',
    done: 'separates the tags with semicolons',
  },
  'equals-sign': { seen: 'a tag has no equals sign', done: 'writes the missing equals sign' },
  'bare-key': { seen: 'the key has no tags before it', done: 'writes the tags before the key' },
  'tag-name': { seen: 'the name of a tag is misspelt', done: 'corrects the name of a tag' },
  version: { seen: 'the version is not exactly DKIM1', done: 'writes the version as DKIM1' },
  'tag-order': { seen: 'v= is not the first tag', done: 'puts v= first' },
  'repeated-tag': { seen: 'a tag appears twice', done: 'writes each tag once' },
  'key-type': {
    seen: 'k= does not name the type of the key',
    done: 'corrects k= to the type of the key in p=',
  },
  'empty-tag': { seen: 'there is a semicolon too many', done: 'removes the superfluous semicolon' },
  'stray-text': { seen: 'text that is not a tag is part of the value', done: 'removes the text that is not a tag' },
  'plus-lost': { seen: 'plus signs in the key became spaces', done: 'restores the plus signs of the key' },
  base64url: {
    seen: 'the key is in base64url ("-" and "_" instead of "+" and "/")',
    done: 'writes the key in plain base64',
  },
  'padding-lost': { seen: 'the "=" at the end of the key is wrong', done: 'corrects the "=" at the end of the key' },
  'ed25519-wrapped': {
    seen: 'the Ed25519 key is published in its file format instead of the bare 32 octets',
    done: 'writes the bare 32 octets of the key',
  },
  placeholder: { seen: 'p= holds a placeholder instead of a key', done: 'leaves the placeholder' },
  truncated: {
    seen: 'the key is cut off (a string of a TXT record holds at most 255 characters)',
    done: 'leaves the key as it is',
  },
  'in-parts': {
    seen: 'they are parts of one record, and together they hold a whole key',
    done: 'joins the parts into one record',
  },
  'part-beside': {
    seen: 'one is a whole key record and another a piece of a key',
    done: 'keeps the whole record and removes the piece of a key',
  },
  'damaged-beside': {
    seen: 'one is a good key record and another a damaged one',
    done: 'keeps the good record and removes the damaged one',
  },
  'other-beside': {
    seen: 'one is a key record and another is not',
    done: 'keeps the key record and removes what is not one',
  },
  'repeated-record': { seen: 'they hold the same key', done: 'keeps one record of that key' },
};

/** @returns what was seen of a slip, as part of a sentence. */
export function describeSlip(slip: DkimSlip): string {
  return SLIPS[slip].seen;
}

/** @returns what the correction does about a slip, as a clause with a verb. */
export function describeCorrection(slip: DkimSlip): string {
  return SLIPS[slip].done;
}

/** Why the value of `p=` is not a key. */
export const FAULTS: Readonly<Record<KeyFault, (octets: number, detail: string | null) => string>> = {
  'not-base64': () => 'p= is not base64',
  truncated: (octets, announced) => `p= ends after ${octets} of ${announced} octets`,
  'not-der': (octets) => `the ${octets} octets in p= are not an RSA key`,
  'wrong-type': (_, type) => `p= holds a key of type ${type}, but k= names another`,
  'not-32-octets': (octets) => `p= holds ${octets} octets, but an Ed25519 key has 32`,
  'bad-exponent': (_, exponent) => `the RSA exponent is ${quoteInput(exponent ?? '')}, which no key can have`,
  'bad-modulus': () => 'the RSA modulus is even, which no key can have',
};
