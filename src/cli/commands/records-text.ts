/**
 * Formats the planned records as a zone file or as a table. The commands for the optional records come last: whoever pastes
 * the others publishes no MTA-STS record before its policy, which is a note.
 */

import type { PlannedRecords } from '../../records/plan.ts';
import type { PlannedRecord, RecordStatus } from '../../records/planned-record.ts';
import type { AtDnsHost } from '../../report/status.ts';
import { wrap } from '../../reporters/layout.ts';
import { copyable, printable } from '../../reporters/printable.ts';

/** Where the records are published. */
export type RecordPlaces = Pick<PlannedRecords, 'atDnsHost' | 'optionalAtDnsHost'>;

const NO_PLACES: RecordPlaces = { atDnsHost: [], optionalAtDnsHost: [] };

const WORDS: Readonly<Record<RecordStatus, string>> = {
  right: 'correct',
  changed: 'changed',
  missing: 'missing',
  unknown: 'unknown',
  undecided: 'your decision',
};

/**
 * Formats the records as a zone file (RFC 1035 §5.1). Only the records that the user needs in their own zone are
 * active. Every other line is a comment: optional records, those that somebody else must set, and those that are not
 * known.
 *
 * @param notes further lines, which become comments at the end.
 * @param places the commands that publish the records, which become comments too.
 * @returns the lines of the zone file, without a final newline.
 */
export function asZone(
  records: readonly PlannedRecord[],
  notes: readonly string[],
  { atDnsHost, optionalAtDnsHost }: RecordPlaces = NO_PLACES,
): string {
  const section = (title: string, rows: readonly PlannedRecord[], prefix: string): string[] =>
    rows.length === 0 ? [] : [`; ${title}`, ...rows.flatMap((row) => rowLines(row, prefix)), ''];
  const of = (place: PlannedRecord['where'], isOptional: boolean): PlannedRecord[] =>
    records.filter(({ where, optional }) => where === place && optional === isOptional);
  return [
    ...section('Publish in your zone', of('own', false), ''),
    ...section('Optional', of('own', true), '; '),
    ...section('Set these at the provider of the address, not in your zone', of('provider', false), '; '),
    ...section('Ask whoever runs these zones', [...of('other', false), ...of('other', true)], '; '),
    ...atDnsHost.flatMap(hostLines).map((line) => `; ${line}`),
    ...notes.map((note) => `; ${printable(note)}`),
    ...optionalLines(optionalAtDnsHost).map((line) => `; ${line}`.trimEnd()),
  ].join('\n');
}

/** @returns where the records are published: the commands at a DNS host, or its console. */
function hostLines({ label, commands }: AtDnsHost): string[] {
  return [
    `${printable(label)}${commands.length > 0 ? ':' : '.'}`,
    ...commands.map((line) => `  ${copyable(line)}`),
    '',
  ];
}

/** @returns the lines about the optional records, with an empty line before them. */
function optionalLines(places: readonly AtDnsHost[]): string[] {
  if (places.length === 0) return [];
  return ['', 'Only for the optional records, when what they need is done:', ...places.flatMap(hostLines)].slice(0, -1);
}

function rowLines(
  { status, purpose, published, notes = [], name, type, line }: PlannedRecord,
  prefix: string,
): string[] {
  const about = line === '' ? ` ${printable(name)} ${type}` : '';
  return [
    `; ${WORDS[status]}:${about} ${printable(purpose)}`,
    ...(notes.length > 0 ? [`;   changes: ${notes.map((note) => printable(note)).join('; ')}`] : []),
    ...published.map((value) => `;   published: ${printable(value)}`),
    ...(line === '' ? [] : [`${status === 'unknown' ? '; ' : prefix}${copyable(line)}`]),
  ];
}

/** @returns the records as a table with the commands and the notes below it, without a final newline. */
export function asTable(
  records: readonly PlannedRecord[],
  notes: readonly string[],
  { atDnsHost, optionalAtDnsHost }: RecordPlaces = NO_PLACES,
): string {
  const rows = records.map(({ status, optional, where, name, type, value }) => [
    `${WORDS[status]}${optional ? ' (optional)' : where === 'own' ? '' : ` (${where === 'provider' ? 'provider' : 'other zone'})`}`,
    printable(name),
    type,
    printable(value),
  ]);
  const head = ['status', 'name', 'type', 'value'];
  const widths = [0, 1, 2].map((column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, ...rows]
    .map(line)
    .concat(atDnsHost.length > 0 ? ['', ...atDnsHost.flatMap(hostLines)].slice(0, -1) : [])
    .concat(notes.length > 0 ? ['', ...notes.flatMap((note) => wrap(printable(note), 80))] : [])
    .concat(optionalLines(optionalAtDnsHost))
    .join('\n');
}
