/** Describes the faults of a DKIM key record in words. */
import type { KeySyntaxDefect } from '../../../standards/dkim/key-record.ts';
import type { KeyDamage } from '../../../standards/dkim/mangled.ts';
import type { KeyFault } from '../../../standards/dkim/public-key.ts';
import { quoteInput } from '../../../usage-error.ts';

/** @returns the syntax error and its position, as part of a sentence. */
export function describeSyntax({ kind, offset, text }: KeySyntaxDefect): string {
  const at = ` (at character ${offset + 1})`;
  switch (kind) {
    case 'no-equals':
      return `${quoteInput(text)} is not a tag=value pair${at}`;
    case 'bad-name':
      return `${quoteInput(text)} is not a tag name${at}`;
    case 'empty':
      return text === '' && offset === 0 ? 'the record is empty or starts with a semicolon' : `an empty tag${at}`;
    case 'bad-value':
      return `the value of ${quoteInput(text)} has characters that are not allowed${at}`;
    case 'duplicate':
      return `the tag ${quoteInput(text)} is there twice${at}`;
    case 'version-not-first':
      return `v=${quoteInput(text)} is not the first tag${at}`;
    case 'version-unknown':
      return `v= is ${quoteInput(text)} instead of DKIM1${at}`;
    case 'no-public-key':
      return 'the tag p= with the key is missing';
  }
}

/** How a key record was damaged on its way into the zone. */
export const DAMAGE: Readonly<Record<KeyDamage, string>> = {
  'zone-file-line': 'the value is a whole zone-file line',
  'escaped-semicolon': 'semicolons are published with a backslash before them',
  quotes: 'quotation marks are part of the value',
  'invisible-characters': 'invisible characters (a byte order mark or no-break space) are part of the value',
  'line-breaks': 'line breaks are part of the value',
  'pem-armour': 'the BEGIN and END lines of the key file are part of the value',
  'percent-encoding': 'characters are percent-encoded as in a URL',
  'record-inside-p': 'the whole record stands inside p=',
  'missing-semicolon': 'semicolons between the tags are missing',
  'bare-key': 'the key stands there without its tags',
  'plus-lost': 'plus signs in the key became spaces',
  base64url: 'the key is in base64url ("-" and "_" instead of "+" and "/")',
  'padding-lost': 'the "=" at the end of the key is cut off',
  'ed25519-wrapped': 'the Ed25519 key is published in its file format instead of the bare 32 octets',
  placeholder: 'p= holds a placeholder instead of a key',
  truncated: 'the key is cut off; a string of a TXT record ends at 255 characters',
};

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
