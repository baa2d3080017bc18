/**
 * The record sets as the plan has them so far: what is published, and what will be. Edits are folded into it, and it can
 * be laid over the DNS, so that the rules judge the records before anybody publishes them.
 */
import { type DnsAnswer, isFailure, recordsOf } from '../../../network/dns/answer.ts';
import type { DnsClient } from '../../../network/dns/client.ts';
import { type OverlayClient, overlay } from '../../../network/dns/overlay.ts';
import type { ProposedZone } from '../../../network/dns/proposal.ts';
import { isSameOrSubdomain } from '../../../network/domain.ts';
import { organizationalDomain } from '../../../standards/organizational-domain.ts';
import {
  isPublishable,
  nameValue,
  presentationName,
  type RecordValue,
  textValue,
} from '../../../standards/zone-file/line.ts';
import {
  type DkimChange,
  type DmarcChange,
  type Edit,
  type PlainType,
  type SpfChange,
  typeOf,
  type ValuesChange,
} from '../../rules/edit.ts';
import { inWords } from '../../rules/pasted.ts';
import { planDkim } from './dkim.ts';
import { planDmarc } from './dmarc.ts';
import type { PlannerSources, Proposal, PublishedTexts, Stage, Undecided } from './planner.ts';
import { planSpf } from './spf.ts';
import { dataOf, planValues, valuesOf } from './values.ts';

/** An edit, and the finding that asks for it. */
export interface Asked {
  /** The `findingKey` of the finding. */
  readonly key: string;
  readonly edit: Edit;
}

/**
 * Who can change a record set. `own`: the owner of the tested domain. `provider`: whoever rents out the address, by its
 * reverse zone. `other`: somebody else.
 */
export type Owner = 'own' | 'provider' | 'other';

/** One record set: as published, and as planned. */
export interface PlannedSet {
  readonly name: string;
  readonly type: PlainType;
  readonly owner: Owner;
  readonly before: readonly RecordValue[];
  readonly after: readonly RecordValue[];
  /** What changes, one clause each. */
  readonly notes: readonly string[];
  /** The findings that the change settles. */
  readonly keys: ReadonlySet<string>;
  /** The record sets that the edits name, as `name TYPE`. Another one than this if its name is an alias. */
  readonly edited: ReadonlySet<string>;
  /** The later stages of a policy. */
  readonly later: readonly Stage[];
  /** The findings that wait for a later stage. */
  readonly laterKeys: ReadonlySet<string>;
  /** The record set with which this one is changed in one go, as `name TYPE`: an alias that gives way to other records. */
  readonly beside?: string;
}

/** A record set for which no value could be given. */
export interface UndecidedSet {
  readonly name: string;
  readonly type: PlainType;
  readonly keys: ReadonlySet<string>;
  readonly decide: string;
}

/** @returns the key of a record set: `name TYPE`. */
export function setKey({ name, type }: { readonly name: string; readonly type: string }): string {
  return `${name} ${type}`;
}

/** Aliases come before what stands beside them. TXT records come last, since SPF depends on the others. */
const ORDER: readonly PlainType[] = ['CNAME', 'A', 'AAAA', 'PTR', 'MX', 'TLSA', 'TXT'];

/** TTL of a planned record in seconds. It matters to nothing. */
const TTL = 300;

/** Why a record set changes. */
interface Cause extends Pick<PlannedSet, 'keys' | 'laterKeys' | 'beside'> {
  /** The record set that the edits name. */
  readonly edited: string;
}

type RecordProposal = Proposal<RecordValue>;

/** @returns the proposal of a planner of texts, as values of TXT records. */
function ofTexts(part: Proposal | Undecided): RecordProposal | Undecided {
  return part.kind === 'undecided'
    ? part
    : { ...part, remove: part.remove.map(textValue), add: part.add.map(textValue) };
}

/** @returns why a record cannot be printed to be published, or `undefined` when all of these can. */
function unpublishable(name: string, type: PlainType, values: readonly RecordValue[]): string | undefined {
  const refused = values.find((value) => !isPublishable(name, type, value));
  if (refused === undefined) return undefined;
  const isOfOwner = !isPublishable(name, 'TXT', textValue(''));
  const what = isOfOwner || type === 'TXT' || type === 'A' || type === 'AAAA' ? presentationName(name) : refused;
  return `No ${type} record is proposed for ${presentationName(name)}, because no zone can hold it: ${what} is not a valid name.`;
}

/** Tells whether an edit changes nothing now. */
const isForLater = ({ change }: Edit): boolean => change.do === 'tighten-later';

/** The record sets of one plan. */
export class PlannedZone {
  readonly #live: DnsClient;
  readonly #sources: Omit<PlannerSources, 'dns'>;
  readonly #sets = new Map<string, PlannedSet>();
  readonly #undecided = new Map<string, UndecidedSet>();

  /** @param live answers with what is published. */
  constructor(live: DnsClient, sources: Omit<PlannerSources, 'dns'>) {
    this.#live = live;
    this.#sources = sources;
  }

  /** The record sets that change, or that have later stages. */
  get sets(): readonly PlannedSet[] {
    return [...this.#sets.values()].filter((set) => isChanged(set) || set.later.length > 0);
  }

  get undecided(): readonly UndecidedSet[] {
    return [...this.#undecided.values()];
  }

  /** @returns a client that answers as if the plan were published. */
  client(): OverlayClient {
    return overlay(this.#live, [this.#zone()]);
  }

  /**
   * Folds edits into the record sets. TXT records wait for a round in which nothing else changes: what they say rests on
   * addresses and MX hosts, so a finding about them may end with those.
   *
   * @returns the keys of the record sets that changed by it.
   */
  async fold(asked: readonly Asked[]): Promise<string[]> {
    const changed: string[] = [];
    for (const type of ORDER) {
      if (type === 'TXT' && changed.length > 0) break;
      const ofType = asked.filter(({ edit }) => typeOf(edit) === type);
      // Each record set sees what the ones before it have changed.
      for (const name of new Set(ofType.map(({ edit }) => edit.name))) {
        const group = ofType.filter(({ edit }) => edit.name === name);
        changed.push(...(await this.#foldSet(name, type, group)));
      }
    }
    return changed;
  }

  async #foldSet(name: string, type: PlainType, asked: readonly Asked[]): Promise<string[]> {
    const dns = this.client();
    const answer = await dns.query(name, type);
    const cause: Cause = {
      edited: setKey({ name, type }),
      keys: new Set(asked.filter(({ edit }) => !isForLater(edit)).map(({ key }) => key)),
      laterKeys: new Set(asked.filter(({ edit }) => isForLater(edit)).map(({ key }) => key)),
    };
    if (isFailure(answer)) {
      const decide = `The ${type} records of ${name} could not be looked up, so no change of them is proposed.`;
      return this.#leave(name, type, cause, decide);
    }
    const proposal = await this.#proposalFor(name, asked, answer, dns);
    if (proposal.kind === 'undecided') return this.#leave(name, type, cause, proposal.decide);
    const refusal = unpublishable(answer.chain.at(-1) ?? name, type, proposal.add);
    if (refusal !== undefined) return this.#leave(name, type, cause, refusal);
    this.#undecided.delete(setKey({ name, type }));
    const target = answer.chain.at(-1);
    if (type === 'CNAME' && proposal.add.length > 0) await this.#clear(name, cause);
    const isAtTarget = target !== undefined && standsAtTarget(type, proposal);
    if (target === undefined || isAtTarget) {
      const beside = type === 'CNAME' && proposal.add.length > 0 ? { beside: setKey({ name, type }) } : {};
      const at = target !== undefined && type === 'TXT' ? throughAlias(proposal, name, target) : proposal;
      return this.#apply({ name: target ?? name, type }, at, valuesOf(answer), { ...cause, ...beside });
    }
    if (proposal.add.length === 0) return [];
    return this.#replaceAlias(name, type, proposal, answer, cause);
  }

  /** Leaves a record set as it is published, with what the owner has to decide. */
  #leave(name: string, type: PlainType, { keys }: Cause, decide: string): string[] {
    this.#undecided.set(setKey({ name, type }), { name, type, keys, decide: inWords(decide, {}) });
    return [];
  }

  /** @returns what the planners of all purposes make of one record set. */
  async #proposalFor(
    name: string,
    asked: readonly Asked[],
    answer: DnsAnswer,
    dns: DnsClient,
  ): Promise<RecordProposal | Undecided> {
    const sources = { ...this.#sources, dns };
    const edits = asked.map(({ edit }) => edit);
    const changesOf = <R extends Edit['record']>(record: R) =>
      edits.flatMap((edit) => (edit.record === record ? [edit.change as ChangeOf<R>] : []));
    const texts: PublishedTexts = answer.type === 'TXT' ? recordsOf(answer as DnsAnswer<'TXT'>) : [];
    const plain = edits.flatMap(({ change }) => (change.do === 'values' ? [change] : []));
    const parts: (RecordProposal | Undecided)[] = [];
    const [spf, dmarc, dkim] = [changesOf('spf'), changesOf('dmarc'), changesOf('dkim')];
    if (spf.length > 0) parts.push(ofTexts(await planSpf(name, texts, spf, sources)));
    if (dmarc.length > 0) parts.push(ofTexts(await planDmarc(name, texts, dmarc, sources)));
    if (dkim.length > 0) parts.push(ofTexts(await planDkim(name, texts, dkim, sources)));
    if (plain.length > 0) parts.push(planValues(valuesOf(answer), plain));
    return joined(parts);
  }

  #apply(
    { name, type }: { name: string; type: PlainType },
    proposal: RecordProposal,
    published: readonly RecordValue[],
    { keys, laterKeys, edited, beside }: Cause,
  ): string[] {
    const key = setKey({ name, type });
    const known = this.#sets.get(key);
    const before = known?.before ?? published;
    const after = changedValues(known?.after ?? published, proposal);
    const isSame = String(after) === String(known?.after ?? published);
    this.#sets.set(key, {
      name,
      type,
      owner: known?.owner ?? this.#ownerOf(name),
      before,
      after,
      notes: [...new Set([...(known?.notes ?? []), ...proposal.notes.map((note) => inWords(note, {}))])],
      keys: new Set([...(known?.keys ?? []), ...keys]),
      edited: new Set([...(known?.edited ?? []), edited]),
      later: proposal.later ?? known?.later ?? [],
      laterKeys: new Set([...(known?.laterKeys ?? []), ...laterKeys]),
      ...((beside ?? known?.beside) ? { beside: beside ?? known?.beside ?? '' } : {}),
    });
    return isSame ? [] : [key];
  }

  /** Takes out what stands at the name of a new CNAME, because nothing can stand beside it (RFC 1034 §3.6.2). */
  async #clear(name: string, cause: Cause): Promise<void> {
    const dns = this.client();
    const beside = setKey({ name, type: 'CNAME' });
    for (const type of ['A', 'AAAA', 'MX', 'TXT'] as const) {
      const answer = await dns.query(name, type);
      const remove = answer.chain.length === 0 ? valuesOf(answer) : [];
      if (remove.length === 0) continue;
      const notes = [`removes the ${type} records of ${name}, because no other record can exist beside a CNAME`];
      this.#apply({ name, type }, { kind: 'proposal', remove, add: [], notes }, remove, { ...cause, beside });
    }
  }

  /**
   * Puts records in the place of an alias, because nothing can stand beside a CNAME (RFC 1034 §3.6.2). The addresses of
   * its target are written at the name itself, so that what used the alias goes on working.
   */
  async #replaceAlias(
    name: string,
    type: PlainType,
    proposal: RecordProposal,
    answer: DnsAnswer,
    cause: Cause,
  ): Promise<string[]> {
    const { chain } = answer;
    const dns = this.client();
    const alias = setKey({ name, type: 'CNAME' });
    const isHost = !name.split('.').some((label) => label.startsWith('_'));
    const kept = isHost ? await Promise.all((['A', 'AAAA', 'MX'] as const).map((kind) => dns.query(name, kind))) : [];
    if (kept.some(isFailure)) {
      const decide = `The target of the CNAME of ${name} could not be looked up, so no record is proposed in its place.`;
      return this.#leave(name, type, cause, decide);
    }
    const carried = kept.find((found) => unpublishable(name, found.type as PlainType, valuesOf(found)) !== undefined);
    if (carried !== undefined) {
      const decide = `The records behind the CNAME of ${name} cannot be published at ${name} itself, so no record is proposed in its place.`;
      return this.#leave(name, type, cause, decide);
    }
    const cname = chain[0] ?? '';
    const target = nameValue(cname);
    const others = answer.type === 'TXT' && valuesOf(answer).length > 0;
    const notes = [
      `removes the CNAME to ${cname}`,
      ...(others ? [`the TXT records of ${chain.at(-1) ?? cname} no longer answer at ${name}`] : []),
    ];
    const changed = this.#apply(
      { name, type: 'CNAME' },
      { kind: 'proposal', remove: [target], add: [], notes },
      [target],
      { ...cause, beside: alias },
    );
    for (const found of kept) {
      const values = valuesOf(found);
      if (values.length === 0 || found.type === type) continue;
      const carried = `publishes the ${found.type} records of ${chain.at(-1) ?? cname} at ${name} itself`;
      changed.push(
        ...this.#apply(
          { name, type: found.type as PlainType },
          { kind: 'proposal', remove: [], add: values, notes: [carried] },
          [],
          { ...cause, beside: alias },
        ),
      );
    }
    changed.push(...this.#apply({ name, type }, { ...proposal, remove: [] }, [], { ...cause, beside: alias }));
    return changed;
  }

  #ownerOf(name: string): Owner {
    if (/(?:^|\.)(?:in-addr|ip6)\.arpa$/.test(name)) return 'provider';
    return isSameOrSubdomain(name, organizationalDomain(this.#sources.target.domain)) ? 'own' : 'other';
  }

  #zone(): ProposedZone {
    const sets = [...this.#sets.values()].filter(isChanged);
    return {
      file: '',
      records: sets.flatMap(({ name, type, after }) =>
        after.map((value) => ({ name, type, data: dataOf(type, value), ttl: TTL })),
      ),
      removed: sets.filter(({ after }) => after.length === 0),
    };
  }
}

type ChangeOf<R extends Edit['record']> = R extends 'spf'
  ? SpfChange
  : R extends 'dmarc'
    ? DmarcChange
    : R extends 'dkim'
      ? DkimChange
      : ValuesChange;

/** @returns whether the published values of a record set differ from the planned ones. */
export function isChanged({ before, after }: Pick<PlannedSet, 'before' | 'after'>): boolean {
  return before.length !== after.length || before.some((value) => !after.includes(value));
}

/**
 * Tells whether the change of an aliased name is made at the target of the alias. A PTR record behind an RFC 2317 alias
 * and an address are. A text is only if the record that changes stands there.
 */
function standsAtTarget(type: PlainType, { remove }: RecordProposal): boolean {
  return type === 'PTR' || type === 'A' || type === 'AAAA' || (type === 'TXT' && remove.length > 0);
}

/** @returns the proposal with the alias named by which the changed record is found. */
function throughAlias(proposal: RecordProposal, name: string, target: string): RecordProposal {
  if (proposal.add.length === 0 && proposal.remove.length === 0) return proposal;
  return { ...proposal, notes: [...proposal.notes, `changes the record of ${target}, of which ${name} is an alias`] };
}

/** @returns the values with the removed ones gone and the new ones in the place of the first of them. */
function changedValues(values: readonly RecordValue[], { remove, add }: RecordProposal): RecordValue[] {
  const at = values.findIndex((value) => remove.includes(value));
  const fresh = add.filter((value) => !values.includes(value) || remove.includes(value));
  const kept = (part: readonly RecordValue[]) => part.filter((value) => !remove.includes(value));
  return at < 0 ? [...values, ...fresh] : [...kept(values.slice(0, at)), ...fresh, ...kept(values.slice(at))];
}

/** @returns the proposals of several purposes as one. If one of them is undecided, all of them are. */
function joined(parts: readonly (RecordProposal | Undecided)[]): RecordProposal | Undecided {
  const undecided = parts.find((part) => part.kind === 'undecided');
  if (undecided) return undecided;
  const proposals = parts.filter((part) => part.kind === 'proposal');
  const later = proposals.flatMap((part) => part.later ?? []);
  return {
    kind: 'proposal',
    remove: proposals.flatMap(({ remove }) => remove),
    add: proposals.flatMap(({ add }) => add),
    notes: proposals.flatMap(({ notes }) => notes),
    ...(later.length > 0 ? { later } : {}),
  };
}
