/** Refuses records that a name server would not load together, or would load and never serve. */
import type { ProposedRecord, ProposedZone } from '../../network/dns/proposal.ts';
import { MAX_DATA } from './octets.ts';
import { fault } from './tokens.ts';

/** A record that can be compared. */
export interface Comparable extends ProposedRecord {
  /** The data in a form that is the same for equal data. */
  readonly same: string;
}

/** A record with its place in a file. */
export interface Placed extends Comparable {
  readonly line: number;
}

/** @returns the records without those that are there already. A name server keeps one of them (RFC 2181 §5). */
export function distinct<T extends { readonly name: string; readonly type: string; readonly same: string }>(
  records: readonly T[],
): T[] {
  const seen = new Set<string>();
  return records.filter(({ name, type, same }) => {
    const key = `${name} ${type} ${same}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The types that may stand beside a CNAME record (RFC 4035 §2.5, RFC 3007 §3.1.1). */
const BESIDE_ALIAS = new Set(['CNAME', 'RRSIG', 'SIG', 'NSEC', 'NXT', 'KEY']);

/** The types of which a name has one record (RFC 1034 §3.6.2, RFC 1035 §3.3.13, RFC 6672 §2.4). */
const SINGLE = new Set(['CNAME', 'DNAME', 'SOA']);

interface Known {
  readonly name: string;
  readonly type: string;
}

/** @returns what a record contradicts among those before it, in words, or `undefined`. Its caller keeps the memory. */
function contradiction({ name, type }: Known, typesAt: Map<string, Set<string>>): string | undefined {
  const types = typesAt.get(name) ?? new Set<string>();
  const isSecond = types.has(type);
  const other = isSecond ? undefined : besideAlias(type, types);
  types.add(type);
  typesAt.set(name, types);
  if (isSecond && SINGLE.has(type)) return `${name} has two different ${type} records`;
  return other === undefined ? undefined : `${name} has a CNAME and a ${other} record`;
}

/**
 * @param type a type that the name does not have yet. The types are searched for a CNAME record alone, of which a name
 *   has one, so the time stays linear.
 * @returns the type that may not stand beside the CNAME record of the name, or `undefined`.
 */
function besideAlias(type: string, types: ReadonlySet<string>): string | undefined {
  if (type === 'CNAME') return [...types].find((before) => !BESIDE_ALIAS.has(before));
  return types.has('CNAME') && !BESIDE_ALIAS.has(type) ? type : undefined;
}

/**
 * @param records the records of a file, without those that are there twice.
 * @throws UsageError with file, and line if it is known, for records that exclude each other.
 */
export function refuseContradictions(records: readonly Comparable[], file: string): void {
  const typesAt = new Map<string, Set<string>>();
  for (const record of records) {
    const what = contradiction(record, typesAt);
    if (what !== undefined) throw fault(file, record.line, what);
  }
}

/**
 * @param zones the records of several files that are checked together.
 * @throws UsageError with the later file for records of different files that exclude each other.
 */
export function refuseConflicts(zones: readonly ProposedZone[]): void {
  const typesAt = new Map<string, Set<string>>();
  const all = zones.flatMap(({ file, records }) =>
    records.map((record) => ({ ...record, file, same: JSON.stringify(record.data) })),
  );
  for (const record of distinct(all)) {
    // Only the existence of these records is known, so that two may be the same one.
    if (record.data === null && typesAt.get(record.name)?.has(record.type)) continue;
    const what = contradiction(record, typesAt);
    if (what !== undefined) throw fault(record.file, undefined, `${what} with the other files of --zone`);
  }
}

/** The types at a delegation that are the parent's, or that resolvers get from it as glue. */
const AT_DELEGATION = new Set(['NS', 'DS', 'NSEC', 'RRSIG', 'A', 'AAAA']);
const GLUE = new Set(['A', 'AAAA']);

/**
 * Refuses the records that a name server with these zones does not serve: outside of every zone, or in a part that NS
 * records give to other servers (RFC 1034 §4.2). Each SOA record begins a zone. Without one the records are a set of
 * changes, of which nobody knows the zone.
 *
 * @throws UsageError with file and line.
 */
export function refuseUnserved(records: readonly Placed[], file: string): void {
  const apexes = new Set(namesWith(records, 'SOA'));
  refuseUnfinishedApex(records, file);
  refuseBelowDnames(records, apexes, file);
  const delegations = new Set(namesWith(records, 'NS').filter((name) => !apexes.has(name)));
  for (const { name, type, line } of records) {
    if (type === 'NS' && name.startsWith('*.')) throw fault(file, line, `${name}: a wildcard cannot have NS records`);
    if (apexes.size === 0) continue;
    if (type === 'DS' && apexes.has(name)) {
      throw fault(file, line, `${name}: the DS record of a zone belongs in the zone above it`);
    }
    const { isInZone, delegation } = placeOf(name, apexes, delegations);
    const above = type === 'SOA' ? parentOf(name) : undefined;
    if (above !== undefined && placeOf(above, apexes, delegations).isInZone) {
      throw fault(file, line, `${name} is below the zone of the file, so its SOA record belongs in another file`);
    }
    if (!isInZone)
      throw fault(file, line, `${name} is outside the zone of the file (${[...apexes].slice(0, 3).join(', ')})`);
    const allowed = delegation === name ? AT_DELEGATION : GLUE;
    if (delegation !== undefined && !allowed.has(type)) {
      throw fault(
        file,
        line,
        `${name}: name servers would not serve this ${type} record, because ${delegation} has NS records`,
      );
    }
  }
  refuseFaultyApexes(records, apexes, file);
}

/** Refuses an SOA record whose name was written without its final dot, so that the origin follows it again. */
function refuseUnfinishedApex(records: readonly Placed[], file: string): void {
  for (const { name, type, line } of records) {
    const half = name.slice(0, (name.length - 1) / 2);
    if (type === 'SOA' && half.includes('.') && name === `${half}.${half}`) {
      throw fault(file, line, `the SOA record is at ${name}: its name lacks the final dot. Write "${half}."`);
    }
  }
}

/**
 * Refuses a zone with a name server that is an alias (RFC 2181 §10.3). A zone may lack its own NS records: DNS hosts add
 * them, and leave them out of their exports.
 */
function refuseFaultyApexes(records: readonly Placed[], apexes: ReadonlySet<string>, file: string): void {
  const aliases = new Set(namesWith(records, 'CNAME'));
  for (const { name, type, data, line } of records) {
    if (type === 'NS' && apexes.has(name) && typeof data === 'string' && aliases.has(data)) {
      throw fault(file, line, `${data}, a name server of ${name}, is an alias (CNAME)`);
    }
  }
}

/**
 * Refuses names below a DNAME record, which a name server does not serve (RFC 6672 §2.3), and a DNAME record of a whole
 * zone, which mailcheck does not follow.
 */
function refuseBelowDnames(records: readonly Placed[], apexes: ReadonlySet<string>, file: string): void {
  const dnames = new Set(namesWith(records, 'DNAME'));
  if (dnames.size === 0) return;
  const whole = records.find(({ name, type }) => type === 'DNAME' && apexes.has(name));
  if (whole !== undefined) {
    throw fault(file, whole.line, `${whole.name}: a DNAME record of the whole zone is not supported`);
  }
  for (const { name, line } of records) {
    for (let at = parentOf(name); at !== undefined; at = parentOf(at)) {
      if (dnames.has(at)) throw fault(file, line, `${name} is below ${at}, which has a DNAME record`);
    }
  }
}

/**
 * @throws UsageError with file, and line if it is known, for records of one name and type that are too long together. A
 *   name server cannot send them in one message.
 */
export function refuseLongSets(records: readonly Comparable[], file: string): void {
  const sizes = new Map<string, number>();
  for (const record of records) {
    const key = `${record.name} ${record.type}`;
    const size = (sizes.get(key) ?? 0) + leastSize(record);
    if (size > MAX_DATA) {
      throw fault(file, record.line, `the ${record.type} records of ${record.name} have more than ${MAX_DATA} octets`);
    }
    sizes.set(key, size);
  }
}

/** Returns the octets of the data of a record, or fewer where they are not known. */
function leastSize({ type, data }: Comparable): number {
  if (type === 'A') return 4;
  if (type === 'AAAA') return 16;
  if (Array.isArray(data)) return data.reduce((sum, string) => sum + 1 + string.length, 0);
  if (typeof data === 'string') return data.length + 1;
  return data !== null && 'exchange' in data ? data.exchange.length + 3 : 1;
}

function namesWith(records: readonly Placed[], type: string): string[] {
  return records.filter((record) => record.type === type).map(({ name }) => name);
}

/** Returns whether a name is in a zone, and the topmost delegation above it or at it. */
function placeOf(name: string, apexes: ReadonlySet<string>, delegations: ReadonlySet<string>) {
  let delegation: string | undefined;
  for (let at: string | undefined = name; at !== undefined; at = parentOf(at)) {
    if (apexes.has(at)) return { isInZone: true, delegation };
    if (delegations.has(at)) delegation = at;
  }
  return { isInZone: false, delegation };
}

function parentOf(name: string): string | undefined {
  const dot = name.indexOf('.');
  return dot === -1 ? undefined : name.slice(dot + 1);
}
