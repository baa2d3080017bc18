/** Collects the record sets that a mail host needs for a plan file, so that the file is how the zone should be. */

import type { NeededSet, PlannedRecords } from '../../records/plan.ts';
import type { PlannedRecord } from '../../records/planned-record.ts';
import { PROPOSED_TTL } from '../../standards/dns-plan/codec.ts';
import { type FileContent, NOTE_ON_TTL, placeOf, setBy, zonesOf } from './changes.ts';

/**
 * @param about what the records are for, as the first note.
 * @param notes further notes of the command.
 * @param isApplied whether the file is applied to the zone as it is. It leaves out what is right then.
 * @returns what the plan file of the records says: every record set of the user's own zones that is needed, whether it is
 *   right, changed or missing. A new record without which mail is delivered too is a note, because it needs more than
 *   itself.
 */
export function neededContent(
  { records, sets }: Pick<PlannedRecords, 'records' | 'sets'>,
  about: string,
  { notes, isApplied }: { readonly notes: readonly string[]; readonly isApplied: boolean },
): FileContent {
  const own = sets.filter(({ where }) => where === 'own');
  const held = own.filter((set) => !set.isOptional || own.some((other) => replaces(set, other)));
  const written = isApplied ? held.filter((set) => !isRight(set)) : held;
  return {
    zones: zonesOf(written.map((set) => ({ ...valuesIn(set), ...placeOf(set), ttl: PROPOSED_TTL }))),
    notes: [
      about,
      ...(written.length > 0 ? [NOTE_ON_TTL] : []),
      ...(written.length < held.length ? ['Record sets that are right already are not in this file.'] : []),
      ...records.flatMap(noteOn),
      ...own.filter((set) => !held.includes(set)).map(({ name, type }) => left(records, name, type)),
      ...notes,
    ],
  };
}

const isRight = ({ before, after }: NeededSet): boolean =>
  before.length === after.length && before.every((value) => after.includes(value));

const valuesIn = ({ name, type, before, after }: NeededSet) => ({ name, type, before, after });

/** Returns whether the other set goes at the same name, so that the first one comes in its place. */
function replaces({ name }: NeededSet, other: NeededSet): boolean {
  return other.name === name && other.type === 'CNAME' && other.after.length === 0;
}

function left(records: readonly PlannedRecord[], name: string, type: string): string {
  const record = records.find((one) => one.name === name && one.type === type && one.status === 'missing');
  return `Optional, so not in this file: ${record === undefined ? `${name} ${type}` : `${record.line} (${record.purpose})`}`;
}

/** @returns the note on a record that the file does not hold. */
function noteOn({ status, where, name, type, line, purpose }: PlannedRecord): string[] {
  switch (status) {
    case 'unknown':
      return [`Not in this file: the ${type} records of ${name}, which could not be looked up.`];
    case 'undecided':
      return [`Not in this file: the ${type} records of ${name}. ${purpose}`];
    case 'right':
      return [];
    case 'changed':
    case 'missing':
      return where === 'own' ? [] : [`${setBy(where)}: publish ${line}`];
  }
}
