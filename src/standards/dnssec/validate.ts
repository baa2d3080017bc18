/** Validates the answer to a question, or the absence of one, and the aliases that lead to it (RFC 4035 §5). */
import type { SignedRecord } from '../../network/dns/signed.ts';
import { anchorFor, type TrustAnchor } from './anchors.ts';
import {
  type Ask,
  Chain,
  type Denials,
  DnssecMemory,
  denialFault,
  isDenial,
  NXDOMAIN,
  type Reply,
  type SecureZone,
  stateOf,
  type UnknownState,
  usable,
  type ZoneState,
} from './chain.ts';
import { MAX_ALIASES, MAX_SIGNERS, TooMuchWork, Work } from './limits.ts';
import {
  isBelow,
  isNameLength,
  isSame,
  isWithin,
  type Labels,
  labelsOf,
  nameText,
  parentOf,
  wireName,
} from './names.ts';
import { nsecNoCloserName, nsecNoName, nsecNoType } from './nsec.ts';
import { Nsec3Proofs } from './nsec3.ts';
import type { Proof } from './proof.ts';
import { readNameAt } from './rdata.ts';
import { type RrSet, rrsetsOf, verifyRrset } from './rrset.ts';
import type { Denied, DnssecFault, DnssecState } from './security.ts';
import { CLASS_IN, TYPE, typeName } from './types.ts';

export interface Question {
  readonly name: string;
  /** The number of the record type. */
  readonly type: number;
}

export interface ValidatorSettings {
  readonly ask: Ask;
  readonly anchors: readonly TrustAnchor[];
  /** The time by which signatures are judged, in milliseconds since the epoch. */
  readonly now: number;
  /** Shared by all validations with the same anchors and the same time, so that each question is asked once. */
  readonly memory?: DnssecMemory;
}

/** An alias on the way to the answer. */
export interface ValidatedAlias {
  readonly kind: 'CNAME' | 'DNAME';
  readonly name: string;
  readonly target: string;
  readonly state: DnssecState;
}

/** The outcome of a question. Names have no final dot; the root is `.`. */
export interface Validation {
  /** The state of the whole: secure when every alias and the answer are secure. */
  readonly state: DnssecState;
  /** What the reply says about the name at the end of the aliases. `null` when there is no usable reply. */
  readonly outcome: 'answer' | 'nodata' | 'nxdomain' | null;
  /** The name at the end of the aliases. */
  readonly canonical: string;
  readonly aliases: readonly ValidatedAlias[];
  /** The records of the asked type at the canonical name. */
  readonly records: readonly SignedRecord[];
  /** The state of the answer or of its absence, without the aliases that lead to it. */
  readonly answerState: DnssecState;
}

/** The names with most labels for which keys are asked in advance. Names of zones have few labels. */
const MOST_LABELS_IN_ADVANCE = 4;

/**
 * Validates the answer to a question. The keys and DS records of the zones above the name are asked for together with the
 * question, so that all takes about the time of one round trip.
 *
 * @returns the answer with its state of security. Never rejects when `ask` never does.
 */
export async function validate(question: Question, settings: ValidatorSettings): Promise<Validation> {
  const { ask, anchors, now, memory = new DnssecMemory() } = settings;
  const validator = new Validator(new Chain({ ask, anchors, now, memory }), question.type);
  const name = labelsOf(question.name);
  if (name === undefined) {
    const reason = {
      kind: 'lookup-failed',
      name: question.name,
      type: typeName(question.type),
      status: 'malformed',
      detail: 'the text is not a domain name',
    } as const;
    return validator.finished([], { kind: 'unknown', reason }, null);
  }
  return validator.run(name);
}

/** One step on the way to the answer: a part of the reply with its state. */
interface Judged {
  readonly state: DnssecState;
  readonly outcome: 'answer' | 'nodata' | 'nxdomain' | null;
  readonly records: readonly SignedRecord[];
}

class Validator {
  readonly #chain: Chain;
  readonly #type: number;
  readonly #aliases: ValidatedAlias[] = [];

  constructor(chain: Chain, type: number) {
    this.#chain = chain;
    this.#type = type;
  }

  async run(start: Labels): Promise<Validation> {
    let name = start;
    let reply = await this.#asked(name);
    let isFresh = true;
    for (;;) {
      if (reply.kind === 'unknown') return this.finished(name, reply, null);
      const step = aliasIn(reply, name, this.#type);
      if (step === undefined) {
        const judged = await this.#judged(reply, name);
        if (judged.state.kind !== 'bogus' || isFresh) {
          return this.finished(name, judged.state, judged.outcome, judged.records);
        }
        // A server that is not a resolver may end its reply with an alias. The name behind it is asked for by itself.
        reply = await this.#asked(name);
        isFresh = true;
        continue;
      }
      const state = await this.#aliasState(step, reply);
      // The CNAME record that follows from a DNAME record is itself the answer to the question for it (RFC 6672 §2.2).
      if (this.#type === TYPE.CNAME) return this.finished(name, state, 'answer', [aliasRecord(step, name)]);
      this.#aliases.push({ kind: step.kind, name: nameText(name), target: nameText(step.target), state });
      if (this.#aliases.length > MAX_ALIASES || this.#isLoop(step.target)) {
        const reason = { kind: 'too-many-aliases', name: nameText(start) } as const;
        return this.finished(name, { kind: 'unknown', reason }, null);
      }
      name = step.target;
      isFresh = !goesOn(reply, name, this.#type);
      if (isFresh) reply = await this.#asked(name);
    }
  }

  finished(
    name: Labels,
    answerState: DnssecState,
    outcome: Validation['outcome'],
    records: readonly SignedRecord[] = [],
  ): Validation {
    const states = [...this.#aliases.map(({ state }) => state), answerState];
    const state = ORDER.map((kind) => states.find((one) => one.kind === kind)).find((one) => one !== undefined);
    return {
      state: state ?? answerState,
      outcome,
      canonical: nameText(name),
      aliases: this.#aliases,
      records,
      answerState,
    };
  }

  #isLoop(target: Labels): boolean {
    return this.#aliases.some(({ name }) => name === nameText(target));
  }

  /** Asks the question, and in advance what its validation needs. */
  async #asked(name: Labels): Promise<Reply | UnknownState> {
    const anchor = anchorFor(this.#chain.anchors, name);
    if (anchor) {
      void this.#chain.reply(anchor.zone, TYPE.DNSKEY);
      for (let count = anchor.zone.length + 1; count <= Math.min(name.length, MOST_LABELS_IN_ADVANCE); count += 1) {
        const zone = name.slice(name.length - count);
        if (zone[0]?.startsWith('_') || zone[0] === '*') break;
        void this.#chain.reply(zone, TYPE.DS);
        void this.#chain.reply(zone, TYPE.DNSKEY);
      }
    }
    return usable(await this.#chain.reply(name, this.#type), name, this.#type);
  }

  async #judged(reply: Reply, name: Labels): Promise<Judged> {
    const set = rrsetsOf(reply.answers).find(({ owner, type }) => type === this.#type && isSame(owner, name));
    if (set)
      return {
        state: await this.#guarded(set.owner, set.type, () => this.#setState(set, reply)),
        outcome: 'answer',
        records: set.records,
      };
    let outcome: 'nodata' | 'nxdomain' = reply.rcode === NXDOMAIN ? 'nxdomain' : 'nodata';
    const state = await this.#guarded(name, this.#type, async () => {
      const denied = await this.#denialState(reply, name, outcome);
      outcome = denied.outcome;
      return denied.state;
    });
    return { state, outcome, records: [] };
  }

  async #aliasState(step: Alias, reply: Reply): Promise<DnssecState> {
    const { set, isAsSaid, target } = step;
    const state = await this.#guarded(set.owner, set.type, () => this.#setState(set, reply));
    if (state.kind !== 'secure' || isAsSaid) return state;
    const fault = { kind: 'alias-wrong', name: nameText(set.owner), type: 'DNAME', target: nameText(target) } as const;
    return { kind: 'bogus', zone: nameText(set.owner), fault };
  }

  /** Turns the end of the work into a state. */
  async #guarded(name: Labels, type: number, judge: () => Promise<DnssecState>): Promise<DnssecState> {
    try {
      return await judge();
    } catch (error) {
      if (!(error instanceof TooMuchWork)) throw error;
      const about = { name: nameText(name), type: typeName(type) };
      return { kind: 'bogus', zone: nameText(name), fault: { ...about, kind: 'too-much-work', limit: error.message } };
    }
  }

  /** Validates an RRset with the keys of the zone that its signatures name (RFC 4035 §5.3). */
  async #setState(set: RrSet, reply: Reply): Promise<DnssecState> {
    const work = new Work();
    let fault: DnssecFault = { kind: 'signature-missing', name: nameText(set.owner), type: typeName(set.type) };
    let judge: Labels | undefined;
    const signers = set.signatures.map(({ signer }) => signer);
    for (const signer of this.#zonesOf(signers, set.owner, set.type)) {
      const zone = await this.#chain.stateAt(signer);
      if (zone.kind !== 'secure') return stateOf(zone);
      if (!isSame(zone.zone, signer)) continue;
      const verified = verifyRrset(set, zone.zone, zone.keys, this.#chain.now, work);
      if (verified.kind === 'valid') {
        return verified.encloser === null
          ? { kind: 'secure' }
          : this.#wildcardState(set, verified.encloser, zone, reply, work);
      }
      fault = verified.fault;
      judge = zone.zone;
    }
    if (fault.kind === 'signature-missing' && set.signatures[0]) {
      fault = { ...fault, kind: 'signer-unknown', signer: nameText(set.signatures[0].signer) };
    }
    return this.#unlessInsecure(set.owner, set.type, fault, judge);
  }

  /** An RRset from a wildcard needs the proof that no closer name exists (RFC 4035 §5.3.4, RFC 5155 §8.8). */
  #wildcardState(set: RrSet, encloser: Labels, zone: SecureZone, reply: Reply, work: Work): DnssecState {
    const denials = this.#chain.denialsIn(reply, zone, work);
    const proof = eitherProof(
      () => nsecNoCloserName(denials.nsec, set.owner, encloser),
      () => new Nsec3Proofs(denials.nsec3, zone.zone, work).noCloserName(set.owner, encloser),
      denials,
    );
    return this.#proofState(proof, denials, zone, set.owner, set.type, 'closer-name');
  }

  /** Validates the absence of a name or of a type (RFC 4035 §5.4, RFC 5155 §8). */
  async #denialState(
    reply: Reply,
    name: Labels,
    claimed: 'nodata' | 'nxdomain',
  ): Promise<{ readonly state: DnssecState; readonly outcome: 'nodata' | 'nxdomain' }> {
    const work = new Work();
    const sets = rrsetsOf(reply.authorities);
    const denials = sets.filter(isDenial);
    const signed = denials.length > 0 ? denials : sets.filter(({ type }) => type === TYPE.SOA);
    const signers = signed.flatMap(({ signatures }) => signatures.map(({ signer }) => signer));
    const denies: Denied = claimed === 'nxdomain' ? 'name' : 'type';
    let fault: DnssecFault | undefined;
    let judge: Labels | undefined;
    for (const signer of this.#zonesOf(signers, name, this.#type)) {
      const zone = await this.#chain.stateAt(signer);
      if (zone.kind !== 'secure') return { state: stateOf(zone), outcome: claimed };
      if (!isSame(zone.zone, signer)) continue;
      const found = this.#chain.denialsIn(reply, zone, work);
      const hashed = new Nsec3Proofs(found.nsec3, zone.zone, work);
      const noName = (): Proof =>
        eitherProof(
          () => nsecNoName(found.nsec, name),
          () => hashed.noName(name),
          found,
        );
      const noType = (): Proof =>
        eitherProof(
          () => nsecNoType(found.nsec, name, this.#type),
          () => hashed.noType(name, this.#type),
          found,
        );
      // The RCODE is not signed. What counts is what is proved: a name that exists without the type is NODATA.
      const proof = claimed === 'nxdomain' ? noName() : noType();
      const other = claimed === 'nxdomain' && proof.kind === 'unproved' ? noType() : proof;
      const isNoName = other.kind === 'proved' && other.isNoName === true;
      const outcome = other === proof ? (isNoName ? 'nxdomain' : claimed) : isNoName ? 'nxdomain' : 'nodata';
      if (other.kind !== 'unproved') {
        return { state: this.#proofState(other, found, zone, name, this.#type, denies), outcome };
      }
      const gap = proof.kind === 'unproved' ? proof.gap : other.gap;
      judge ??= zone.zone;
      fault ??= denialFault(found, gap, name, this.#type, denies);
    }
    fault ??= { kind: 'denial-missing', name: nameText(name), type: typeName(this.#type), denies };
    return { state: await this.#unlessInsecure(name, this.#type, fault, judge), outcome: claimed };
  }

  #proofState(
    proof: Proof,
    denials: Denials,
    { zone }: SecureZone,
    name: Labels,
    type: number,
    denies: Denied,
  ): DnssecState {
    const place = nameText(zone);
    switch (proof.kind) {
      case 'proved':
        return { kind: 'secure' };
      case 'opt-out':
        return { kind: 'insecure', zone: place, reason: { kind: 'opt-out' } };
      case 'iterations':
        return { kind: 'insecure', zone: place, reason: proof };
      case 'unproved':
        return { kind: 'bogus', zone: place, fault: denialFault(denials, proof.gap, name, type, denies) };
    }
  }

  /**
   * What no signature authenticates is bogus in a secure zone, and nothing else is to be expected in an insecure one. So
   * the chain is followed down to the name itself.
   *
   * @param judge the secure zone whose keys found the fault, if one did.
   */
  async #unlessInsecure(
    name: Labels,
    type: number,
    fault: DnssecFault,
    judge: Labels | undefined,
  ): Promise<DnssecState> {
    const zone: ZoneState = await this.#chain.stateAt(type === TYPE.DS ? parentOf(name) : name);
    if (zone.kind !== 'insecure' && judge) return { kind: 'bogus', zone: nameText(judge), fault };
    return zone.kind === 'secure' ? { kind: 'bogus', zone: nameText(zone.zone), fault } : stateOf(zone);
  }

  /** @returns the signers that may have signed records of the name, the closest zone first and each once. */
  #zonesOf(signers: readonly Labels[], name: Labels, type: number): Labels[] {
    const fitting = signers.filter((signer) => {
      const anchor = anchorFor(this.#chain.anchors, signer);
      // A DS record, and its absence, belong to the parent. The root has none.
      const isAbove = type === TYPE.DS && name.length > 0 ? isBelow(name, signer) : isWithin(name, signer);
      return anchor !== undefined && isAbove;
    });
    const sorted = [...new Map(fitting.map((signer) => [nameText(signer), signer])).values()];
    return sorted.sort((a, b) => b.length - a.length).slice(0, MAX_SIGNERS);
  }
}

/** The states in the order in which one decides over the others. */
const ORDER: readonly DnssecState['kind'][] = ['bogus', 'unknown', 'insecure', 'secure'];

/** @returns the proof with NSEC records, or with NSEC3 records where there are any and the others prove nothing. */
function eitherProof(nsec: () => Proof, nsec3: () => Proof, denials: Denials): Proof {
  const proof = nsec();
  return proof.kind === 'unproved' && denials.nsec3.length > 0 ? nsec3() : proof;
}

/** An alias in a reply. */
interface Alias {
  readonly kind: 'CNAME' | 'DNAME';
  readonly set: RrSet;
  readonly target: Labels;
  /** Whether a CNAME record beside the DNAME record says the same. */
  readonly isAsSaid: boolean;
}

/** @returns the alias at a name, or above it (RFC 6672 §2.2), unless the name has records of the asked type. */
function aliasIn(reply: Reply, name: Labels, type: number): Alias | undefined {
  const sets = rrsetsOf(reply.answers);
  if (sets.some((set) => set.type === type && isSame(set.owner, name) && type !== TYPE.CNAME)) return undefined;
  const cname = sets.find((set) => set.type === TYPE.CNAME && isSame(set.owner, name));
  const said = targetOf(cname);
  const dname = sets
    .filter((set) => set.type === TYPE.DNAME && isBelow(name, set.owner))
    .sort((a, b) => b.owner.length - a.owner.length)[0];
  const renamed = targetOf(dname);
  if (dname && renamed && !cname?.signatures.length) {
    const target = [...name.slice(0, name.length - dname.owner.length), ...renamed];
    if (!isNameLength(target)) return undefined;
    return { kind: 'DNAME', set: dname, target, isAsSaid: said === undefined || isSame(said, target) };
  }
  return cname && said && type !== TYPE.CNAME ? { kind: 'CNAME', set: cname, target: said, isAsSaid: true } : undefined;
}

function aliasRecord({ set, target }: Alias, owner: Labels): SignedRecord {
  const ttl = Math.min(...set.records.map((record) => record.ttl));
  return { owner, type: TYPE.CNAME, class: CLASS_IN, ttl, data: wireName(target) };
}

function targetOf(set: RrSet | undefined): Labels | undefined {
  const [record] = set?.records ?? [];
  return record && readNameAt(record.data, 0)?.labels;
}

/** @returns whether the reply says something about the name behind an alias. A resolver follows aliases itself. */
function goesOn(reply: Reply, name: Labels, type: number): boolean {
  return (
    aliasIn(reply, name, type) !== undefined ||
    reply.answers.some((record) => record.type === type && isSame(record.owner, name)) ||
    reply.authorities.some((record) => record.type === TYPE.SOA && isWithin(name, record.owner))
  );
}
