/** Formats the planned records as a zone file or as a table. */

import type { PlannedRecord, RecordStatus } from '../../records/planned-record.ts';
import { wrap } from '../../reporters/layout.ts';
import { printable } from '../../reporters/printable.ts';

const WORDS: Readonly<Record<RecordStatus, string>> = {
  right: 'right',
  changed: 'changed',
  missing: 'missing',
  unknown: 'not known',
};

/**
 * Formats the records as a zone file (RFC 1035 §5.1). Only the records that the user needs in their own zone are
 * active. Optional records, and those that the provider must set, are comments.
 *
 * @param notes further lines, which become comments at the end.
 * @returns the lines of the zone file, without a final newline.
 */
export function asZone(records: readonly PlannedRecord[], notes: readonly string[]): string {
  const section = (title: string, rows: readonly PlannedRecord[], prefix: string): string[] =>
    rows.length === 0
      ? []
      : [`; ${title}`, ...rows.flatMap((row) => [comment(row), `${prefix}${printable(row.line)}`]), ''];
  const needed = records.filter(({ where, optional }) => where === 'own' && !optional);
  const optional = records.filter(({ where, optional: isOptional }) => where === 'own' && isOptional);
  const elsewhere = records.filter(({ where }) => where === 'provider');
  return [
    ...section('In your own zone', needed, ''),
    ...section('Optional', optional, '; '),
    ...section('Not in your zone: the provider of the address sets it', elsewhere, '; '),
    ...notes.map((note) => `; ${printable(note)}`),
  ].join('\n');
}

function comment({ status, purpose, published }: PlannedRecord): string {
  const now = published.length > 0 ? `; published: ${published.map((text) => printable(text)).join(' | ')}` : '';
  return `; ${WORDS[status]}: ${purpose}${now}`;
}

/** @returns the records as a table with the notes below it, without a final newline. */
export function asTable(records: readonly PlannedRecord[], notes: readonly string[]): string {
  const rows = records.map(({ status, optional, where, name, type, value }) => [
    `${WORDS[status]}${optional ? ' (optional)' : where === 'provider' ? ' (provider)' : ''}`,
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
    .concat(notes.length > 0 ? ['', ...notes.flatMap((note) => wrap(printable(note), 80))] : [])
    .join('\n');
}
