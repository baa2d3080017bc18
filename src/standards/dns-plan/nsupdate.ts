/**
 * Writes a plan as a script for `nsupdate`, which sends dynamic updates (RFC 2136) to a primary name server.
 *
 * Each zone is one message. The server applies all of a message or nothing of it. Prerequisites make the server refuse
 * the message when its records are no longer those that the plan was made from (RFC 2136 §2.4).
 */
import { UsageError } from '../../usage-error.ts';
import { presentationName } from '../zone-file/line.ts';
import type { PlanWriter, SetChange, ZoneChanges } from './codec.ts';
import { dataText } from './lines.ts';

export const write: PlanWriter = (changes) =>
  changes.length === 0 ? '; No changes.\n' : changes.map(messageOf).join('\n');

/** The longest command that nsupdate reads, in characters (MAXCMD of BIND). It would take the rest for another command. */
const MAX_COMMAND = 128 * 1024 - 1;

/** The longest text that everybody publishes as one string, in octets. */
const MAX_STRING = 255;

function messageOf({ zone, sets }: ZoneChanges): string {
  const apex = presentationName(zone);
  const lines = [
    `; Changes to the zone ${apex}. Run: nsupdate -k <key file> <this file>`,
    '; The server changes nothing and answers NXRRSET or YXRRSET if a record set is no longer as it was when this file was',
    '; written. Then run mailcheck again for a new file.',
    ...(sets.some(hasTexts)
      ? [
          '; If it answers NXRRSET to the new file too, a TXT record is published as several strings. Make sure that it has the',
          '; text of its "prereq" lines, and put this line in their place: prereq yxrrset NAME IN TXT',
        ]
      : []),
    `zone ${apex}.`,
    ...sets.flatMap(prerequisites),
    // All deletions come first: a server ignores a record added beside a CNAME record (RFC 2136 §3.4.2.2).
    ...sets.map((set) => `update delete ${ownerOf(set)} IN ${set.type}`),
    ...sets.flatMap((set) =>
      set.after.map((value) => `update add ${ownerOf(set)} ${set.ttl} IN ${set.type} ${dataText(set.type, value)}`),
    ),
    'send',
  ];
  const long = lines.find((line) => line.length > MAX_COMMAND);
  if (long !== undefined) throw new UsageError('nsupdate cannot read a record of this length: choose another format');
  return `${lines.join('\n')}\n`;
}

/**
 * Returns the lines that state the published records of a set. The server compares texts string by string, and nobody
 * knows where a long one is divided. Of a set with a long text only the existence is stated.
 */
function prerequisites(set: SetChange): string[] {
  const { type, before } = set;
  const owner = ownerOf(set);
  if (before.length === 0) return [`prereq nxrrset ${owner} IN ${type}`];
  if (type === 'TXT' && before.some((text) => text.length > MAX_STRING)) return [`prereq yxrrset ${owner} IN TXT`];
  return before.map((value) => `prereq yxrrset ${owner} IN ${type} ${dataText(type, value)}`);
}

/** @returns whether the prerequisites state texts, which may be published in other strings than here. */
const hasTexts = (set: SetChange): boolean =>
  set.type === 'TXT' && prerequisites(set).some((line) => line.includes('"'));

const ownerOf = ({ name }: SetChange): string => `${presentationName(name)}.`;
