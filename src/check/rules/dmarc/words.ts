/** Describes the faults of a DMARC record in words. */
import type { NearMissCause } from '../../../standards/dmarc/near-miss.ts';
import type { RecordDefect } from '../../../standards/dmarc/record.ts';
import type { UriFault } from '../../../standards/dmarc/report-uri.ts';
import { quoteInput } from '../../../usage-error.ts';

/** Why receivers do not recognise a text as a DMARC record. */
export const NEAR_MISSES: Readonly<Record<NearMissCause, string>> = {
  'zone-file-line': 'the value is a whole zone-file line',
  'invisible-characters': 'it has invisible characters (a byte order mark or no-break space)',
  'escaped-semicolon': 'its semicolons have a backslash before them',
  quotes: 'it has quotation marks inside',
  'leading-space': 'it starts with a space',
  'version-case': 'the version is not spelt v=DMARC1, in exactly this case',
  'version-spelling': 'the version is not spelt v=DMARC1',
  'missing-semicolon': 'a semicolon is missing between the tags',
  'version-not-first': 'v=DMARC1 is not the first tag',
  'no-version': 'v=DMARC1 is missing',
  empty: 'it has nothing but semicolons',
  unrecognised: 'it does not start with v=DMARC1',
};

/** @returns the fault of one tag and its position, as part of a sentence. */
export function describeDefect({ kind, tag, offset, text }: RecordDefect): string {
  const at = ` (at character ${offset + 1})`;
  switch (kind) {
    case 'no-equals':
      return `${quoteInput(text)} is not a tag=value pair${at}`;
    case 'bad-name':
      return `${quoteInput(text)} is not a tag name${at}`;
    case 'empty':
      return `there is an empty tag${at}`;
    case 'bad-value':
      return `the value of ${quoteInput(tag)} has characters that are not allowed${at}`;
    case 'duplicate':
      return `the tag ${quoteInput(tag)} is there twice${at}`;
    case 'invalid-value':
      return `${tag}=${quoteInput(text)} is not a value of this tag${at}`;
  }
}

/** Why a report address cannot be used. */
export const URI_FAULTS: Readonly<Record<UriFault, string>> = {
  empty: 'is empty',
  'missing-mailto': 'lacks mailto: before the address',
  'wrong-mailto': 'has mailto: twice or slashes behind it',
  'not-a-uri': 'is not a URI',
  'unsupported-scheme': 'is not a mailto: URI',
  whitespace: 'has a space inside; addresses are separated by commas',
  'bad-address': 'has no address that can receive mail',
};
