/**
 * Writes a plan as a zone file (RFC 1035 §5.1) with the record sets that change, and nothing else of the zones.
 *
 * A zone file has no word for a record that goes, so these records are comments.
 */
import { presentationName } from '../zone-file/line.ts';
import type { PlanWriter, ZoneChanges } from './codec.ts';
import { goingLines, recordLine } from './lines.ts';

export const write: PlanWriter = (changes) =>
  changes.length === 0 ? '; No changes.\n' : changes.map(zoneText).join('\n');

function zoneText({ zone, sets }: ZoneChanges): string {
  const lines = [
    `; Changes to the zone ${presentationName(zone)}.`,
    '; Each record set is whole: it replaces all records of its name and type.',
    '; Delete the records of the lines that begin with "; remove:".',
    ...sets.flatMap((set) => [
      ...goingLines(set).map((line) => `; remove: ${line}`),
      ...set.after.map((value) => recordLine(set, value)),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}
