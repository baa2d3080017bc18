/**
 * Answers questions as if proposed records were already published, and asks the live DNS for everything else.
 *
 * A file with an SOA record is a whole zone. Names at and below its apex come from the file, and a name that the file
 * does not contain does not exist (RFC 1034 §4.3.2, RFC 4592, RFC 8020). A file without SOA record is a set of changes.
 * Its record sets replace the live ones, and every other live record stays.
 *
 * A set of changes has one effect that the overlay cannot show. A new name hides a live wildcard for all types, but an
 * answer from a live wildcard looks the same as an answer from a record.
 *
 * A plan may also keep what a whole zone has beside its records, change single records of a set, leave sets undetermined until it is applied, and put names behind a web
 * proxy. What is undetermined is neither absent nor taken from the live DNS: the lookup fails.
 */
import { canonicalName, isSameOrSubdomain } from '../domain.ts';
import {
  type DnsAnswer,
  type DnsFailure,
  type Exchange,
  isFailure,
  type RecordData,
  type RecordType,
  recordsOf,
  unasked,
} from './answer.ts';
import { AskedOnce } from './asked-once.ts';
import { type DnsClient, failedSigned } from './client.ts';
import { globOf } from './glob.ts';
import { TYPE, typeName } from './record-types.ts';
import { MAX_CHAIN } from './resolve.ts';
import { through } from './through.ts';

/** One proposed record. Its data is `null` for types that mailcheck never queries: only their existence matters. */
export interface ProposedRecord {
  /** The owner name in canonical form (see `canonicalName`). */
  readonly name: string;
  readonly type: string;
  readonly data: RecordData[RecordType] | null;
  /** Seconds. */
  readonly ttl: number;
  /** The line of the file that the record begins on, from 1. Absent when the file is not for people to read. */
  readonly line?: number;
  /** The file that a person writes the record in. Absent when it is the file that was read. */
  readonly file?: string;
}

/** A record set that nobody knows before the change is applied. */
export interface UndeterminedSet {
  /** The owner name in canonical form. `null` when that is not known either: any name below `zone` may be it. */
  readonly name: string | null;
  /** The apex of the zone, in canonical form. `null` when it is not known: the set may then be in any zone. */
  readonly zone: string | null;
  /** A label that the name is below, in whatever domain of the zone: `_domainkey`. Only with `name: null`. */
  readonly below?: string;
  readonly type: string;
  /** Whether published records may go as well. Otherwise a set that is published stays. Only with `name: null`. */
  readonly isReplaced?: true;
  /** What is not known, as a clause: `aws_route53_record.ses_dkim is known after apply`. */
  readonly why: string;
}

/**
 * The records of one set that a plan changes. The others, which it does not manage, stay as they are published. If none of the
 * records that are replaced is published, the published set is not the one of the plan, and nothing of it stays.
 */
export interface EditedSet {
  /** The owner name in canonical form. */
  readonly name: string;
  readonly type: RecordType;
  /** The published records that go, or are replaced. */
  readonly remove: readonly RecordData[RecordType][];
  /** The records that are there after the change, also those that stay. */
  readonly add: readonly RecordData[RecordType][];
  /** Seconds. */
  readonly ttl: number;
  readonly line?: number;
}

/** A name that a web proxy will answer for, with addresses of its own. */
export interface ProxiedName {
  /** The owner name in canonical form. */
  readonly name: string;
  /** The id of the web proxy. */
  readonly proxy: string;
}

/** The forms in which proposed records are read. */
export const PROPOSED_FORMATS = ['zone', 'json', 'octodns', 'dnscontrol', 'terraform'] as const;
export type ProposedFormat = (typeof PROPOSED_FORMATS)[number];

/** The published records of a whole zone that the change leaves alone, although no proposed record is like them. */
export interface KeptRecords {
  /** The apex of the zone in canonical form. */
  readonly zone: string;
  /** A pattern of the names without the zone (see `globOf`), in lower case. `@` is the apex. */
  readonly label: string;
  /** All types when empty. */
  readonly types: readonly string[];
  /** A pattern of the targets: the text, the address, or the name with its final dot. All targets when absent. */
  readonly target?: string;
}

export interface ProposedZone {
  /** The path of the file as the user typed it. */
  readonly file: string;
  /** A zone file when absent. */
  readonly format?: ProposedFormat;
  readonly records: readonly ProposedRecord[];
  /** The live record sets that go without another in their place. */
  readonly removed?: readonly { readonly name: string; readonly type: string; readonly line?: number }[];
  /** The apexes of whole zones whose SOA and NS records the DNS host adds. A zone with an SOA record is whole without it. */
  readonly apexes?: readonly string[];
  /** What stays of the whole zones besides the records of the file. */
  readonly kept?: readonly KeptRecords[];
  /** The record sets of which single records change. */
  readonly edits?: readonly EditedSet[];
  readonly undetermined?: readonly UndeterminedSet[];
  readonly proxied?: readonly ProxiedName[];
}

/** Where a proposed record stands. */
export interface ProposedPlace {
  readonly file: string;
  /** The line in the file, from 1. `null` when it is not known. */
  readonly line: number | null;
}

export interface OverlayClient extends DnsClient {
  /** The questions (`name TYPE`) that proposed records have answered so far. */
  readonly used: ReadonlySet<string>;
  /** The questions (`name TYPE`) so far whose records do not exist according to the proposed records. */
  readonly denied: ReadonlySet<string>;
  /** The questions so far that nobody can answer before the proposed records are published. */
  readonly open: readonly DnsFailure[];
  /**
   * @returns where the records stand that answer a question (`name TYPE`), or the removal that denies it. `undefined` when
   *   no file has them.
   */
  placeOf(name: string, type: string): ProposedPlace | undefined;
}

interface Node {
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

/** The types of the records that a DNS host adds at the apex of a zone. */
const AT_APEX: readonly string[] = ['SOA', 'NS'];

/** The types that a set without a known name is never of: those of zones and delegations, which no alias hides. */
const ZONE_TYPES: readonly string[] = ['SOA', 'NS', 'DS'];

/** The types at a delegated name that the zone above it answers for (RFC 4034 §5, RFC 1034 §4.2.1). */
const PARENT_TYPES: readonly string[] = ['NS', 'DS'];

/** The records that make the chain of trust (RFC 4035 §2). */
const KEY_TYPES: readonly number[] = [TYPE.DS, TYPE.DNSKEY];

/** TTL of an absence in seconds. Zero, because no resolver has cached an answer from a file. */
const NEGATIVE_TTL = 0;

/**
 * Lays proposed records over a DNS client.
 *
 * @returns a client that answers from the proposed records where they apply, and otherwise asks `live`.
 */
export function overlay(live: DnsClient, zones: readonly ProposedZone[]): OverlayClient {
  const names = new ProposedNames(zones);
  const resolver = new OverlayResolver(live, names);
  const answers = new AskedOnce();
  const laid = through(live, {
    query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
      return answers.answer(name, type, async () => {
        const asked = canonicalName(name);
        // `resolve` answers with records of the type asked.
        return { ...(await resolver.resolve(asked, type, [])), name: asked } as DnsAnswer<T>;
      });
    },
    signed: signedBeside(names, live),
    towards(servers) {
      const there = live.towards(servers);
      return through(there, { signed: signedBeside(names, there) });
    },
  });
  return Object.assign(laid, {
    used: resolver.used,
    denied: resolver.denied,
    open: resolver.open,
    placeOf: (name: string, type: string) => names.placeOf(canonicalName(name), type),
  });
}

/** @returns questions for signatures to which no proposed record gives another answer. */
function signedBeside(names: ProposedNames, live: DnsClient): DnsClient['signed'] {
  return async (name, type) =>
    names.decides(canonicalName(name), type)
      ? failedSigned('local-data', 'the records are not published yet, so nobody has signed them')
      : live.signed(name, type);
}

/** The proposed records of all files by name. */
class ProposedNames {
  readonly #nodes = new Map<string, Node>();
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
    const nodeAt = (name: string, file: string): Node => {
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

  at(name: string): Node | undefined {
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
  wildcardOf(name: string): Node | undefined {
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

const hasSoa = ({ records }: Node): boolean => records.some(({ type }) => type === 'SOA');

/** Tells whether nobody knows what a node answers to a question before the change is applied. */
function isOpen({ undetermined, proxy }: Node, type: string): boolean {
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
function targetOf(type: string, data: RecordData[RecordType]): string {
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

/** @returns the data of a record in a form that is the same for equal data, however its names and strings are written. */
function sameData(data: RecordData[RecordType]): string {
  if (typeof data === 'string') return canonicalName(data);
  // The division of a text into strings has no meaning (RFC 7208 §3.3, RFC 6376 §3.6.2.2).
  if (Array.isArray(data)) return JSON.stringify(data.join(''));
  if ('exchange' in data) return `${data.preference} ${canonicalName(data.exchange)}`;
  return JSON.stringify(Object.entries(data).sort());
}

/** Answers questions from the files, and asks the live DNS when the files do not apply. */
class OverlayResolver {
  readonly used = new Set<string>();
  readonly denied = new Set<string>();
  readonly open: DnsFailure[] = [];
  readonly #live: DnsClient;
  readonly #names: ProposedNames;

  constructor(live: DnsClient, names: ProposedNames) {
    this.#live = live;
    this.#names = names;
  }

  /**
   * Answers a question.
   *
   * @param chain the targets of the aliases that lead to the name.
   */
  async resolve(name: string, type: RecordType, chain: readonly string[]): Promise<DnsAnswer> {
    const handed = await this.#handedOn(name, type, chain);
    if (handed !== undefined) return handed;
    const node = this.#names.at(name);
    const replaced = this.#names.replacementOf(name, type);
    if (replaced !== undefined) {
      this.used.add(`${name} ${type}`);
      return this.#undetermined(exchange(name, type, chain, replaced.file), replaced.set.why);
    }
    if (node !== undefined) {
      const edits = node.edits.filter((edit) => edit.type === type);
      if (edits.length > 0 && !isOpen(node, type))
        return this.#edited(await this.#unedited(name, type, chain), edits, node.file);
    }
    const answer = await this.#unedited(name, type, chain);
    if (answer.status !== 'nodata' && answer.status !== 'nxdomain') return answer;
    const nameless = this.#names.namelessFor(answer.chain.at(-1) ?? name, type);
    if (nameless === undefined) return answer;
    this.used.add(`${name} ${type}`);
    return this.#undetermined(exchange(name, type, answer.chain, nameless.file), nameless.set.why);
  }

  /**
   * @returns the answer for a name that proposed records hand on: undetermined, because nobody knows what others will answer.
   *   `undefined` for a name that stays, or that others answer for already.
   */
  async #handedOn(name: string, type: RecordType, chain: readonly string[]): Promise<DnsAnswer | undefined> {
    const own = this.#names.at(name)?.records ?? [];
    for (const { at, type: kind, file, servers, isInWhole } of this.#names.handoversOf(name)) {
      let why = `the DNAME record of ${at} hands it on to another name`;
      if (kind === 'NS') {
        if (name === at && PARENT_TYPES.includes(type)) continue;
        // A set of changes may have the records of the new zone as well.
        if (!isInWhole && own.some((record) => record.type === type || record.type === 'CNAME')) continue;
        const published = await this.#live.query(at, 'NS');
        if (isFailure(published) || (published.status === 'answer' && published.chain.length === 0)) continue;
        why = `the change delegates ${at} to ${servers.slice(0, 3).join(', ')}`;
      } else {
        // A published DNAME record has the same labels before another name (RFC 6672 §2.2).
        const [target] = (await this.#live.query(name, type)).chain;
        if (target?.startsWith(name.slice(0, -at.length))) return this.#outsideFiles(name, type);
      }
      this.used.add(`${name} ${type}`);
      return this.#undetermined(exchange(name, type, chain, file), why);
    }
    return undefined;
  }

  /** @returns the failed answer to a question that nobody can answer yet, or `undefined`. */
  #open(node: Node, name: string, type: RecordType, chain: readonly string[]): DnsFailure | undefined {
    if (!isOpen(node, type)) return undefined;
    this.used.add(`${name} ${type}`);
    const asked = exchange(name, type, chain, node.file);
    const set =
      node.undetermined.find((one) => one.type === type) ?? node.undetermined.find((one) => one.type === 'CNAME');
    if (node.proxy === undefined || set !== undefined) {
      return this.#undetermined(asked, set?.why ?? 'it is not known yet');
    }
    return this.#undetermined(asked, `${name} is proxied, so its addresses are those of the web proxy`, node.proxy);
  }

  /** @returns the answer as it was before the edits, with what they take out and put in. */
  #edited(before: DnsAnswer, edits: readonly EditedSet[], file: string): DnsAnswer {
    if (isFailure(before)) return before;
    const { name, type } = before;
    const gone = new Set(edits.flatMap(({ remove, add }) => [...remove, ...add].map(sameData)));
    const published = recordsOf(before);
    // Without any record that the plan replaces, the answer is older than the plan, or from other servers.
    const isForeign =
      edits.some(({ remove }) => remove.length > 0) &&
      edits.some(({ add }) => add.length > 0) &&
      !published.some((data) => gone.has(sameData(data)));
    // Records exclude an alias at the same name (RFC 1034 §3.6.2).
    const isDropped = isForeign || before.chain.length > 0;
    const kept = isDropped ? [] : published.filter((data) => !gone.has(sameData(data)));
    const added = new Map(edits.flatMap(({ add }) => add.map((data) => [sameData(data), data] as const)));
    const records = [...kept, ...added.values()];
    const asked = exchange(name, type, [], file);
    if (records.length === 0) return this.#absent('nodata', asked, null);
    this.used.add(`${name} ${type}`);
    const ttls = [
      ...edits.map(({ ttl }) => ttl),
      ...(before.status === 'answer' && kept.length > 0 ? [before.ttl] : []),
    ];
    // The reader of the plan has already read the data as the type of the record.
    return { ...asked, status: 'answer', records, ttl: Math.min(...ttls) } as DnsAnswer;
  }

  /** Answers a question as if no set were edited, and none of unknown name were undetermined. */
  async #unedited(name: string, type: RecordType, chain: readonly string[]): Promise<DnsAnswer> {
    const names = this.#names;
    const apex = names.apexOf(name);
    const node = names.at(name);
    if (node) {
      const own = this.#fromNode(node, name, type, chain);
      if (own) return apex === undefined ? own : this.#withKept(await own, apex);
      if (apex === name && AT_APEX.includes(type) && !hasSoa(node)) return this.#live.query(name, type);
      if (apex === undefined) return this.#besideNode(name, type, node);
      return (
        (await this.#kept(name, type, apex)) ?? this.#absent('nodata', exchange(name, type, chain, node.file), apex)
      );
    }
    if (apex === undefined) return this.#outsideFiles(name, type);
    const stays = await this.#kept(name, type, apex);
    if (stays !== undefined) return stays;
    const { file = '' } = names.at(apex) ?? {};
    if (names.exists(name)) return this.#absent('nodata', exchange(name, type, chain, file), apex);
    const wildcard = names.wildcardOf(name);
    if (wildcard === undefined) return this.#absent('nxdomain', exchange(name, type, chain, file), apex);
    return (
      this.#fromNode(wildcard, name, type, chain) ??
      this.#absent('nodata', exchange(name, type, chain, wildcard.file), apex)
    );
  }

  /** @returns the answer from the sets of a node, also through its alias; `undefined` when neither exists. */
  #fromNode(node: Node, name: string, type: RecordType, chain: readonly string[]): Promise<DnsAnswer> | undefined {
    const open = this.#open(node, name, type, chain);
    if (open !== undefined) return Promise.resolve(open);
    const matching = node.records.filter((record) => record.type === type);
    if (matching.length > 0) {
      this.used.add(`${name} ${type}`);
      const ttl = Math.min(...matching.map((record) => record.ttl));
      // The zone file parser has already read the data as the type of the record.
      const records = matching.map(({ data }) => data) as RecordData[RecordType][];
      const found = { ...exchange(name, type, chain, node.file), status: 'answer', records, ttl } as DnsAnswer;
      return Promise.resolve(found);
    }
    const alias = node.records.find((record) => record.type === 'CNAME')?.data;
    if (typeof alias !== 'string') return undefined;
    const target = canonicalName(alias);
    if (chain.includes(target) || chain.length >= MAX_CHAIN) {
      const detail = 'the CNAME chain loops or is too long';
      return Promise.resolve({ ...exchange(name, type, chain, node.file), status: 'malformed', detail });
    }
    this.used.add(`${name} CNAME`);
    const followed = [...chain, target];
    return this.resolve(target, type, followed).then((answer) => withChain(answer, followed));
  }

  /** @returns the published records of a name in a whole zone that stay, also through its alias; `undefined` for none. */
  async #kept(name: string, type: RecordType, apex: string): Promise<DnsAnswer | undefined> {
    const names = this.#names;
    if (!names.mayKeep(name, type, apex) || names.isRemoved(name, type)) return undefined;
    const answer = await this.#live.query(name, type);
    const [alias] = answer.chain;
    if (alias !== undefined) {
      // Other records exclude an alias at the same name (RFC 1034 §3.6.2).
      const stays = names.keeps(name, 'CNAME', targetOf('CNAME', alias), apex) && !names.at(name)?.records.length;
      return stays ? this.#outsideFiles(name, type) : undefined;
    }
    if (isFailure(answer)) return answer;
    const records = recordsOf(answer).filter((data) => names.keeps(name, type, targetOf(type, data), apex));
    return records.length === 0 ? undefined : ({ ...answer, records } as DnsAnswer);
  }

  /** @returns the answer from the sets of a node in a whole zone, with the published records that stay beside them. */
  async #withKept(own: DnsAnswer, apex: string): Promise<DnsAnswer> {
    const { name, type } = own;
    if (own.status !== 'answer' || own.chain.length > 0) return own;
    const kept = await this.#kept(name, type, apex);
    if (kept === undefined || isFailure(kept)) return kept ?? own;
    const proposed = new Set(recordsOf(own).map(sameData));
    const stay = recordsOf(kept).filter((data) => !proposed.has(sameData(data)));
    return { ...own, records: [...own.records, ...stay] } as DnsAnswer;
  }

  /** Answers a question for a name of which a set of changes contains only records of other types. */
  async #besideNode(name: string, type: RecordType, { file }: Node): Promise<DnsAnswer> {
    if (this.#names.isRemoved(name, type)) return this.#absent('nodata', exchange(name, type, [], file), null);
    const answer = await this.#live.query(name, type);
    // The proposed records make the name exist, and other records exclude an alias at the same name (RFC 1034 §3.6.2).
    const settled = answer.status === 'nxdomain' || (!isFailure(answer) && answer.chain.length > 0);
    return settled ? this.#absent('nodata', exchange(name, type, [], file), null) : answer;
  }

  /** Answers a question for a name that no file contains. */
  async #outsideFiles(name: string, type: RecordType): Promise<DnsAnswer> {
    const names = this.#names;
    if (names.isRemoved(name, type)) return this.#absent('nodata', exchange(name, type, [], ''), null);
    const answer = await this.#live.query(name, type);
    if (answer.chain.length > 0 && names.isRemoved(name, 'CNAME')) {
      return this.#absent('nodata', exchange(name, type, [], ''), null);
    }
    const firstProposed = answer.chain.findIndex(
      (link) =>
        names.at(link) !== undefined ||
        names.apexOf(link) !== undefined ||
        names.isRemoved(link, type) ||
        names.replacementOf(link, type) !== undefined ||
        names.handoversOf(link).length > 0,
    );
    const target = answer.chain[firstProposed];
    if (target !== undefined) {
      const followed = answer.chain.slice(0, firstProposed + 1);
      return withChain(await this.resolve(target, type, followed), followed);
    }
    if (answer.status !== 'nxdomain') return answer;
    if (names.exists(name)) return this.#absent('nodata', exchange(name, type, [], names.fileBelow(name)), null);
    const wildcard = names.wildcardOf(name);
    if (wildcard === undefined) return answer;
    return (
      this.#fromNode(wildcard, name, type, []) ?? this.#absent('nodata', exchange(name, type, [], wildcard.file), null)
    );
  }

  #undetermined(asked: Exchange, why: string, proxy?: string): DnsFailure {
    const failure: DnsFailure = {
      ...asked,
      status: 'undetermined',
      detail: why,
      ...(proxy === undefined ? {} : { proxy }),
    };
    this.open.push(failure);
    return failure;
  }

  #absent(status: 'nodata' | 'nxdomain', asked: Exchange, zone: string | null): DnsAnswer {
    this.denied.add(`${asked.name} ${asked.type}`);
    return { ...asked, status, ttl: NEGATIVE_TTL, zone };
  }
}

/** @returns the exchange of a question that a file answers. */
function exchange(name: string, type: RecordType, chain: readonly string[], file: string): Exchange {
  return { ...unasked(name, type), server: file, chain, authoritative: true };
}

/** @returns the name and all its ancestors, the nearest first. */
function ancestry(name: string): string[] {
  const labels = name.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

function withChain(answer: DnsAnswer, chain: readonly string[]): DnsAnswer {
  const rest = answer.chain.filter((link) => !chain.includes(link));
  return { ...answer, chain: [...chain, ...rest] };
}
