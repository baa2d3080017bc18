/** Describes the faults of a DMARC record in words. */
import type { RecordDefect } from '../../../standards/dmarc/record.ts';
import type { UriFault } from '../../../standards/dmarc/report-uri.ts';
import { shown } from '../quoted.ts';

/** @returns the fault of one tag and its position, as part of a sentence. */
export function describeDefect({ kind, tag, offset, text }: RecordDefect): string {
  const at = ` (at character ${offset + 1})`;
  switch (kind) {
    case 'no-equals':
      return `${shown(text)} is not a tag=value pair${at}`;
    case 'bad-name':
      return `${shown(text)} is not a tag name${at}`;
    case 'empty':
      return `there is an empty tag${at}`;
    case 'bad-value':
      return `the value of ${shown(tag)} has characters that are not allowed${at}`;
    case 'duplicate':
      return `the tag ${shown(tag)} appears twice${at}`;
    case 'invalid-value':
      return `${tag}=${shown(text)} is not a value of this tag${at}`;
  }
}

/** Why a report address cannot be used. */
export const URI_FAULTS: Readonly<Record<UriFault, string>> = {
  empty: 'is empty',
  'missing-mailto': 'has no mailto: before the address',
  'wrong-mailto': 'has mailto: twice or slashes after it',
  'not-a-uri': 'is not a URI',
  'unsupported-scheme': 'is not a mailto: URI',
  whitespace: 'has a space inside; addresses are separated by commas',
  'bad-address': 'has no address that can receive mail',
};
