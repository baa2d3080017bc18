/** Describes the faults of a DKIM key record in words. */
import type { OctetString } from '../../../network/octet-string.ts';
import { lettersOf } from '../../../network/octet-string.ts';
import type { KeySyntaxDefect } from '../../../standards/dkim/key-record.ts';
import type { KeyFault } from '../../../standards/dkim/public-key.ts';
import type { DkimSlip } from '../../../standards/dkim/slips.ts';
import { quoteInput } from '../../../usage-error.ts';

/** @returns the published text in quotation marks, with octets of UTF-8 as the letters that they are. */
export function quoteText(text: OctetString): string {
  return quoteInput(lettersOf(text));
}

/** @returns the syntax error and its position, as part of a sentence. */
export function describeSyntax({ kind, offset, text }: KeySyntaxDefect): string {
  const at = ` (at character ${offset + 1})`;
  switch (kind) {
    case 'no-equals':
      return `${quoteText(text)} is not a tag=value pair${at}`;
    case 'bad-name':
      return `${quoteText(text)} is not a tag name${at}`;
    case 'empty':
      return text === '' && offset === 0 ? 'the record is empty or starts with a semicolon' : `an empty tag${at}`;
    case 'bad-value':
      return `the value of ${quoteText(text)} has characters that are not allowed${at}`;
    case 'duplicate':
      return `the tag ${quoteText(text)} is there twice${at}`;
    case 'version-not-first':
      return `v=${quoteText(text)} is not the first tag${at}`;
    case 'version-unknown':
      return `v= is ${quoteText(text)} instead of DKIM1${at}`;
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
    done: 'leaves out the parentheses',
  },
  comment: { seen: 'a comment is part of the value', done: 'leaves out the comment' },
  'escaped-semicolon': {
    seen: 'semicolons are published with a backslash before them',
    done: 'leaves out the backslashes',
  },
  backslashes: { seen: 'escapes with a backslash are part of the value', done: 'reads the escapes' },
  quotes: { seen: 'quotation marks are part of the value', done: 'leaves out the quotation marks' },
  'invisible-characters': {
    seen: 'invisible characters (such as a byte order mark or no-break space) are part of the value',
    done: 'leaves out the invisible characters',
  },
  'typographic-characters': {
    seen: 'typographic characters stand where plain ones belong',
    done: 'writes plain characters for the typographic ones',
  },
  'line-breaks': { seen: 'line breaks are part of the value', done: 'leaves out the line breaks' },
  'pem-armour': {
    seen: 'the BEGIN and END lines of the key file are part of the value',
    done: 'leaves out the BEGIN and END lines',
  },
  'percent-encoding': {
    seen: 'characters are percent-encoded as in a URL',
    done: 'decodes the percent-encoding',
  },
  'record-inside-p': { seen: 'the whole record stands inside p=', done: 'takes the record out of p=' },
  'missing-semicolon': {
    seen: 'semicolons between the tags are missing',
    done: 'separates the tags with semicolons',
  },
  'equals-sign': { seen: 'a tag has no equals sign', done: 'writes the missing equals sign' },
  'bare-key': { seen: 'the key stands there without its tags', done: 'writes the tags before the key' },
  'tag-name': { seen: 'the name of a tag is misspelt', done: 'corrects the name of a tag' },
  version: { seen: 'the version is not exactly DKIM1', done: 'writes the version as DKIM1' },
  'tag-order': { seen: 'v= is not the first tag', done: 'puts v= first' },
  'repeated-tag': { seen: 'a tag is there twice', done: 'writes each tag once' },
  'key-type': {
    seen: 'k= does not name the type of the key',
    done: 'writes in k= the type of the key in p=',
  },
  'empty-tag': { seen: 'a semicolon is there too many', done: 'leaves out a superfluous semicolon' },
  'stray-text': { seen: 'text that is no tag is part of the value', done: 'leaves out what is no tag' },
  'plus-lost': { seen: 'plus signs in the key became spaces', done: 'writes the plus signs of the key again' },
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
    seen: 'the key is cut off; a string of a TXT record ends at 255 characters',
    done: 'leaves the key as it is',
  },
  'in-parts': {
    seen: 'they are parts of one record, and joined they hold a whole key',
    done: 'joins the parts to one record',
  },
  'part-beside': {
    seen: 'one is a whole key record and another a piece of a key',
    done: 'keeps the whole record and leaves out the piece of a key beside it',
  },
  'damaged-beside': {
    seen: 'one is a good key record and another a damaged one',
    done: 'keeps the good record and leaves out the damaged one beside it',
  },
  'other-beside': {
    seen: 'one is a key record and another is no key record',
    done: 'keeps the key record and leaves out what is no key record',
  },
  'repeated-record': { seen: 'they hold the same key', done: 'keeps one of the records of the same key' },
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
  'not-der': (octets) => `the ${octets} octets in p= are no RSA key`,
  'wrong-type': (_, type) => `p= holds a key of type ${type}, not the one k= names`,
  'not-32-octets': (octets) => `an Ed25519 key has 32 octets, p= holds ${octets}`,
  'bad-exponent': (_, exponent) => `the RSA exponent is ${quoteInput(exponent ?? '')}, which no key can have`,
  'bad-modulus': () => 'the RSA modulus is even, which no key can have',
};
