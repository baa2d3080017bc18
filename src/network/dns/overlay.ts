/**
 * Proposed records laid over the live DNS: what the DNS would say once they are published.
 *
 * A file with an SOA record is a whole zone: names at and below its apex come from it, and what it does not hold does not
 * exist (RFC 1034 §4.3.2, RFC 4592, RFC 8020). Without one it is a set of changes: the record sets it holds take the
 * place of the live ones, and everything else stays. (That a new name hides a live wildcard for its other types is the
 * one effect that a set of changes does not show: the live wildcard cannot be told from a record.)
 */
import { canonicalName } from '../domain.ts';
import { type DnsAnswer, type Exchange, isFailure, type RecordData, type RecordType } from './answer.ts';
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

export function overlay(live: DnsClient, zones: readonly ProposedZone[]): OverlayClient {
  const nodes = new Map<string, Node>();
  for (const { file, records } of zones) {
    for (const record of records) {
      const node = nodes.get(record.name) ?? { file, records: [] };
      nodes.set(record.name, node);
      node.records.push(record);
    }
  }
  const names = [...nodes.keys()];
  const has = (name: string, type: string): boolean =>
    nodes.get(name)?.records.some((record) => record.type === type) ?? false;
  const apexes = names.filter((name) => has(name, 'SOA'));
  const used = new Set<string>();
  const denied = new Set<string>();
  const answers = new Map<string, Promise<DnsAnswer>>();

  /** A name exists when it has records or something stands below it (RFC 8020). */
  const exists = (name: string): boolean => nodes.has(name) || names.some((other) => other.endsWith(`.${name}`));

  /** The whole zone that answers for a name; none where it is delegated away again. */
  function apexOf(name: string): string | undefined {
    const ancestors = ancestry(name);
    const apex = ancestors.find((ancestor) => apexes.includes(ancestor));
    if (apex === undefined) return undefined;
    const below = ancestors.slice(0, ancestors.indexOf(apex));
    return below.some((ancestor) => has(ancestor, 'NS')) ? undefined : apex;
  }

  /** The wildcard that makes up a name (RFC 4592 §3.3.1): right below the closest ancestor that exists. */
  function wildcardOf(name: string): Node | undefined {
    for (const ancestor of ancestry(name).slice(1)) {
      const wildcard = nodes.get(`*.${ancestor}`);
      if (wildcard) return wildcard;
      if (exists(ancestor)) return undefined;
    }
    return undefined;
  }

  async function resolve(name: string, type: RecordType, chain: readonly string[]): Promise<DnsAnswer> {
    const apex = apexOf(name);
    const node = nodes.get(name);
    if (node) {
      const own = fromNode(node, name, type, chain);
      if (own) return own;
      if (apex !== undefined) return absent('nodata', name, type, chain, node.file, apex);
      return besideNode(name, type, node);
    }
    if (apex !== undefined) {
      const { file = '' } = nodes.get(apex) ?? {};
      if (exists(name)) return absent('nodata', name, type, chain, file, apex);
      const wildcard = wildcardOf(name);
      if (wildcard === undefined) return absent('nxdomain', name, type, chain, file, apex);
      return fromNode(wildcard, name, type, chain) ?? absent('nodata', name, type, chain, wildcard.file, apex);
    }
    return outside(name, type);
  }

  /** What a node's own records say, its alias included. */
  function fromNode(
    node: Node,
    name: string,
    type: RecordType,
    chain: readonly string[],
  ): Promise<DnsAnswer> | undefined {
    const matching = node.records.filter((record) => record.type === type);
    if (matching.length > 0) {
      used.add(`${name} ${type}`);
      const ttl = Math.min(...matching.map((record) => record.ttl));
      // The parser has read the data as the record's type.
      const records = matching.map(({ data }) => data) as RecordData[RecordType][];
      return Promise.resolve({
        ...exchange(name, type, chain, node.file),
        status: 'answer',
        records,
        ttl,
      } as DnsAnswer);
    }
    const alias = node.records.find((record) => record.type === 'CNAME')?.data;
    if (typeof alias !== 'string') return undefined;
    const target = canonicalName(alias);
    if (chain.includes(target) || chain.length >= MAX_CHAIN) {
      const detail = 'the CNAME chain loops or is too long';
      return Promise.resolve({ ...exchange(name, type, chain, node.file), status: 'malformed', detail });
    }
    used.add(`${name} CNAME`);
    return resolve(target, type, [...chain, target]).then((answer) => withChain(answer, [...chain, target]));
  }

  /** A type for which a set of changes has nothing at a name where it has something else. */
  async function besideNode(name: string, type: RecordType, { file }: Node): Promise<DnsAnswer> {
    const answer = await live.query(name, type);
    // The name exists now, and an alias cannot stay beside other records (RFC 1034 §3.6.2).
    const settled = answer.status === 'nxdomain' || (!isFailure(answer) && answer.chain.length > 0);
    return settled ? absent('nodata', name, type, [], file, null) : answer;
  }

  /** A name of which no file says anything. */
  async function outside(name: string, type: RecordType): Promise<DnsAnswer> {
    const answer = await live.query(name, type);
    const turning = answer.chain.findIndex((link) => nodes.has(link) || apexOf(link) !== undefined);
    const target = answer.chain[turning];
    if (target !== undefined) {
      const led = answer.chain.slice(0, turning + 1);
      return withChain(await resolve(target, type, led), led);
    }
    if (answer.status !== 'nxdomain') return answer;
    if (exists(name)) return absent('nodata', name, type, [], fileBelow(name), null);
    const wildcard = wildcardOf(name);
    return wildcard
      ? (fromNode(wildcard, name, type, []) ?? absent('nodata', name, type, [], wildcard.file, null))
      : answer;
  }

  function fileBelow(name: string): string {
    return nodes.get(names.find((other) => other.endsWith(`.${name}`)) ?? '')?.file ?? '';
  }

  function exchange(name: string, type: RecordType, chain: readonly string[], file: string): Exchange {
    return {
      name,
      type,
      server: file,
      transport: 'udp',
      durationMs: 0,
      chain,
      authenticated: false,
      authoritative: true,
      extendedErrors: [],
    };
  }

  function absent(
    status: 'nodata' | 'nxdomain',
    name: string,
    type: RecordType,
    chain: readonly string[],
    file: string,
    zone: string | null,
  ): DnsAnswer {
    denied.add(`${name} ${type}`);
    return { ...exchange(name, type, chain, file), status, ttl: NEGATIVE_TTL, zone };
  }

  return {
    servers: live.servers,
    signal: live.signal,
    get log() {
      return live.log;
    },
    used,
    denied,
    isCanaryListed: (testAddress, zone) => live.isCanaryListed(testAddress, zone),
    towards: (servers) => live.towards(servers),
    query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
      const asked = canonicalName(name);
      const key = `${type} ${asked}`;
      const answer = answers.get(key) ?? resolve(asked, type, []).then((found) => ({ ...found, name: asked }));
      answers.set(key, answer);
      // `resolve` answers with records of the type asked.
      return answer as Promise<DnsAnswer<T>>;
    },
  };
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
