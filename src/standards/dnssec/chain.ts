/**
 * The chain of zones from a trust anchor down to a name (RFC 4035 §5.2). Each zone is found by the DS record at its
 * parent, or by the proof that there is none, and its keys are authenticated by that record.
 */
import type { SignedReply } from '../../network/dns/signed.ts';
import { isDigestOf, isSupportedAlgorithm, isSupportedDigest } from './algorithms.ts';
import { anchorFor, type TrustAnchor } from './anchors.ts';
import { MAX_DENIALS, TooMuchWork, Work } from './limits.ts';
import { isBelow, isSame, isWithin, type Labels, nameText, parentOf } from './names.ts';
import { nsecNoDs } from './nsec.ts';
import { isUsable, Nsec3Proofs } from './nsec3.ts';
import type { NoDs } from './proof.ts';
import { type Dnskey, type Ds, type Nsec, type Nsec3, readDnskey, readDs, readNsec, readNsec3 } from './rdata.ts';
import {
  isForZone,
  keyFacts,
  type RrSet,
  rrsetsOf,
  signatureFacts,
  verifyRrset,
  type ZoneKey,
  zoneKey,
} from './rrset.ts';
import type { Denied, DnssecFault, DnssecState, DsFacts, InsecureReason, UnknownReason } from './security.ts';
import { TYPE, typeName } from './types.ts';

const NOERROR = 0;
export const NXDOMAIN = 3;

/** The state of the zone that a name belongs to. */
export type ZoneState =
  | {
      readonly kind: 'secure';
      readonly zone: Labels;
      readonly keys: readonly ZoneKey[];
      /** Whether no other zone can begin below the name that was asked for, since it does not exist. */
      readonly isEnd: boolean;
    }
  | { readonly kind: 'insecure'; readonly zone: Labels; readonly reason: InsecureReason }
  | { readonly kind: 'bogus'; readonly zone: Labels; readonly fault: DnssecFault }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason };

export type SecureZone = Extract<ZoneState, { readonly kind: 'secure' }>;

/** Asks for records with their signatures. `type` is a number. A resolver is a `SignedResolver`. */
export type Ask = (name: string, type: number) => Promise<SignedReply>;

/** What is remembered from one validation to the next, as long as the trust anchors and the time stay the same. */
export class DnssecMemory {
  readonly replies = new Map<string, Promise<SignedReply>>();
  readonly zones = new Map<string, Promise<ZoneState>>();
}

export interface ChainSettings {
  readonly ask: Ask;
  readonly anchors: readonly TrustAnchor[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly memory: DnssecMemory;
}

/** The NSEC and NSEC3 records of a reply that a zone has signed, and what was wrong with the others. */
export interface Denials {
  readonly nsec: readonly Nsec[];
  readonly nsec3: readonly Nsec3[];
  readonly fault: DnssecFault | undefined;
}

/** @returns the state of a zone as the state of what is in it. */
export function stateOf(state: ZoneState): DnssecState {
  switch (state.kind) {
    case 'secure':
      return { kind: 'secure' };
    case 'unknown':
      return state;
    case 'insecure':
      return { kind: 'insecure', zone: nameText(state.zone), reason: state.reason };
    case 'bogus':
      return { kind: 'bogus', zone: nameText(state.zone), fault: state.fault };
  }
}

/** Follows the chain of zones. Every question is asked once. */
export class Chain {
  readonly anchors: readonly TrustAnchor[];
  readonly now: number;
  readonly #ask: Ask;
  readonly #memory: DnssecMemory;

  constructor({ ask, anchors, now, memory }: ChainSettings) {
    this.#ask = ask;
    this.anchors = anchors;
    this.now = now;
    this.#memory = memory;
  }

  /** @returns the reply to a question: the same promise each time. */
  reply(name: Labels, type: number): Promise<SignedReply> {
    const text = nameText(name);
    return remembered(this.#memory.replies, `${type} ${text}`, () => this.#ask(text, type));
  }

  /**
   * Follows the chain to the zone that a name belongs to.
   *
   * @returns the state of the zone. For the name of a zone it is the zone itself, and not its parent.
   */
  stateAt(name: Labels): Promise<ZoneState> {
    return remembered(this.#memory.zones, nameText(name), async () => {
      try {
        return await this.#stateAt(name);
      } catch (error) {
        if (error instanceof TooMuchWork) return this.#tooMuch(name, error);
        throw error;
      }
    });
  }

  async #stateAt(name: Labels): Promise<ZoneState> {
    const anchor = anchorFor(this.anchors, name);
    if (anchor === undefined) return { kind: 'unknown', reason: { kind: 'no-anchor', name: nameText(name) } };
    if (isSame(anchor.zone, name)) return this.#anchored(anchor);
    const parent = await this.stateAt(parentOf(name));
    return parent.kind === 'secure' && !parent.isEnd ? this.#below(parent, name) : parent;
  }

  #tooMuch(name: Labels, { message }: TooMuchWork): ZoneState {
    const fault = { kind: 'too-much-work', name: nameText(name), type: 'DS', limit: message } as const;
    return { kind: 'bogus', zone: name, fault };
  }

  /** Authenticates the keys of a trusted zone (RFC 4035 §5). */
  async #anchored({ zone, ds, keys }: TrustAnchor): Promise<ZoneState> {
    const reply = usable(await this.reply(zone, TYPE.DNSKEY), zone, TYPE.DNSKEY);
    if (reply.kind === 'unknown') return reply;
    const set = keysIn(reply, zone);
    if (set === undefined || set.signatures.length === 0) {
      const reason = { kind: 'signatures-stripped', zone: nameText(zone), server: reply.server } as const;
      return { kind: 'unknown', reason };
    }
    return this.#authenticated(zone, ds, keys, reply);
  }

  /** @returns the state at a name one label below a name of the zone. */
  async #below(parent: SecureZone, name: Labels): Promise<ZoneState> {
    const reply = usable(await this.reply(name, TYPE.DS), name, TYPE.DS);
    if (reply.kind === 'unknown') return reply;
    const work = new Work();
    const sets = rrsetsOf(reply.answers);
    const set = sets.find(({ owner, type }) => isSame(owner, name) && type === TYPE.DS);
    if (set) {
      const verified = verifyRrset(set, parent.zone, parent.keys, this.now, work);
      if (verified.kind === 'invalid') return { kind: 'bogus', zone: parent.zone, fault: verified.fault };
      // A delegation is never made from a wildcard (RFC 4592 §4.6), so these records say nothing about a zone.
      if (verified.encloser !== null) return { kind: 'bogus', zone: parent.zone, fault: this.#noProof(name, 'type') };
      const ds = set.records.map(readDs).filter((one) => one !== undefined);
      return this.#delegated(name, ds);
    }
    // The name of an alias is the name of no zone, and neither is a name below a DNAME record.
    const dname = sets.find(({ owner, type }) => type === TYPE.DNAME && isBelow(name, owner));
    const alias = dname ?? sets.find(({ owner, type }) => type === TYPE.CNAME && isSame(owner, name));
    if (alias) {
      const verified = verifyRrset(alias, parent.zone, parent.keys, this.now, work);
      if (verified.kind === 'invalid') return { kind: 'bogus', zone: parent.zone, fault: verified.fault };
      return { ...parent, isEnd: dname !== undefined };
    }
    const denials = this.denialsIn(reply, parent, work);
    return this.#withoutDs(parent, name, denials, noDsOf(denials, parent, name, work));
  }

  #withoutDs(parent: SecureZone, name: Labels, denials: Denials, noDs: NoDs): ZoneState {
    switch (noDs.kind) {
      case 'no-cut':
        return parent;
      case 'no-name':
        return { ...parent, isEnd: true };
      case 'delegation':
        return { kind: 'insecure', zone: name, reason: { kind: 'no-ds' } };
      case 'opt-out':
        return { kind: 'insecure', zone: name, reason: { kind: 'opt-out' } };
      case 'iterations':
        return { kind: 'insecure', zone: parent.zone, reason: noDs };
      case 'unproved':
        return { kind: 'bogus', zone: parent.zone, fault: denialFault(denials, noDs.gap, name, TYPE.DS, 'type') };
    }
  }

  #noProof(name: Labels, denies: Denied): DnssecFault {
    return { kind: 'denial-missing', name: nameText(name), type: 'DS', denies };
  }

  async #delegated(zone: Labels, ds: readonly Ds[]): Promise<ZoneState> {
    const accepted = ds.filter(isAccepted);
    if (accepted.length === 0) {
      return { kind: 'insecure', zone, reason: { kind: 'unsupported', ds: ds.map(dsFacts) } };
    }
    const reply = usable(await this.reply(zone, TYPE.DNSKEY), zone, TYPE.DNSKEY);
    return reply.kind === 'unknown' ? reply : this.#authenticated(zone, accepted, [], reply);
  }

  /** Authenticates the keys of a zone: a key that a DS record or an anchor fits must sign all of them. */
  #authenticated(zone: Labels, ds: readonly Ds[], anchors: readonly Dnskey[], reply: Reply): ZoneState {
    const about = { name: nameText(zone), type: typeName(TYPE.DNSKEY) };
    const isAnchor = isTrusted(this.anchors, zone);
    const accepted = ds.filter(isAccepted);
    const acceptedKeys = anchors.filter(({ algorithm }) => isSupportedAlgorithm(algorithm));
    if (accepted.length === 0 && acceptedKeys.length === 0) {
      const shown = [
        ...ds.map(dsFacts),
        ...anchors.map(({ keyTag, algorithm }) => ({ keyTag, algorithm, digestType: 0, digest: '' })),
      ];
      return { kind: 'insecure', zone, reason: { kind: 'unsupported', ds: shown } };
    }
    const bogus = (fault: DnssecFault): ZoneState => ({ kind: 'bogus', zone, fault });
    const set = keysIn(reply, zone);
    const facts = ds.map(dsFacts);
    if (set === undefined) return bogus({ ...about, kind: 'keys-missing', ds: facts });
    const keys = set.records.map(readDnskey).filter((key) => key !== undefined);
    const trusted = keys.filter(
      (key) =>
        isForZone(key) &&
        (accepted.some((one) => isDigestOf(one, zone, key)) || acceptedKeys.some(({ data }) => data.equals(key.data))),
    );
    if (trusted.length === 0) {
      return bogus({ ...about, kind: 'ds-without-key', ds: facts, keys: keys.map(keyFacts), isAnchor });
    }
    const verified = verifyRrset(set, zone, trusted.map(zoneKey), this.now, new Work());
    if (verified.kind === 'valid') return { kind: 'secure', zone, keys: keys.map(zoneKey), isEnd: false };
    if (verified.fault.kind !== 'signature-key-missing') return bogus(verified.fault);
    const signatures = set.signatures.map((one) => signatureFacts(one, this.now));
    return bogus({ ...about, kind: 'ds-key-does-not-sign', ds: facts, keys: keys.map(keyFacts), signatures, isAnchor });
  }

  /** @returns the NSEC and NSEC3 records in the authority section that the zone has signed for its own names. */
  denialsIn(reply: Reply, { zone, keys }: SecureZone, work: Work): Denials {
    const nsec: Nsec[] = [];
    const nsec3: Nsec3[] = [];
    let fault: DnssecFault | undefined;
    const sets = rrsetsOf(reply.authorities).filter(isDenial);
    for (const set of sets.filter(({ owner }) => isWithin(owner, zone)).slice(0, MAX_DENIALS)) {
      const verified = verifyRrset(set, zone, keys, this.now, work);
      // A record that is made from a wildcard is not at the name that it seems to be at, so it proves nothing.
      if (verified.kind === 'valid' && verified.encloser !== null) continue;
      if (verified.kind === 'invalid') {
        fault ??= verified.fault;
        continue;
      }
      for (const record of set.records) {
        const one = set.type === TYPE.NSEC ? readNsec(record) : undefined;
        if (one && isWithin(one.next, zone)) nsec.push(one);
        const hashed = set.type === TYPE.NSEC3 ? readNsec3(record) : undefined;
        if (hashed && isSame(hashed.zone, zone) && isUsable(hashed)) nsec3.push(hashed);
      }
    }
    return { nsec, nsec3, fault };
  }
}

/** @returns whether the records deny something. */
export function isDenial({ type }: Pick<RrSet, 'type'>): boolean {
  return type === TYPE.NSEC || type === TYPE.NSEC3;
}

/** @returns what is wrong with a denial: a signature of its records, or what they leave unproved. */
export function denialFault(
  { nsec, nsec3, fault }: Denials,
  gap: Extract<NoDs, { readonly kind: 'unproved' }>['gap'],
  name: Labels,
  type: number,
  denies: Denied,
): DnssecFault {
  if (fault) return fault;
  const about = { name: nameText(name), type: typeName(type), denies };
  return nsec.length + nsec3.length === 0
    ? { ...about, kind: 'denial-missing' }
    : { ...about, kind: 'denial-wrong', gap };
}

export type Reply = Extract<SignedReply, { readonly kind: 'reply' }>;
export type UnknownState = Extract<ZoneState, { readonly kind: 'unknown' }>;

/**
 * @returns the reply to a question, or the state when the lookup failed, also with an RCODE that says neither that the
 *   name exists nor that it does not.
 */
export function usable(reply: SignedReply, name: Labels, type: number): Reply | UnknownState {
  const about = { kind: 'lookup-failed', name: nameText(name), type: typeName(type) } as const;
  if (reply.kind === 'failed') {
    return { kind: 'unknown', reason: { ...about, status: reply.status, detail: reply.detail } };
  }
  if (reply.rcode === NOERROR || reply.rcode === NXDOMAIN) return reply;
  return { kind: 'unknown', reason: { ...about, status: 'rcode', detail: `RCODE ${reply.rcode}` } };
}

function noDsOf({ nsec, nsec3 }: Denials, parent: SecureZone, name: Labels, work: Work): NoDs {
  const proof = nsecNoDs(nsec, name);
  if (proof.kind !== 'unproved' || nsec3.length === 0) return proof;
  return new Nsec3Proofs(nsec3, parent.zone, work).noDs(name);
}

function keysIn(reply: Reply, zone: Labels): RrSet | undefined {
  return rrsetsOf(reply.answers).find(({ owner, type }) => type === TYPE.DNSKEY && isSame(owner, zone));
}

function isTrusted(anchors: readonly TrustAnchor[], zone: Labels): boolean {
  return anchors.some((anchor) => isSame(anchor.zone, zone));
}

function isAccepted({ algorithm, digestType }: Ds): boolean {
  return isSupportedAlgorithm(algorithm) && isSupportedDigest(digestType);
}

function dsFacts({ keyTag, algorithm, digestType, digest }: Ds): DsFacts {
  return { keyTag, algorithm, digestType, digest: digest.toString('hex') };
}

function remembered<T>(memory: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = memory.get(key);
  if (known) return known;
  const made = make();
  memory.set(key, made);
  return made;
}
