/** Describes MTA-STS records, policies and their defects in words. */
import { count } from '../../../report/count.ts';
import type { PolicyDefect } from '../../../standards/mta-sts/policy.ts';
import type { StsRecordDefect, StsSlip } from '../../../standards/mta-sts/record.ts';
import { shown } from '../quoted.ts';

const DAY = 86_400;
const HOUR = 3600;
const MINUTE = 60;

/** @returns a time in the largest unit that it is a whole number of: `14 days`, `90 minutes`. */
export function timeText(seconds: number): string {
  if (seconds >= DAY && seconds % DAY === 0) return count(seconds / DAY, 'day');
  if (seconds >= HOUR && seconds % HOUR === 0) return count(seconds / HOUR, 'hour');
  if (seconds >= MINUTE && seconds % MINUTE === 0) return count(seconds / MINUTE, 'minute');
  return count(seconds, 'second');
}

/** Why senders discard a text, as part of a sentence. */
export const SLIPS: Readonly<Record<StsSlip, string>> = {
  'blank-before': 'it begins with white space',
  case: 'STSv1 is not spelt exactly so',
  quotes: 'it has quotation marks of its own',
  'blank-inside': 'there is white space within v=STSv1;',
  'no-semicolon': 'there is no semicolon directly after v=STSv1',
  version: 'its version is not STSv1',
  order: 'v=STSv1; is not at its beginning',
};

/** @returns the defect of a record, as part of a sentence. */
export function recordDefect(defect: StsRecordDefect): string {
  switch (defect.kind) {
    case 'no-id':
      return 'it has no id';
    case 'bad-id':
      return `id=${shown(defect.value)} is not 1 to 32 letters and digits`;
    case 'several-ids':
      return 'it has several ids';
    case 'bad-field':
      return `${shown(defect.text)} is not a name=value field`;
    case 'empty-field':
      return 'it has an empty field';
    case 'blank-at-end':
      return 'it ends with white space';
  }
}

/** @returns the defect of a policy, as part of a sentence: with the line, and what to type instead. */
export function policyDefect(defect: PolicyDefect): string {
  const { line, meant } = defect;
  const at = line === null ? '' : ` (line ${line})`;
  const instead = meant === undefined ? '' : `; type ${shown(meant)}`;
  return `${defectText(defect)}${at}${instead}`;
}

function defectText({ kind, text }: PolicyDefect): string {
  switch (kind) {
    case 'no-version':
      return 'there is no version';
    case 'bad-version':
      return `${shown(text)} is not version: STSv1`;
    case 'no-mode':
      return 'there is no mode';
    case 'bad-mode':
      return `${shown(text)} is not enforce, testing or none`;
    case 'no-max-age':
      return 'there is no max_age';
    case 'bad-max-age':
      return `${shown(text)} is not a number of seconds up to 31557600`;
    case 'no-mx':
      return 'there is no mx';
    case 'bad-mx':
      return `${shown(text)} is not a host name, nor one with *. before it`;
    case 'not-a-pair':
      return `${shown(text)} is not a "key: value" line`;
    case 'bad-key':
      return `${shown(text)} has a key with characters that are not allowed`;
    case 'bad-value':
      return `${shown(text)} has no value, or one with characters that are not allowed`;
    case 'byte-order-mark':
      return 'the file begins with a byte order mark';
    case 'web-page':
      return 'the file is a web page, not a policy';
    case 'too-long':
      return 'the file is longer than 64 KiB';
    case 'repeated':
      return `${shown(text)} repeats a field, so it is ignored`;
    case 'empty-line':
      return 'the line is empty, which strict senders reject';
    case 'slip':
      return `${shown(text)} is ignored, because its key is unknown`;
    case 'address-as-mx':
      return `${shown(text)} is an address, and no MX host has one as its name`;
  }
}
