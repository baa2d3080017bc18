/** The proposed records of all files by name, and what they say of names that they do not hold. */
import { canonicalName, isSameOrSubdomain } from '../domain.ts';
import type { RecordData, RecordType } from './answer.ts';
import { globOf } from './glob.ts';
import type {
  EditedSet,
  KeptRecords,
  ProposedPlace,
  ProposedRecord,
  ProposedZone,
  UndeterminedSet,
} from './proposal.ts';
import { TYPE, typeName } from './record-types.ts';

export interface ProposedNode {
  readonly file: string;
  readonly records: ProposedRecord[];
  readonly edits: (EditedSet & { readonly file: string })[];
  readonly undetermined: UndeterminedSet[];
  /** The id of the web proxy that answers for the name. */
  proxy?: string;
}

/** An undetermined set whose name is not known either, and its file. */
interface Nameless {
  readonly file: string;
  readonly set: UndeterminedSet;
}

/** A name at which proposed records hand all that is below to other name servers (NS) or to another name (DNAME). */
interface Handover {
  readonly at: string;
  readonly type: 'NS' | 'DNAME';
  readonly file: string;
  /** The name servers. */
  readonly servers: readonly string[];
  /** Whether the name is in a whole zone, whose records below the name nobody sees. */
  readonly isInWhole: boolean;
}

/** The types of the records that a web proxy puts its own addresses in place of. */
const PROXIED_TYPES: readonly string[] = ['A', 'AAAA', 'CNAME'];

/** The types that a set without a known name is never of: those of zones and delegations, which no alias hides. */
const ZONE_TYPES: readonly string[] = ['SOA', 'NS', 'DS'];

/** The records that make the chain of trust (RFC 4035 §2). */
const KEY_TYPES: readonly number[] = [TYPE.DS, TYPE.DNSKEY];

/** The proposed records of all files by name. */
export class ProposedNames {
  readonly #nodes = new Map<string, ProposedNode>();
  /** All names with their labels in reverse order, sorted, so that the names below one follow each other. */
  readonly #reversed: readonly string[];
  /** The place of each removal, by `name TYPE`. */
  readonly #removed: ReadonlyMap<string, ProposedPlace>;
  /** The apex names of whole zones. */
  readonly #apexes: ReadonlySet<string>;
  readonly #nameless: readonly Nameless[];
  readonly #kept: readonly KeepRule[];
  /** The file of each whole zone, by its apex. */
  readonly #fileOfZone: ReadonlyMap<string, string>;
  readonly #isOfSeveral: boolean;

  constructor(zones: readonly ProposedZone[]) {
    const nodeAt = (name: string, file: string): ProposedNode => {
      const node = this.#nodes.get(name) ?? { file, records: [], edits: [], undetermined: [] };
      this.#nodes.set(name, node);
      return node;
    };
    for (const { file, records, edits = [], undetermined = [], proxied = [], apexes = [] } of zones) {
      // A name may stand in several files.
      for (const record of records) nodeAt(record.name, file).records.push(placedIn(file, record));
      for (const edit of edits) nodeAt(edit.name, file).edits.push({ file, ...edit });
      for (const set of undetermined) if (set.name !== null) nodeAt(set.name, file).undetermined.push(set);
      for (const { name, proxy } of proxied) nodeAt(name, file).proxy = proxy;
      for (const apex of apexes) nodeAt(canonicalName(apex), file);
    }
    for (const node of this.#nodes.values()) {
      if (node.proxy !== undefined) keepOnly(node.records, ({ type }) => !PROXIED_TYPES.includes(type));
      if (zones.length > 1) keepDistinct(node.records);
    }
    this.#nameless = zones.flatMap(({ file, undetermined = [] }) =>
      undetermined.filter(({ name }) => name === null).map((set) => ({ file, set })),
    );
    this.#reversed = [...this.#nodes.keys()].map(reversed).sort();
    this.#removed = new Map(
      zones.flatMap(({ file, removed = [] }) =>
        removed.map(({ name, type, line = null }) => [`${canonicalName(name)} ${type}`, { file, line }]),
      ),
    );
    this.#isOfSeveral = zones.length > 1;
    this.#fileOfZone = new Map(
      zones.flatMap(({ file, apexes = [], records }) => [
        ...apexes.map((apex) => [canonicalName(apex), file] as const),
        ...records.filter(({ type }) => type === 'SOA').map(({ name }) => [name, file] as const),
      ]),
    );
    this.#kept = zones.flatMap(({ kept = [] }) => kept.map(ruleOf));
    this.#apexes = new Set([
      ...zones.flatMap(({ apexes = [] }) => apexes.map(canonicalName)),
      ...[...this.#nodes.keys()].filter((name) => this.#has(name, 'SOA')),
    ]);
  }

  at(name: string): ProposedNode | undefined {
    return this.#nodes.get(name);
  }

  /** Tells whether the live records of this type at a name go. */
  isRemoved(name: string, type: string): boolean {
    return this.#removed.has(`${name} ${type}`);
  }

  placeOf(name: string, type: string): ProposedPlace | undefined {
    const node = this.at(name);
    const changes: readonly Pick<ProposedRecord, 'type' | 'file' | 'line'>[] = [
      ...(node?.records ?? []),
      ...(node?.edits ?? []),
    ];
    const change = changes.find((one) => one.type === type) ?? changes.find((one) => one.type === 'CNAME');
    if (node !== undefined && change !== undefined) {
      return { file: change.file ?? node.file, line: change.line ?? null };
    }
    if (node !== undefined && isOpen(node, type)) return { file: node.file, line: null };
    return (
      this.#removed.get(`${name} ${type}`) ?? this.#removed.get(`${name} CNAME`) ?? this.#placeOfDenial(name, type)
    );
  }

  /** @returns the file of the whole zone that has no such record. With one file there is no question which. */
  #placeOfDenial(name: string, type: string): ProposedPlace | undefined {
    const apex = this.apexOf(name);
    const file = apex === undefined || this.mayKeep(name, type, apex) ? undefined : this.#fileOfZone.get(apex);
    return file === undefined || !this.#isOfSeveral ? undefined : { file, line: null };
  }

  /** Tells whether published records of a name in a whole zone may stay. An alias may be among them. */
  mayKeep(name: string, type: string, apex: string): boolean {
    return this.#rulesFor(name, apex).some(({ types }) => keepsType(types, type) || keepsType(types, 'CNAME'));
  }

  /**
   * Tells whether a published record of a name in a whole zone stays: its name, type and target are kept.
   *
   * @param target the text, the address, or the name with its final dot.
   */
  keeps(name: string, type: string, target: string, apex: string): boolean {
    return this.#rulesFor(name, apex).some(
      ({ types, isTarget }) => keepsType(types, type) && (isTarget === null || isTarget(target)),
    );
  }

  #rulesFor(name: string, apex: string): readonly KeepRule[] {
    const label = name === apex ? '@' : name.slice(0, -apex.length - 1);
    return this.#kept.filter(({ zone, isLabel }) => zone === apex && isLabel(label));
  }

  /** @returns the undetermined set without a known name that a question may be about. */
  namelessFor(name: string, type: string): Nameless | undefined {
    if (ZONE_TYPES.includes(type)) return undefined;
    return this.#nameless.find(({ set }) => mayBe(set, name, type));
  }

  /** @returns the undetermined set without a known name that may be in place of the published set. */
  replacementOf(name: string, type: string): Nameless | undefined {
    if (ZONE_TYPES.includes(type)) return undefined;
    const changes = this.at(name)?.records ?? [];
    if (changes.some((record) => record.type === type || record.type === 'CNAME')) return undefined;
    return this.#nameless.find(({ set }) => set.isReplaced && mayBe(set, name, type));
  }

  /** Tells whether a name exists: it has records, or a name below it has some (RFC 8020 §2). */
  exists(name: string): boolean {
    return this.#nodes.has(name) || this.#firstBelow(name) !== undefined;
  }

  /** @returns the path of the file with a name below this one; the empty string when there is none. */
  fileBelow(name: string): string {
    return this.at(this.#firstBelow(name) ?? '')?.file ?? '';
  }

  /**
   * @returns the apex of the whole zone that contains a name; `undefined` when an NS record delegates the name away.
   */
  apexOf(name: string): string | undefined {
    const ancestors = ancestry(name);
    const apex = ancestors.find((ancestor) => this.#apexes.has(ancestor));
    if (apex === undefined) return undefined;
    const below = ancestors.slice(0, ancestors.indexOf(apex));
    return below.some((ancestor) => this.#has(ancestor, 'NS')) ? undefined : apex;
  }

  /** @returns where proposed records hand a name on, the nearest to the root first. The NS records of an apex do not. */
  handoversOf(name: string): readonly Handover[] {
    const ancestors = ancestry(name);
    const apex = ancestors.findIndex((ancestor) => this.#apexes.has(ancestor));
    const isInWhole = apex !== -1;
    const inZone = isInWhole ? ancestors.slice(0, apex + 1) : ancestors;
    return inZone.reverse().flatMap((at): Handover[] => {
      const node = this.at(at);
      if (node === undefined) return [];
      const servers = [...node.records, ...node.edits.flatMap(({ type, add }) => add.map((data) => ({ type, data })))]
        .filter(({ type }) => type === 'NS')
        .flatMap(({ data }) => (typeof data === 'string' ? data : []));
      const isCut = servers.length > 0 && !this.#apexes.has(at);
      return [
        ...(isCut ? [{ at, type: 'NS' as const, file: node.file, servers, isInWhole }] : []),
        ...(at !== name && this.#has(at, 'DNAME')
          ? [{ at, type: 'DNAME' as const, file: node.file, servers: [], isInWhole }]
          : []),
      ];
    });
  }

  /** @returns the wildcard that matches a name: `*` directly below its closest existing ancestor (RFC 4592 §3.3.1). */
  wildcardOf(name: string): ProposedNode | undefined {
    for (const ancestor of ancestry(name).slice(1)) {
      const wildcard = this.at(`*.${ancestor}`);
      if (wildcard) return wildcard;
      if (this.exists(ancestor)) return undefined;
    }
    return undefined;
  }

  /**
   * Tells whether proposed records decide the answer to a question for signatures. The keys of a zone and what its parent
   * says of them are never proposed.
   */
  decides(name: string, type: number): boolean {
    if (KEY_TYPES.includes(type)) return false;
    const text = typeName(type);
    const apex = this.apexOf(name);
    return (
      (apex !== undefined && !this.mayKeep(name, text, apex)) ||
      [text, 'CNAME'].some((own) => this.#changes(name, own) || this.isRemoved(name, own)) ||
      this.namelessFor(name, text) !== undefined ||
      (this.at(name) === undefined && this.wildcardOf(name) !== undefined)
    );
  }

  #changes(name: string, type: string): boolean {
    const node = this.at(name);
    if (node === undefined) return false;
    return this.#has(name, type) || node.edits.some((edit) => edit.type === type) || isOpen(node, type);
  }

  #has(name: string, type: string): boolean {
    return this.at(name)?.records.some((record) => record.type === type) ?? false;
  }

  #firstBelow(name: string): string | undefined {
    const start = `${reversed(name)}.`;
    const found = this.#reversed[firstFrom(this.#reversed, start)];
    return found?.startsWith(start) ? reversed(found) : undefined;
  }
}

/** Tells whether nobody knows what a node answers to a question before the change is applied. */
export function isOpen({ undetermined, proxy }: ProposedNode, type: string): boolean {
  if (undetermined.some((set) => set.type === type || set.type === 'CNAME')) return true;
  return proxy !== undefined && (type === 'A' || type === 'AAAA');
}

/** Tells whether a set without a known name may be the one that a question is about. */
function mayBe({ zone, below, type: own }: UndeterminedSet, name: string, type: string): boolean {
  if (zone !== null && !isSameOrSubdomain(name, zone)) return false;
  if (below !== undefined && !name.split('.').includes(below)) return false;
  // The apex of a zone has an SOA record, which excludes an alias (RFC 1034 §3.6.2).
  return own === type || (own === 'CNAME' && name !== zone);
}

/** What stays of a whole zone, with its patterns read. */
interface KeepRule {
  readonly zone: string;
  readonly isLabel: (label: string) => boolean;
  readonly types: readonly string[];
  /** `null` keeps every target. */
  readonly isTarget: ((target: string) => boolean) | null;
}

/** A pattern that cannot be read keeps nothing. */
function ruleOf({ zone, label, types, target }: KeptRecords): KeepRule {
  const nothing = (): boolean => false;
  const isTarget = target === undefined ? null : (globOf(target) ?? nothing);
  return { zone, isLabel: globOf(label) ?? nothing, types, isTarget };
}

const keepsType = (types: readonly string[], type: string): boolean => types.length === 0 || types.includes(type);

/** @returns what a pattern of targets is compared with. */
export function targetOf(type: string, data: RecordData[RecordType]): string {
  if (typeof data === 'string') return type === 'A' || type === 'AAAA' ? data : `${canonicalName(data)}.`;
  if (Array.isArray(data)) return data.join('');
  if ('exchange' in data) return `${canonicalName(data.exchange)}.`;
  return 'usage' in data ? data.data : '';
}

function reversed(name: string): string {
  return name.split('.').reverse().join('.');
}

/** @returns the position of the first text of a sorted list that is not before `start`. */
function firstFrom(sorted: readonly string[], start: string): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] ?? '') < start) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** @returns the record with the file that it stands in. */
function placedIn(file: string, record: ProposedRecord): ProposedRecord {
  return record.file === undefined ? { ...record, file } : record;
}

/** Removes records that several files contain, since a record is published once. */
function keepDistinct(records: ProposedRecord[]): void {
  const seen = new Set<string>();
  keepOnly(records, ({ type, data }) => {
    const key = `${type} ${JSON.stringify(data)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function keepOnly(records: ProposedRecord[], isKept: (record: ProposedRecord) => boolean): void {
  records.splice(0, records.length, ...records.filter(isKept));
}

/** @returns the name and all its ancestors, the nearest first. */
function ancestry(name: string): string[] {
  const labels = name.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}
