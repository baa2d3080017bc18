/**
 * Names the values that the user has to put into commands. Two values never have the same name in one report or one
 * script: a name that would stand for several gets a number.
 */
import type { SetChange } from '../../../standards/dns-plan/codec.ts';
import type { RecordValue } from '../../../standards/zone-file/line.ts';
import { openName } from '../../rules/pasted.ts';
import { recordOf } from '../plan/values.ts';

/** Where a command is that needs a value of the user. */
export interface OpenPlace {
  readonly hostId: string;
  readonly zone: string;
  readonly change: SetChange;
  /** The published value that the command changes or removes. */
  readonly old: RecordValue | undefined;
}

/** The placeholders whose value belongs to one published record. */
const OF_RECORD: readonly string[] = ['recordId'];
/** The placeholders whose value belongs to one published record set. */
const OF_SET: readonly string[] = ['publishedTtl'];
/** The placeholders whose value is the same for all zones at a host. The value of every other one belongs to a zone. */
const OF_ACCOUNT: readonly string[] = ['subscriptionId', 'project'];

/** Collects the values of some commands, and then gives each its name. */
export class OpenNames {
  /** What the values belong to, by placeholder, in the order in which the commands need them. */
  readonly #owners = new Map<string, Set<string>>();

  /** Notes that a command needs the value. */
  note(placeholder: string, place: OpenPlace): void {
    const owners = this.#owners.get(placeholder) ?? new Set();
    this.#owners.set(placeholder, owners.add(ownerOf(placeholder, place)));
  }

  /** @returns the name that stands for the value: `RECORD_ID`, or `RECORD_ID_2` where there are several. */
  nameOf(placeholder: string, place: OpenPlace): string {
    const owners = [...(this.#owners.get(placeholder) ?? [])];
    const stand = openName(placeholder);
    return owners.length < 2 ? stand : `${stand}_${owners.indexOf(ownerOf(placeholder, place)) + 1}`;
  }

  /**
   * @returns what the value belongs to, as a line of a zone file, a record set or a zone. Empty where the name says enough.
   */
  ownerText(placeholder: string, { zone, change, old }: OpenPlace): string {
    const { name, type } = change;
    if (OF_RECORD.includes(placeholder) && old !== undefined) return recordText(change, old);
    const isOne = (this.#owners.get(placeholder)?.size ?? 0) < 2;
    if (isOne) return '';
    return OF_SET.includes(placeholder) ? `${name} ${type}` : zone;
  }
}

function ownerOf(placeholder: string, { hostId, zone, change, old }: OpenPlace): string {
  const { name, type } = change;
  const set = [hostId, zone, name, type];
  if (OF_RECORD.includes(placeholder)) return JSON.stringify([...set, old ?? '']);
  if (OF_SET.includes(placeholder)) return JSON.stringify(set);
  return JSON.stringify(OF_ACCOUNT.includes(placeholder) ? [hostId] : [hostId, zone]);
}

/** How many characters of a text tell which record is meant, if no other one begins so. */
const BEGINNING = 80;

/** @returns the record as a line of a zone file. A long text is cut where the rest tells nothing. */
function recordText({ name, type, before }: SetChange, old: RecordValue): string {
  const beginning = old.slice(0, BEGINNING);
  const isLong = type === 'TXT' && old.length > BEGINNING;
  const isTold = before.filter((value) => value.startsWith(beginning)).length === 1;
  if (!isLong || !isTold) return recordOf(name, type, old).line;
  return `${recordOf(name, type, beginning as RecordValue).line}…`;
}
