/**
 * Answers questions as if proposed records were already published, and asks the live DNS for everything else.
 *
 * A file with an SOA record is a whole zone. Names at and below its apex come from the file, and a name that the file
 * does not contain does not exist (RFC 1034 §4.3.2, RFC 4592, RFC 8020). A file without SOA record is a set of changes.
 * Its record sets replace the live ones, and every other live record stays.
 *
 * A set of changes has one effect that the overlay cannot show. A new name hides a live wildcard for all types, but an
 * answer from a live wildcard looks the same as an answer from a record.
 */
import { canonicalName } from '../domain.ts';
import { type DnsAnswer, type Exchange, isFailure, type RecordData, type RecordType, unasked } from './answer.ts';
import { AskedOnce } from './asked-once.ts';
import { type DnsClient, failedSigned } from './client.ts';
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
  /** The apex of the zone, in canonical form. `null` when it is not known. */
  readonly zone: string | null;
  readonly type: string;
  /** What is not known, as a clause: `aws_route53_record.ses_dkim is known after apply`. */
  readonly why: string;
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
  /**
   * @returns where the records stand that answer a question (`name TYPE`), or the removal that denies it. `undefined` when
   *   no file has them.
   */
  placeOf(name: string, type: string): ProposedPlace | undefined;
}

interface Node {
  readonly file: string;
  readonly records: ProposedRecord[];
}

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

  constructor(zones: readonly ProposedZone[]) {
    for (const { file, records } of zones) {
      for (const record of records) {
        const node = this.#nodes.get(record.name) ?? { file, records: [] };
        this.#nodes.set(record.name, node);
        node.records.push(record);
      }
    }
    if (zones.length > 1) for (const node of this.#nodes.values()) keepDistinct(node.records);
    this.#reversed = [...this.#nodes.keys()].map(reversed).sort();
    this.#removed = new Map(
      zones.flatMap(({ file, removed = [] }) =>
        removed.map(({ name, type, line = null }) => [`${canonicalName(name)} ${type}`, { file, line }]),
      ),
    );
    this.#apexes = new Set([...this.#nodes.keys()].filter((name) => this.#has(name, 'SOA')));
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
    const record = node?.records.find((one) => one.type === type) ?? node?.records.find((one) => one.type === 'CNAME');
    if (node !== undefined && record !== undefined)
      return { file: record.file ?? node.file, line: record.line ?? null };
    return this.#removed.get(`${name} ${type}`) ?? this.#removed.get(`${name} CNAME`);
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
    return (
      this.apexOf(name) !== undefined ||
      [text, 'CNAME'].some((own) => this.#has(name, own) || this.isRemoved(name, own)) ||
      (this.at(name) === undefined && this.wildcardOf(name) !== undefined)
    );
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

/** Removes records that several files contain, since a record is published once. */
function keepDistinct(records: ProposedRecord[]): void {
  const seen = new Set<string>();
  const kept = records.filter(({ type, data }) => {
    const key = `${type} ${JSON.stringify(data)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  records.splice(0, records.length, ...kept);
}

/** Answers questions from the files, and asks the live DNS when the files do not apply. */
class OverlayResolver {
  readonly used = new Set<string>();
  readonly denied = new Set<string>();
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
    const names = this.#names;
    const apex = names.apexOf(name);
    const node = names.at(name);
    if (node) {
      const own = this.#fromNode(node, name, type, chain);
      if (own) return own;
      if (apex !== undefined) return this.#absent('nodata', exchange(name, type, chain, node.file), apex);
      return this.#besideNode(name, type, node);
    }
    if (apex === undefined) return this.#outsideFiles(name, type);
    const { file = '' } = names.at(apex) ?? {};
    if (names.exists(name)) return this.#absent('nodata', exchange(name, type, chain, file), apex);
    const wildcard = names.wildcardOf(name);
    if (wildcard === undefined) return this.#absent('nxdomain', exchange(name, type, chain, file), apex);
    return (
      this.#fromNode(wildcard, name, type, chain) ??
      this.#absent('nodata', exchange(name, type, chain, wildcard.file), apex)
    );
  }

  /** @returns the answer from the records of a node, also through its alias; `undefined` when neither exists. */
  #fromNode(node: Node, name: string, type: RecordType, chain: readonly string[]): Promise<DnsAnswer> | undefined {
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
      (link) => names.at(link) !== undefined || names.apexOf(link) !== undefined || names.isRemoved(link, type),
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
