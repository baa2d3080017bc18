/** Describes the faults of a TLS-RPT record in words. */
import type { TlsRptSlip } from '../../../standards/tls-rpt/correct.ts';
import type { DestinationFault, FieldDefect } from '../../../standards/tls-rpt/record.ts';
import { shown } from '../quoted.ts';

/** @returns what is wrong with a field, as a clause. */
export function describeDefect(defect: FieldDefect): string {
  switch (defect.kind) {
    case 'empty-field':
      return 'there is nothing between two semicolons';
    case 'no-equals':
      return `${shown(defect.text)} has no equals sign`;
    case 'bad-name':
      return `${shown(defect.text)} is not a field name`;
    case 'bad-value':
      return `the value of ${shown(defect.text)} is empty or has characters that are not allowed`;
    case 'no-rua':
      return 'it has no rua= field';
  }
}

/** Why an address cannot be used, as a predicate. */
export const DESTINATION_FAULTS: Readonly<Record<DestinationFault, string>> = {
  empty: 'is empty',
  'missing-mailto': 'has no mailto: before the address',
  'not-a-uri': 'is not a URI',
  'unsupported-scheme': 'is neither a mailto: nor an https: URI',
  whitespace: 'has a space inside; addresses are separated by commas',
  'exclamation-mark': 'has an exclamation mark, which must be written as %21 (TLS-RPT has no size limits)',
  'bad-address': 'has no address that can receive mail',
  'bad-host': 'has no host name',
};

/** @returns the cause that a slip is, as a clause. */
export function describeSlip(slip: TlsRptSlip): string {
  switch (slip.kind) {
    case 'characters':
      return 'it has quotation marks, backslashes, invisible characters or a space at the start';
    case 'zone-file-line':
      return 'the value is a whole zone-file line';
    case 'version':
      return `the version is ${shown(slip.found)} instead of v=TLSRPTv1`;
    case 'version-not-first':
      return 'v=TLSRPTv1 is not first';
    case 'no-version':
      return 'v=TLSRPTv1; is missing at the start';
    case 'separator':
      return 'a semicolon is missing after the version';
    case 'field-name':
      return `${shown(slip.found)} is written instead of rua=`;
    case 'address':
      return `${shown(slip.found)} is written instead of ${shown(slip.meant)}`;
  }
}
