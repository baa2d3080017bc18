/**
 * Writes changes as lines of a zone file (RFC 1035 §5.1). Every name is absolute, so that the lines can stand in any zone
 * file. A record set that changes stands with all its values. What goes is a comment, because a zone file cannot say it.
 */
import { presentationName, quotedStrings, type RecordValue } from '../zone-file/line.ts';
import type { PlanWriter, SetChange } from './codec.ts';

/** Writes the record sets of each zone under a comment with the name of the zone. */
export const write: PlanWriter = (changes) =>
  changes.map(({ zone, sets }) => `; Zone ${presentationName(zone)}\n${sets.map(linesOf).join('')}`).join('\n');

function linesOf(set: SetChange): string {
  const gone = set.before.filter((value) => !set.after.includes(value));
  return [
    ...gone.map((value) => `; remove: ${lineOf(set, value)}\n`),
    ...set.after.map((value) => `${lineOf(set, value)}\n`),
  ].join('');
}

function lineOf({ name, type, ttl }: SetChange, value: RecordValue): string {
  return `${presentationName(name)}. ${ttl} IN ${type} ${type === 'TXT' ? quotedStrings(value) : value}`;
}
