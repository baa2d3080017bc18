/**
 * Writes a plan as change batches of Route 53, which the AWS command line takes for one hosted zone:
 * `aws route53 change-resource-record-sets --hosted-zone-id ID --change-batch file://batch.json`.
 *
 * The changes of one zone are the batch itself. Those of several zones are an object with the batch of each zone, because
 * the command takes one zone at a time.
 */
import { UsageError } from '../../usage-error.ts';
import { presentationName, type RecordValue } from '../zone-file/line.ts';
import type { PlannedType, PlanWriter, SetChange, ZoneChanges } from './codec.ts';
import { jsonText } from './quoting.ts';

export const write: PlanWriter = (changes) => {
  const [only, ...others] = changes.map(({ zone, sets }) => [fullName(zone), batchOf({ zone, sets })] as const);
  if (only === undefined) return jsonFile({ Comment: 'mailcheck: no changes', Changes: [] });
  return jsonFile(others.length === 0 ? only[1] : Object.fromEntries([only, ...others]));
};

/** The longest comment of a batch, in characters. */
const MAX_COMMENT = 256;

/** The longest value of a record, in characters as written (API reference, ResourceRecord). */
const MAX_VALUE = 4000;

/** The longest string of a TXT record, in octets. */
const MAX_STRING = 255;

function batchOf({ zone, sets }: ZoneChanges): object {
  const going = sets.filter(({ after }) => after.length === 0);
  const staying = sets.filter(({ after }) => after.length > 0);
  const comment = `mailcheck: zone ${fullName(zone)}${going.length > 0 ? DELETES : ''}`;
  return {
    Comment: comment.slice(0, MAX_COMMENT),
    // A name loses its CNAME record before it gets other records.
    Changes: [
      ...going.map((set) => ({ Action: 'DELETE', ResourceRecordSet: recordSet(set, set.before) })),
      ...staying.map((set) => ({ Action: 'UPSERT', ResourceRecordSet: recordSet(set, set.after) })),
    ],
  };
}

const DELETES = ': Route 53 refuses a DELETE whose TTL is not the published one';

function recordSet({ name, type, ttl }: SetChange, values: readonly RecordValue[]): object {
  const records = values.map((value) => ({ Value: valueText(type, value) }));
  if (records.some(({ Value }) => Value.length > MAX_VALUE)) {
    throw new UsageError(
      `Route 53 holds at most ${MAX_VALUE} characters of a record, and ${presentationName(name)} ${type} has more`,
    );
  }
  return { Name: fullName(name), Type: type, TTL: ttl, ResourceRecords: records };
}

function fullName(name: string): string {
  return `${octal(presentationName(name))}.`;
}

function valueText(type: PlannedType, value: RecordValue): string {
  return type === 'TXT' ? strings(value) : octal(value);
}

/** Writes escapes as Route 53 reads them: three octal digits, where a zone file has decimal ones. */
function octal(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, digits: string) => octalOf(Number(digits)));
}

function octalOf(octet: number): string {
  return `\\${octet.toString(8).padStart(3, '0')}`;
}

function strings(text: string): string {
  const parts = text.match(new RegExp(`[^]{1,${MAX_STRING}}`, 'g')) ?? [''];
  return parts
    .map((part) =>
      part.replace(/[^\x20-\x7e]|["\\]/g, (octet) => (octet === '"' ? '\\"' : octalOf(octet.charCodeAt(0)))),
    )
    .map((part) => `"${part}"`)
    .join(' ');
}

function jsonFile(value: object): string {
  return `${jsonText(value, 2)}\n`;
}
