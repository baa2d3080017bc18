/**
 * Collects the record sets of a plan file: those that the owner of the domain changes in their own zones. What the file
 * cannot hold becomes a note: records in the zones of others, and what the owner has to decide first.
 */

import type { RecordChange, Report } from '../../report/status.ts';
import { type PlannedType, PROPOSED_TTL, type SetChange, type ZoneChanges } from '../../standards/dns-plan/codec.ts';
import { organizationalDomain } from '../../standards/organizational-domain.ts';
import { type RecordToPublish, type RecordValue, readValue } from '../../standards/zone-file/line.ts';

/** What a plan file says. */
export interface FileContent {
  readonly zones: readonly ZoneChanges[];
  /** What the file is, and what it does not hold, one sentence each. The strings in them are hostile. */
  readonly notes: readonly string[];
}

/** A record set and the apex of its zone. */
export interface PlacedSet extends SetChange {
  readonly zone: string;
  /** The id of the DNS host that serves the zone, where it is known. */
  readonly dnsHost?: string;
}

/**
 * The note on the TTL of all records. What the published one is, nobody knows: a resolver tells how long it still keeps an
 * answer.
 */
export const NOTE_ON_TTL = `The TTL of ${PROPOSED_TTL} seconds is a proposal: put in that of your records.`;

/**
 * @returns the apex of the zone in which the owner of a domain publishes a record set, and its DNS host. Where the zone could
 *   not be found, it is the organizational domain.
 */
export function placeOf({
  name,
  zone,
  dnsHost,
}: Pick<RecordChange, 'name' | 'zone' | 'dnsHost'>): Pick<PlacedSet, 'zone' | 'dnsHost'> {
  return { zone: zone ?? organizationalDomain(name), ...(dnsHost === null ? {} : { dnsHost }) };
}

/** @returns what the plan file of these reports says: the changes that they propose. */
export function changesOf(reports: readonly Report[]): FileContent {
  const changes = reports.flatMap(({ plan }) => plan?.changes ?? []);
  const own = changes.filter(({ owner }) => owner === 'own').map((change) => ({ change, set: setOf(change) }));
  const { sets, contradictions } = united(own.flatMap(({ set }) => set ?? []));
  const proposed = reports.flatMap((report) => report.proposed?.files.map(({ file }) => file) ?? []);
  return {
    zones: zonesOf(sets),
    notes: [
      sets.length > 0
        ? `Changes of DNS records that mailcheck proposes for ${domainsOf(reports)}.`
        : `mailcheck proposes no change of DNS records of ${domainsOf(reports)} in this file.`,
      ...(proposed.length > 0
        ? [
            `They are changes of the proposed records (${[...new Set(proposed)].join(', ')}), not of the published ones.`,
          ]
        : []),
      ...(sets.length > 0 ? [NOTE_ON_TTL] : []),
      ...own.flatMap(({ change, set }) =>
        set === undefined
          ? [`Not in this file: the ${change.type} records of ${change.name}, since one of them has no usual form.`]
          : [],
      ),
      ...contradictions.map(
        (name) => `Not in this file: the records of ${name}, for which two targets need different values.`,
      ),
      ...new Set(changes.flatMap(notesOnOthers)),
      ...new Set(
        reports.flatMap(({ plan }) => (plan?.undecided ?? []).map(({ decide }) => `Not decided yet: ${decide}`)),
      ),
    ],
  };
}

function domainsOf(reports: readonly Report[]): string {
  return [...new Set(reports.map(({ target }) => target.domain))].join(', ');
}

/** @returns the notes on a record set that somebody else changes. There are none for one of the user's own zones. */
function notesOnOthers({ owner, remove, add }: RecordChange): string[] {
  if (owner === 'own') return [];
  return [
    ...remove.map(({ line }) => `${setBy(owner)}: remove ${line}`),
    ...add.map(({ line }) => `${setBy(owner)}: publish ${line}`),
  ];
}

/** @returns the words that a record is not in the file, because somebody else sets it. */
export function setBy(owner: 'provider' | 'other'): string {
  return owner === 'provider'
    ? 'Not in this file, because the provider of the address sets it'
    : 'Not in this file, because it is in somebody else’s zone';
}

const TYPES: readonly string[] = ['A', 'AAAA', 'CNAME', 'MX', 'PTR', 'TLSA', 'TXT'] satisfies PlannedType[];
const isPlanned = (type: string): type is PlannedType => TYPES.includes(type);

/** @returns the change as values, or `undefined` if a record of it is not one that mailcheck writes. */
function setOf(change: RecordChange): PlacedSet | undefined {
  const { name, type } = change;
  const [keep, remove, add] = [valuesOf(change.keep), valuesOf(change.remove), valuesOf(change.add)];
  if (keep === undefined || remove === undefined || add === undefined || !isPlanned(type)) return undefined;
  return { ...placeOf(change), name, type, ttl: PROPOSED_TTL, before: [...keep, ...remove], after: [...keep, ...add] };
}

function valuesOf(records: readonly RecordToPublish[]): RecordValue[] | undefined {
  const values = records.map(readValue);
  const read = values.filter((value) => value !== undefined);
  return read.length === values.length ? read : undefined;
}

/**
 * Unites the record sets of several targets. Where two targets need different values of a record set, no record set of
 * its name stays, because an alias and what replaces it belong together.
 *
 * @returns the record sets, and the names whose sets contradict each other.
 */
function united(all: readonly PlacedSet[]): { sets: PlacedSet[]; contradictions: string[] } {
  const byKey = new Map<string, PlacedSet>();
  const contradictions = new Set<string>();
  for (const set of all) {
    const key = `${set.name} ${set.type}`;
    const known = byKey.get(key) ?? set;
    byKey.set(key, known);
    if (!isSame(known.after, set.after)) contradictions.add(set.name);
  }
  const sets = [...byKey.values()].filter(({ name }) => !contradictions.has(name));
  return { sets, contradictions: [...contradictions] };
}

/** Tells whether two lists hold the same values, in any order. */
export function isSame(one: readonly string[], other: readonly string[]): boolean {
  return JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());
}

/**
 * @returns the record sets by their zones. In each zone those that go come first, because no record can be added beside
 *   an alias (RFC 1034 §3.6.2).
 */
export function zonesOf(sets: readonly PlacedSet[]): ZoneChanges[] {
  const zones = new Map<string, PlacedSet[]>();
  for (const set of sets) zones.set(set.zone, [...(zones.get(set.zone) ?? []), set]);
  return [...zones].map(([zone, own]) => {
    const dnsHost = own.find((set) => set.dnsHost !== undefined)?.dnsHost;
    const goesFirst = [...own].sort((a, b) => Number(a.after.length > 0) - Number(b.after.length > 0));
    return {
      zone,
      ...(dnsHost === undefined ? {} : { dnsHost }),
      sets: goesFirst.map(({ name, type, ttl, before, after }) => ({ name, type, ttl, before, after })),
    };
  });
}
