/**
 * Proposed records laid over the live DNS: what the DNS would say once they are published.
 *
 * A file with an SOA record is a whole zone: names at and below its apex come from it, and what it does not hold does not
 * exist (RFC 1034 §4.3.2, RFC 4592, RFC 8020). Without one it is a set of changes: the record sets it holds take the
 * place of the live ones, and everything else stays. (That a new name hides a live wildcard for its other types is the
 * one effect that a set of changes does not show: the live wildcard cannot be told from a record.)
 */
import { canonicalName } from '../domain.ts';
import { type DnsAnswer, type Exchange, isFailure, type RecordData, type RecordType, unasked } from './answer.ts';
import { AskedOnce } from './asked-once.ts';
import type { DnsClient } from './client.ts';

/** One proposed record; of types that nothing here asks for, only the existence is kept. */
export interface ProposedRecord {
  /** Canonical. */
  readonly name: string;
  readonly type: string;
  readonly data: RecordData[RecordType] | null;
  /** Seconds. */
  readonly ttl: number;
}

export interface ProposedZone {
  /** The file, as the user named it. */
  readonly file: string;
  readonly records: readonly ProposedRecord[];
}

export interface OverlayClient extends DnsClient {
  /** Which `name TYPE` were answered by proposed records so far. */
  readonly used: ReadonlySet<string>;
  /** Which `name TYPE` the proposed records have not, so far as they were asked for. */
  readonly denied: ReadonlySet<string>;
}

interface Node {
  readonly file: string;
  readonly records: ProposedRecord[];
}

/** Seconds an absence in a proposed zone is said to last; nobody caches it. */
const NEGATIVE_TTL = 0;
const MAX_CHAIN = 12;

/** @returns a client that answers from the proposed records where they say something, and asks `live` for the rest. */
export function overlay(live: DnsClient, zones: readonly ProposedZone[]): OverlayClient {
  const resolver = new OverlayResolver(live, new ProposedNames(zones));
  const answers = new AskedOnce();
  return {
    servers: live.servers,
    signal: live.signal,
    get log() {
      return live.log;
    },
    used: resolver.used,
    denied: resolver.denied,
    isCanaryListed: (testAddress, zone) => live.isCanaryListed(testAddress, zone),
    towards: (servers) => live.towards(servers),
    query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
      return answers.answer(name, type, async () => {
        const asked = canonicalName(name);
        // `resolve` answers with records of the type asked.
        return { ...(await resolver.resolve(asked, type, [])), name: asked } as DnsAnswer<T>;
      });
    },
  };
}

/** What the files hold, name by name. */
class ProposedNames {
  readonly #nodes = new Map<string, Node>();
  readonly #names: readonly string[];
  /** The names of whole zones. */
  readonly #apexes: readonly string[];

  constructor(zones: readonly ProposedZone[]) {
    for (const { file, records } of zones) {
      for (const record of records) {
        const node = this.#nodes.get(record.name) ?? { file, records: [] };
        this.#nodes.set(record.name, node);
        node.records.push(record);
      }
    }
    this.#names = [...this.#nodes.keys()];
    this.#apexes = this.#names.filter((name) => this.#has(name, 'SOA'));
  }

  at(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  /** A name exists when it has records or something stands below it (RFC 8020). */
  exists(name: string): boolean {
    return this.#nodes.has(name) || this.#firstBelow(name) !== undefined;
  }

  /** @returns the file that has a name below this one; empty where none has. */
  fileBelow(name: string): string {
    return this.at(this.#firstBelow(name) ?? '')?.file ?? '';
  }

  /** The whole zone that answers for a name; none where it is delegated away again. */
  apexOf(name: string): string | undefined {
    const ancestors = ancestry(name);
    const apex = ancestors.find((ancestor) => this.#apexes.includes(ancestor));
    if (apex === undefined) return undefined;
    const below = ancestors.slice(0, ancestors.indexOf(apex));
    return below.some((ancestor) => this.#has(ancestor, 'NS')) ? undefined : apex;
  }

  /** The wildcard that makes up a name (RFC 4592 §3.3.1): right below the closest ancestor that exists. */
  wildcardOf(name: string): Node | undefined {
    for (const ancestor of ancestry(name).slice(1)) {
      const wildcard = this.at(`*.${ancestor}`);
      if (wildcard) return wildcard;
      if (this.exists(ancestor)) return undefined;
    }
    return undefined;
  }

  #has(name: string, type: string): boolean {
    return this.at(name)?.records.some((record) => record.type === type) ?? false;
  }

  #firstBelow(name: string): string | undefined {
    return this.#names.find((other) => other.endsWith(`.${name}`));
  }
}

/** Answers from the files, and asks the live DNS for what they say nothing of. */
class OverlayResolver {
  readonly used = new Set<string>();
  readonly denied = new Set<string>();
  readonly #live: DnsClient;
  readonly #names: ProposedNames;

  constructor(live: DnsClient, names: ProposedNames) {
    this.#live = live;
    this.#names = names;
  }

  /** @param chain the aliases that led to the name. */
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
    if (apex === undefined) return this.#ofNoFile(name, type);
    const { file = '' } = names.at(apex) ?? {};
    if (names.exists(name)) return this.#absent('nodata', exchange(name, type, chain, file), apex);
    const wildcard = names.wildcardOf(name);
    if (wildcard === undefined) return this.#absent('nxdomain', exchange(name, type, chain, file), apex);
    return (
      this.#fromNode(wildcard, name, type, chain) ??
      this.#absent('nodata', exchange(name, type, chain, wildcard.file), apex)
    );
  }

  /** What a node's own records say, its alias included. */
  #fromNode(node: Node, name: string, type: RecordType, chain: readonly string[]): Promise<DnsAnswer> | undefined {
    const matching = node.records.filter((record) => record.type === type);
    if (matching.length > 0) {
      this.used.add(`${name} ${type}`);
      const ttl = Math.min(...matching.map((record) => record.ttl));
      // The parser has read the data as the record's type.
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
    const led = [...chain, target];
    return this.resolve(target, type, led).then((answer) => withChain(answer, led));
  }

  /** A type for which a set of changes has nothing at a name where it has something else. */
  async #besideNode(name: string, type: RecordType, { file }: Node): Promise<DnsAnswer> {
    const answer = await this.#live.query(name, type);
    // The name exists now, and an alias cannot stay beside other records (RFC 1034 §3.6.2).
    const settled = answer.status === 'nxdomain' || (!isFailure(answer) && answer.chain.length > 0);
    return settled ? this.#absent('nodata', exchange(name, type, [], file), null) : answer;
  }

  /** A name of which no file says anything. */
  async #ofNoFile(name: string, type: RecordType): Promise<DnsAnswer> {
    const names = this.#names;
    const answer = await this.#live.query(name, type);
    const turning = answer.chain.findIndex((link) => names.at(link) !== undefined || names.apexOf(link) !== undefined);
    const target = answer.chain[turning];
    if (target !== undefined) {
      const led = answer.chain.slice(0, turning + 1);
      return withChain(await this.resolve(target, type, led), led);
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

/** A question that a file answers. */
function exchange(name: string, type: RecordType, chain: readonly string[], file: string): Exchange {
  return { ...unasked(name, type), server: file, chain, authoritative: true };
}

/** The name and all above it, nearest first. */
function ancestry(name: string): string[] {
  const labels = name.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

function withChain(answer: DnsAnswer, chain: readonly string[]): DnsAnswer {
  const rest = answer.chain.filter((link) => !chain.includes(link));
  return { ...answer, chain: [...chain, ...rest] };
}
