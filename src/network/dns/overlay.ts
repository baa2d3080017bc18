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
 * A plan may also keep what a whole zone has beside its records, change single records of a set, leave sets undetermined
 * until it is applied, and put names behind a web proxy. What is undetermined is neither absent nor taken from the live DNS:
 * the lookup fails.
 */
import { canonicalName } from '../domain.ts';
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
import type { EditedSet, ProposedPlace, ProposedZone } from './proposal.ts';
import { isOpen, ProposedNames, type ProposedNode, targetOf } from './proposed-names.ts';
import { MAX_CHAIN } from './resolve.ts';
import { through } from './through.ts';

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

/** The types of the records that a DNS host adds at the apex of a zone. */
const AT_APEX: readonly string[] = ['SOA', 'NS'];

/** The types at a delegated name that the zone above it answers for (RFC 4034 §5, RFC 1034 §4.2.1). */
const PARENT_TYPES: readonly string[] = ['NS', 'DS'];

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

const hasSoa = ({ records }: ProposedNode): boolean => records.some(({ type }) => type === 'SOA');

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
  #open(node: ProposedNode, name: string, type: RecordType, chain: readonly string[]): DnsFailure | undefined {
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
  #fromNode(
    node: ProposedNode,
    name: string,
    type: RecordType,
    chain: readonly string[],
  ): Promise<DnsAnswer> | undefined {
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
  async #besideNode(name: string, type: RecordType, { file }: ProposedNode): Promise<DnsAnswer> {
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

function withChain(answer: DnsAnswer, chain: readonly string[]): DnsAnswer {
  const rest = answer.chain.filter((link) => !chain.includes(link));
  return { ...answer, chain: [...chain, ...rest] };
}
