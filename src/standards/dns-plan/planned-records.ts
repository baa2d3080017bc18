/**
 * Collects the records of a plan that another tool has made. The tool has checked its records, so only what a name server
 * refuses in any case is refused here.
 */
import type {
  KeptRecords,
  ProposedFormat,
  ProposedRecord,
  ProposedZone,
  UndeterminedSet,
} from '../../network/dns/proposal.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { isReadType, readData, readTtl } from '../zone-file/data.ts';
import { readAnyName } from '../zone-file/names.ts';
import { type Comparable, distinct, refuseContradictions, refuseLongSets } from '../zone-file/served.ts';
import { MAX_RECORDS, MAX_STRING, TOO_MANY_RECORDS, type Token } from '../zone-file/tokens.ts';
import { typeNamed } from '../zone-file/types.ts';
import { octetsOfText } from './quoting.ts';

/** The name and type of a record set. */
export interface SetKey {
  readonly name: string;
  readonly type: string;
}

/** One record of a plan. */
export interface PlannedRecord extends SetKey {
  /** The words of its data, or `null` for a type of which only the existence matters. */
  readonly tokens: readonly Token[] | null;
  /** Seconds. */
  readonly ttl: number;
  readonly file?: string;
  readonly line?: number;
}

/** The types of addresses, which an alias of a DNS host answers for. */
export const ADDRESS_TYPES: readonly string[] = ['A', 'AAAA'];

/** TTL in seconds of a record whose plan says none. */
const DEFAULT_TTL = 3600;

export class PlannedRecords {
  readonly #file: string;
  readonly #format: ProposedFormat;
  readonly #records: Comparable[] = [];
  readonly #removed: SetKey[] = [];
  readonly #apexes: string[] = [];
  readonly #kept: KeptRecords[] = [];
  readonly #undetermined: UndeterminedSet[] = [];
  readonly #proxied = new Map<string, string>();

  /** @param file the path as the user typed it. */
  constructor(file: string, format: ProposedFormat) {
    this.#file = file;
    this.#format = format;
  }

  /** @returns an error about the plan. */
  fault(what: string): UsageError {
    return new UsageError(`${this.#file}: ${what}`);
  }

  /**
   * @returns the canonical name of a zone from a plan.
   * @throws UsageError for a text that is no name.
   */
  zoneNamed(text: unknown): string {
    const name = typeof text === 'string' ? wholeName(text) : undefined;
    if (name === undefined || name === '') throw this.fault(`${shown(text)} is not the name of a zone`);
    return name;
  }

  /**
   * @param relative the name without the zone. It is empty for the apex.
   * @returns the canonical owner name.
   * @throws UsageError for a text that is no name.
   */
  ownerNamed(relative: unknown, zone: string): string {
    const name = typeof relative === 'string' ? wholeName(relative === '' ? zone : `${relative}.${zone}`) : undefined;
    if (name === undefined) throw this.fault(`${shown(relative)} in the zone ${zone} is not a name`);
    return name;
  }

  /**
   * Adds a record that is published after the change.
   *
   * @throws UsageError for data that a name server refuses. It names the record and quotes nothing of its data.
   */
  add({ name, type, tokens, ttl, ...place }: PlannedRecord): void {
    if (this.#records.length >= MAX_RECORDS) throw this.fault(TOO_MANY_RECORDS);
    const reading = tokens === null || !isReadType(type) ? { data: null } : readData(type, tokens, '');
    if ('fault' in reading) throw this.fault(`the ${type} record of ${name} has data that no name server loads`);
    // Of other types one record is enough, since only their existence matters.
    this.#records.push({ name, type, ttl, ...place, data: reading.data, same: JSON.stringify(reading.data) });
  }

  /** Says that a published set goes, if the plan has no other in its place. */
  remove(set: SetKey): void {
    this.#removed.push(set);
  }

  /** Says that the records of the plan are all that its zone has, besides what the DNS host adds at the apex. */
  addWholeZone(apex: string): void {
    this.#apexes.push(apex);
  }

  /** Says that published records of a whole zone stay. */
  keep(kept: KeptRecords): void {
    this.#kept.push(kept);
  }

  /**
   * @param set a set of the zone. Its name is `null` when any name may have it.
   * @param why what is not known, as a clause.
   */
  leaveOpen(set: Pick<UndeterminedSet, 'name' | 'type'>, zone: string, why: string): void {
    this.#undetermined.push({ ...set, zone, why });
  }

  /** @param proxy the id of the web proxy that answers for the name. */
  putBehindProxy(name: string, proxy: string): void {
    this.#proxied.set(name, proxy);
  }

  /**
   * @returns all that was collected.
   * @throws UsageError for records that exclude each other.
   */
  finish(): ProposedZone {
    const records = distinct(this.#records);
    refuseContradictions(records, this.#file);
    refuseLongSets(records, this.#file);
    const kept = new Set([...records, ...this.#undetermined].map(keyOf));
    const removed = [...new Map(this.#removed.map((set) => [keyOf(set), set])).values()];
    return {
      file: this.#file,
      format: this.#format,
      records: records.map(({ same: _same, ...record }): ProposedRecord => record),
      removed: removed.filter((set) => !kept.has(keyOf(set))),
      apexes: this.#apexes,
      ...(this.#kept.length > 0 ? { kept: this.#kept } : {}),
      undetermined: this.#undetermined,
      proxied: [...this.#proxied].map(([name, proxy]) => ({ name, proxy })),
    };
  }
}

const keyOf = ({ name, type }: { readonly name: string | null; readonly type: string }): string => `${name} ${type}`;

/** Returns the canonical form of an absolute name, with or without its final dot. */
function wholeName(text: string): string | undefined {
  const octets = octetsOfText(text);
  return readAnyName({ text: octets.endsWith('.') ? octets : `${octets}.`, quoted: false }, '');
}

function shown(value: unknown): string {
  return typeof value === 'string' ? quoteInput(value) : 'a value that is no text';
}

/**
 * @param words texts and numbers of a plan.
 * @returns the words of the data of a record, or one that no data has for a value of another kind.
 */
export function wordsOf(...words: readonly unknown[]): Token[] {
  return words.map((word) => ({
    text: typeof word === 'number' || typeof word === 'string' ? octetsOfText(String(word)) : '',
    quoted: false,
  }));
}

/** @returns a name of a plan as a word of data. With or without its final dot it is absolute. */
export function nameWord(name: unknown): unknown {
  return typeof name === 'string' && !name.endsWith('.') ? `${name}.` : name;
}

/** @returns the strings of a text, each of at most 255 octets (RFC 1035 §3.3). The text may have any length. */
export function stringsOf(text: unknown): Token[] {
  if (typeof text !== 'string') return [];
  const parts = octetsOfText(text).match(new RegExp(`[\\s\\S]{1,${MAX_STRING}}`, 'g')) ?? [''];
  return parts.map((part) => ({ text: part, quoted: true }));
}

/** @returns a TTL of a plan in seconds. */
export function ttlOf(ttl: unknown): number {
  return (typeof ttl === 'number' ? readTtl(String(ttl)) : undefined) ?? DEFAULT_TTL;
}

/**
 * Tells what a plan says of a set whose type is no type of the DNS, but a word of the DNS host for records that it makes
 * itself, such as `ALIAS`.
 *
 * @param own the types that the host makes, as far as the plan says them.
 * @returns the types whose records nobody knows from the plan.
 */
export function typesMadeByHost(own: readonly unknown[]): readonly string[] {
  const types = own.flatMap((word) => (typeof word === 'string' ? (typeNamed(word) ?? []) : []));
  return types.length > 0 ? [...new Set(types)] : ADDRESS_TYPES;
}

/** @returns whether a value of a plan is an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
