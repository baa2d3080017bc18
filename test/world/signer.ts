/**
 * Signs zones for tests, and answers from them as a resolver does that has been asked with DO and CD. The answers are
 * records in wire form: a validator takes them as they are (`ask`), and a server on loopback can put them into messages
 * (`answerTo`). A zone may be wrong in every way that a validator must notice.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SignedRecord, SignedReply } from '../../src/network/dns/signed.ts';
import { readAnchors, type TrustAnchor } from '../../src/standards/dnssec/anchors.ts';
import { countedLabels, signedData } from '../../src/standards/dnssec/canonical.ts';
import {
  compareNames,
  isBelow,
  isSame,
  isWithin,
  type Labels,
  labelsOf,
  lastLabels,
  nameText,
  wireName,
} from '../../src/standards/dnssec/names.ts';
import { keyTagOf } from '../../src/standards/dnssec/rdata.ts';
import { CLASS_IN, TYPE } from '../../src/standards/dnssec/types.ts';
import { NOW } from './clock.ts';

/** What is wrong with the signature of one RRset. */
export type SignatureFault =
  /** The RRset has no signature. */
  | 'missing'
  | 'expired'
  | 'not-yet-valid'
  /** The signature has one octet that is wrong. */
  | 'wrong'
  /** The signature is of a key that the zone does not publish. */
  | 'unknown-key'
  /** The signature says that another zone made it. */
  | 'foreign-signer';

/** How a zone proves what it does not have. Compact denial has NSEC records that are made for each question (RFC 9824). */
export type DenialForm =
  | { readonly kind: 'nsec' }
  | { readonly kind: 'compact' }
  | { readonly kind: 'nsec3'; readonly iterations?: number; readonly salt?: string; readonly optOut?: boolean };

/** A TXT record is a text, or the list of its strings. */
type Value = string | readonly string[];

/** Type → the values of the records, in the form of a zone file. */
export type NameRecords = Readonly<Record<string, string | readonly Value[]>>;

/** A zone. Names are absolute, with or without the final dot. SOA, NS and DNSKEY records of the apex, and the records of delegations, are added. */
export interface SignedZone {
  /** The root is `.`. */
  readonly apex: string;
  readonly records?: Readonly<Record<string, NameRecords>>;
  /**
   * `signed` by default. `unsigned`: no signatures, and the parent proves that it has no DS record. `island`: signed, and
   * the parent has no DS record either.
   */
  readonly state?: 'signed' | 'unsigned' | 'island';
  /** 13 by default. */
  readonly algorithm?: 8 | 10 | 13 | 14 | 15 | 16;
  /** Instead of the real number in the DS, DNSKEY and RRSIG records: an algorithm that nobody knows. */
  readonly announcedAlgorithm?: number;
  /** 2 (SHA-256) by default. */
  readonly digestTypes?: readonly (1 | 2 | 4)[];
  /** One key signs the keys and another one all else. One key signs everything by default. */
  readonly hasTwoKeys?: boolean;
  /** Whether the keys are published as revoked (RFC 5011 §2.1). */
  readonly isRevoked?: boolean;
  /** NSEC by default. */
  readonly denial?: DenialForm;
  /** The validity of the signatures, in milliseconds since the epoch: two weeks around `now` by default. */
  readonly validity?: { readonly from: number; readonly until: number };
  /** Whether the DS record is of a key that the zone does not have. */
  readonly hasWrongDs?: boolean;
  /** Whether the NSEC and NSEC3 records are left out of the answers. */
  readonly withholdsDenial?: boolean;
  /** Name and type, such as `www.example.com A`, → what is wrong with the signature of that RRset. */
  readonly faults?: Readonly<Record<string, SignatureFault>>;
}

export interface WorldSettings {
  /** Milliseconds since the epoch. */
  readonly now?: number;
  /** Whether the resolver leaves out all signatures and denials, as one that does not know DNSSEC. */
  readonly strips?: boolean;
  /** The zones whose keys are trust anchors: the root by default. */
  readonly anchored?: readonly string[];
}

export interface SignedAnswer {
  readonly rcode: number;
  readonly answers: readonly SignedRecord[];
  readonly authorities: readonly SignedRecord[];
}

export interface SignedWorld {
  /** The trust anchors as lines of a master file with DS records. */
  readonly anchorText: string;
  readonly anchors: readonly TrustAnchor[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The questions of `ask`, such as `example.com DS`, in the order in which they were asked. */
  readonly asked: readonly string[];
  /** Answers as a resolver that follows aliases through all zones. */
  answerTo(name: string, type: number): SignedAnswer;
  ask(name: string, type: number): Promise<SignedReply>;
}

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const TTL = 300;
const NEGATIVE_TTL = 60;
const NXDOMAIN = 3;
/** The most aliases that an answer has. */
const MAX_ALIASES = 16;

/** @returns the zones, signed. Every zone but the topmost is delegated from the closest one above it. */
export function signedWorld(zones: readonly SignedZone[], settings: WorldSettings = {}): SignedWorld {
  const { now = NOW, strips = false } = settings;
  const made = zones.map((zone) => new Zone(zone, now));
  for (const zone of made) zone.delegate(made);
  const asked: string[] = [];
  const anchored = settings.anchored ?? ['.'];
  const anchorText = made
    .filter(({ apex }) => anchored.some((name) => isSame(labels(name), apex)))
    .flatMap((zone) =>
      zone.ds.map(([tag, algorithm, type, hex]) => `${nameText(zone.apex)} IN DS ${tag} ${algorithm} ${type} ${hex}\n`),
    )
    .join('');

  function zoneFor(name: Labels, type: number): Zone | undefined {
    return made
      .filter(({ apex }) => isWithin(name, apex) && !(type === TYPE.DS && apex.length > 0 && isSame(name, apex)))
      .sort((a, b) => b.apex.length - a.apex.length)[0];
  }

  function answerTo(name: string, type: number): SignedAnswer {
    const answers: SignedRecord[] = [];
    const authorities: SignedRecord[] = [];
    let rcode = 0;
    let current: Labels | undefined = labels(name);
    for (let hops = 0; current !== undefined && hops < MAX_ALIASES; hops += 1) {
      const zone = zoneFor(current, type);
      if (zone === undefined) return { rcode: 5, answers: [], authorities: [] };
      const step = zone.answer(current, type);
      answers.push(...step.answers);
      authorities.push(...step.authorities);
      rcode = step.rcode;
      current = step.alias;
    }
    const kept = (records: SignedRecord[]): SignedRecord[] =>
      strips
        ? records.filter((one) => ![TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3].some((hidden) => hidden === one.type))
        : records;
    return { rcode, answers: kept(answers), authorities: kept(authorities) };
  }

  return {
    anchorText,
    anchors: anchorText === '' ? [] : readAnchors(anchorText, 'anchors'),
    now,
    asked,
    answerTo,
    async ask(name, type) {
      asked.push(`${name} ${Object.entries(TYPE).find(([, number]) => number === type)?.[0] ?? type}`);
      const answer = answerTo(name, type);
      const flags = { authoritative: false, authenticated: false, extendedErrors: [] };
      return { kind: 'reply', server: '192.0.2.53#53', ...flags, ...answer };
    },
  };
}

/** What one zone contributes to an answer. `alias` is the name with which the answer goes on. */
interface Step extends SignedAnswer {
  readonly alias?: Labels;
}

interface Key {
  readonly privateKey: KeyObject;
  readonly data: Buffer;
  readonly algorithm: number;
}

type DsValue = readonly [tag: number, algorithm: number, digestType: number, hex: string];

/** The records of one name: type → data. */
type NameData = Map<number, Buffer[]>;

class Zone {
  readonly apex: Labels;
  readonly #spec: SignedZone;
  readonly #now: number;
  readonly #names = new Map<string, { readonly owner: Labels; readonly data: NameData }>();
  readonly #keys: readonly Key[];
  readonly #strangeKey: Key;
  readonly #signed = new Map<string, SignedRecord[]>();
  #cuts: Labels[] = [];
  #chain: readonly { readonly owner: Labels; readonly hash: Buffer; readonly types: number[] }[] | undefined;

  constructor(spec: SignedZone, now: number) {
    this.#spec = spec;
    this.#now = now;
    this.apex = labels(spec.apex);
    const { algorithm = 13, announcedAlgorithm = algorithm, isRevoked = false } = spec;
    const flags = 0x0101 | (isRevoked ? 0x0080 : 0);
    const newKey = (keyFlags: number): Key => makeKey(algorithm, announcedAlgorithm, keyFlags);
    this.#keys = spec.hasTwoKeys ? [newKey(flags), newKey(flags & ~1)] : [newKey(flags)];
    this.#strangeKey = newKey(flags);
    const soa = `ns.${spec.apex === '.' ? '' : spec.apex} hostmaster.example.com 1 3600 600 86400 ${NEGATIVE_TTL}`;
    this.#add(this.apex, TYPE.SOA, dataOf('SOA', soa));
    this.#add(this.apex, TYPE.NS, dataOf('NS', 'ns.example.net'));
    if (this.#isSigned) for (const { data } of this.#keys) this.#add(this.apex, TYPE.DNSKEY, data);
    if (this.#isSigned && spec.denial?.kind === 'nsec3') {
      this.#add(this.apex, TYPE.NSEC3PARAM, Buffer.concat([Buffer.from([1, 0]), nsec3Parameters(spec.denial)]));
    }
    for (const [name, records] of Object.entries(spec.records ?? {})) {
      for (const [type, values] of Object.entries(records)) {
        for (const value of typeof values === 'string' ? [values] : values) {
          this.#add(labels(name), numberOf(type), dataOf(type, value));
        }
      }
    }
  }

  get #isSigned(): boolean {
    return (this.#spec.state ?? 'signed') !== 'unsigned';
  }

  /** The DS records for the parent. */
  get ds(): readonly DsValue[] {
    const key = this.#spec.hasWrongDs ? this.#strangeKey : this.#keys[0];
    if (key === undefined || !this.#isSigned) return [];
    return (this.#spec.digestTypes ?? [2]).map((type) => {
      const hash = createHash(type === 1 ? 'sha1' : type === 2 ? 'sha256' : 'sha384');
      const hex = hash.update(wireName(this.apex)).update(key.data).digest('hex');
      return [keyTagOf(key.data), key.algorithm, type, hex] as const;
    });
  }

  /** Adds the delegations to the zones that are directly below this one. */
  delegate(zones: readonly Zone[]): void {
    const below = zones.filter(({ apex }) => isBelow(apex, this.apex));
    const direct = below.filter(({ apex }) => !below.some((other) => isBelow(apex, other.apex)));
    for (const child of direct) {
      this.#cuts.push(child.apex);
      this.#add(child.apex, TYPE.NS, dataOf('NS', 'ns.example.net'));
      if (child.#spec.state === 'island' || child.#spec.state === 'unsigned') continue;
      for (const [tag, algorithm, type, hex] of child.ds) {
        this.#add(child.apex, TYPE.DS, dataOf('DS', `${tag} ${algorithm} ${type} ${hex}`));
      }
    }
    // NS records that the zone itself has below its apex are delegations too.
    for (const { owner, data } of this.#names.values()) {
      if (data.has(TYPE.NS) && owner.length > this.apex.length && !this.#cuts.some((cut) => isSame(cut, owner))) {
        this.#cuts.push(owner);
      }
    }
  }

  /** Answers a question as the servers of the zone do (RFC 1034 §4.3.2). */
  answer(name: Labels, type: number): Step {
    const own = this.#names.get(nameText(name));
    if (own) return this.#answerAt(own.owner, own.data, name, type, []);
    const dname = this.#ancestors(name).find((owner) => this.#names.get(nameText(owner))?.data.has(TYPE.DNAME));
    if (dname) return this.#renamed(dname, name);
    if (this.#exists(name)) return this.#nodata(name);
    const encloser = this.#encloserOf(name);
    const wildcard = this.#names.get(nameText(['*', ...encloser]));
    if (wildcard) return this.#answerAt(wildcard.owner, wildcard.data, name, type, this.#noCloser(name, encloser));
    return this.#nxdomain(name, encloser);
  }

  #answerAt(owner: Labels, data: NameData, name: Labels, type: number, denial: SignedRecord[]): Step {
    const isCut = this.#cuts.some((cut) => isSame(cut, owner));
    const found = data.has(type) ? type : data.has(TYPE.CNAME) && !isCut ? TYPE.CNAME : undefined;
    if (found === undefined) {
      return isSame(owner, name) ? this.#nodata(name) : this.#wildcardNodata(name, owner, denial);
    }
    const answers = this.#rrset(owner, found, name);
    const [target] = data.get(found) ?? [];
    const step = { rcode: 0, answers, authorities: denial };
    return found === TYPE.CNAME && type !== TYPE.CNAME && target ? { ...step, alias: nameIn(target) } : step;
  }

  /** A DNAME record, and the CNAME record that follows from it and has no signature (RFC 6672 §3.1). */
  #renamed(owner: Labels, name: Labels): Step {
    const [target] = this.#names.get(nameText(owner))?.data.get(TYPE.DNAME) ?? [];
    const alias = [...name.slice(0, name.length - owner.length), ...(target ? nameIn(target) : [])];
    const answers = [...this.#rrset(owner, TYPE.DNAME, owner), record(name, TYPE.CNAME, TTL, wireName(alias))];
    return { rcode: 0, answers, authorities: [], alias };
  }

  #nodata(name: Labels): Step {
    return { rcode: 0, answers: [], authorities: [...this.#soa(), ...this.#denials([() => this.#noType(name)])] };
  }

  #noType(name: Labels): SignedRecord[] {
    if (this.#spec.denial?.kind !== 'nsec3') return this.#isListed(name) ? this.#nsecAt(name) : this.#covering(name);
    const isHashed = this.#hashed().some(({ owner }) => isSame(owner, name));
    // A delegation that opt-out leaves out of the chain is denied with the closest encloser that is in it (RFC 5155 §7.2.4).
    return isHashed ? this.#matching(name) : this.#optedOut(name);
  }

  #optedOut(name: Labels): SignedRecord[] {
    const hashed = this.#hashed();
    const encloser = this.#ancestors(name).find((one) => hashed.some(({ owner }) => isSame(owner, one))) ?? this.apex;
    return [...this.#matching(encloser), ...this.#covering(lastLabels(name, encloser.length + 1))];
  }

  #wildcardNodata(name: Labels, wildcard: Labels, denial: SignedRecord[]): Step {
    const isNsec3 = this.#spec.denial?.kind === 'nsec3';
    const own = this.#denials([
      () => this.#at(wildcard),
      () => (isNsec3 ? this.#matching(wildcard.slice(1)) : []),
      () => denial,
    ]);
    if (this.#spec.denial?.kind === 'compact') return this.#nodata(name);
    return { rcode: 0, answers: [], authorities: [...this.#soa(), ...own] };
  }

  #nxdomain(name: Labels, encloser: Labels): Step {
    if (this.#spec.denial?.kind === 'compact') {
      return {
        rcode: 0,
        answers: [],
        authorities: [...this.#soa(), ...this.#denials([() => this.#made(name, [TYPE.NXNAME])])],
      };
    }
    const isNsec3 = this.#spec.denial?.kind === 'nsec3';
    const proofs = this.#denials([
      () => (isNsec3 ? this.#matching(encloser) : []),
      () => this.#covering(isNsec3 ? lastLabels(name, encloser.length + 1) : name),
      () => this.#covering(['*', ...encloser]),
    ]);
    return { rcode: NXDOMAIN, answers: [], authorities: [...this.#soa(), ...proofs] };
  }

  /** The proof that no name is closer than a wildcard (RFC 4035 §3.1.3.3, RFC 5155 §7.2.6). */
  #noCloser(name: Labels, encloser: Labels): SignedRecord[] {
    if (this.#spec.denial?.kind === 'compact') return [];
    const isNsec3 = this.#spec.denial?.kind === 'nsec3';
    return this.#denials([() => this.#covering(isNsec3 ? lastLabels(name, encloser.length + 1) : name)]);
  }

  #soa(): SignedRecord[] {
    return this.#rrset(this.apex, TYPE.SOA, this.apex);
  }

  /** @returns the records of all proofs, each once. Empty in a zone that has none. */
  #denials(proofs: readonly (() => SignedRecord[])[]): SignedRecord[] {
    if (!this.#isSigned || this.#spec.withholdsDenial) return [];
    return [...new Set(proofs.flatMap((proof) => proof()))];
  }

  // The chain of NSEC and NSEC3 records.

  #at(name: Labels): SignedRecord[] {
    return this.#spec.denial?.kind === 'nsec3' ? this.#matching(name) : this.#nsecAt(name);
  }

  #isListed(name: Labels): boolean {
    return this.#spec.denial?.kind === 'compact' || this.#hashed().some(({ owner }) => isSame(owner, name));
  }

  #nsecAt(name: Labels): SignedRecord[] {
    if (this.#spec.denial?.kind === 'compact') return this.#made(name, this.#typesAt(name, TYPE.NSEC));
    return this.#link(this.#hashed().findIndex(({ owner }) => isSame(owner, name)));
  }

  #matching(name: Labels): SignedRecord[] {
    return this.#link(this.#hashed().findIndex(({ owner }) => isSame(owner, name)));
  }

  #covering(name: Labels): SignedRecord[] {
    const chain = this.#hashed();
    const isNsec3 = this.#spec.denial?.kind === 'nsec3';
    const hash = isNsec3 ? this.#hash(name) : Buffer.alloc(0);
    const before = chain.filter((link) =>
      isNsec3 ? Buffer.compare(link.hash, hash) < 0 : compareNames(link.owner, name) < 0,
    );
    return this.#link(before.length === 0 ? chain.length - 1 : before.length - 1);
  }

  /** The NSEC or NSEC3 record of one link of the chain, with its signature. */
  #link(index: number): SignedRecord[] {
    const chain = this.#hashed();
    const link = chain[index];
    const next = chain[(index + 1) % chain.length];
    if (link === undefined || next === undefined) return [];
    const { denial } = this.#spec;
    if (denial?.kind !== 'nsec3') {
      return this.#sealed(
        link.owner,
        TYPE.NSEC,
        [Buffer.concat([wireName(next.owner), bitmap(link.types)])],
        link.owner,
      );
    }
    const head = Buffer.from([1, denial.optOut ? 1 : 0]);
    const data = Buffer.concat([head, nsec3Parameters(denial), Buffer.from([20]), next.hash, bitmap(link.types)]);
    const owner = [base32(link.hash), ...this.apex];
    return this.#sealed(owner, TYPE.NSEC3, [data], owner);
  }

  /** An NSEC record that is made for one question (RFC 9824 §3). */
  #made(name: Labels, types: readonly number[]): SignedRecord[] {
    const all = [...new Set([...types, TYPE.RRSIG, TYPE.NSEC])];
    return this.#sealed(name, TYPE.NSEC, [Buffer.concat([wireName(['\0', ...name]), bitmap(all)])], name);
  }

  #hash(name: Labels): Buffer {
    const { denial } = this.#spec;
    const [iterations = 0, salt = ''] = denial?.kind === 'nsec3' ? [denial.iterations, denial.salt] : [];
    let value: Buffer = wireName(name);
    for (let round = 0; round <= iterations; round += 1) {
      value = createHash('sha1').update(value).update(Buffer.from(salt, 'hex')).digest();
    }
    return value;
  }

  /** The names of the chain in its order, with their types. */
  #hashed(): readonly { readonly owner: Labels; readonly hash: Buffer; readonly types: number[] }[] {
    if (this.#chain) return this.#chain;
    const { denial } = this.#spec;
    const isNsec3 = denial?.kind === 'nsec3';
    const visible = [...this.#names.values()].filter(({ owner }) => !this.#isOccluded(owner));
    const listed = visible.filter(
      ({ owner, data }) => !(isNsec3 && denial.optOut === true && this.#isCut(owner) && !data.has(TYPE.DS)),
    );
    const owners = new Map(listed.map(({ owner }) => [nameText(owner), owner]));
    if (isNsec3) {
      for (const { owner } of listed) for (const parent of this.#ancestors(owner)) owners.set(nameText(parent), parent);
    }
    const type = isNsec3 ? TYPE.NSEC3 : TYPE.NSEC;
    const links = [...owners.values()].map((owner) => ({
      owner,
      hash: isNsec3 ? this.#hash(owner) : Buffer.alloc(0),
      types: this.#typesAt(owner, type),
    }));
    this.#chain = links.sort((a, b) => (isNsec3 ? Buffer.compare(a.hash, b.hash) : compareNames(a.owner, b.owner)));
    return this.#chain;
  }

  #typesAt(owner: Labels, chainType: number): number[] {
    const data = this.#names.get(nameText(owner))?.data;
    if (data === undefined) return chainType === TYPE.NSEC ? [TYPE.RRSIG, TYPE.NSEC] : [];
    const types = this.#isCut(owner) ? [TYPE.NS, ...(data.has(TYPE.DS) ? [TYPE.DS] : [])] : [...data.keys()];
    const isSignedHere = types.some((type) => !(this.#isCut(owner) && type === TYPE.NS));
    if (chainType === TYPE.NSEC) return [...types, TYPE.RRSIG, TYPE.NSEC];
    return isSignedHere ? [...types, TYPE.RRSIG] : types;
  }

  #isCut(owner: Labels): boolean {
    return this.#cuts.some((cut) => isSame(cut, owner));
  }

  #isOccluded(owner: Labels): boolean {
    return this.#cuts.some((cut) => isBelow(owner, cut));
  }

  #exists(name: Labels): boolean {
    return [...this.#names.values()].some(({ owner }) => isWithin(owner, name));
  }

  /** The names above a name, from the closest one to the apex. */
  #ancestors(name: Labels): Labels[] {
    return Array.from({ length: Math.max(0, name.length - this.apex.length) }, (_, index) => name.slice(index + 1));
  }

  #encloserOf(name: Labels): Labels {
    return this.#ancestors(name).find((parent) => this.#exists(parent)) ?? this.apex;
  }

  // Records and signatures.

  #add(owner: Labels, type: number, data: Buffer): void {
    const key = nameText(owner);
    const entry = this.#names.get(key) ?? { owner, data: new Map<number, Buffer[]>() };
    this.#names.set(key, entry);
    entry.data.set(type, [...(entry.data.get(type) ?? []), data]);
  }

  /** The RRset of an owner, at the name that was asked: another one for a wildcard. */
  #rrset(owner: Labels, type: number, name: Labels): SignedRecord[] {
    const data = this.#names.get(nameText(owner))?.data.get(type) ?? [];
    const isParentSide = this.#isCut(owner) && type === TYPE.NS;
    return isParentSide ? data.map((one) => record(name, type, TTL, one)) : this.#sealed(owner, type, data, name);
  }

  #sealed(owner: Labels, type: number, data: readonly Buffer[], name: Labels): SignedRecord[] {
    const key = `${nameText(owner)} ${type} ${nameText(name)} ${data.length}`;
    const known = this.#signed.get(key);
    if (known) return known;
    const ttl = type === TYPE.SOA || type === TYPE.NSEC || type === TYPE.NSEC3 ? NEGATIVE_TTL : TTL;
    const records = data.map((one) => record(name, type, ttl, one));
    const signature = this.#isSigned ? this.#signature(owner, type, data, name, ttl) : undefined;
    const sealed = signature ? [...records, signature] : records;
    this.#signed.set(key, sealed);
    return sealed;
  }

  #signature(
    owner: Labels,
    type: number,
    data: readonly Buffer[],
    name: Labels,
    ttl: number,
  ): SignedRecord | undefined {
    const fault = this.#faultAt(owner, type);
    const key = fault === 'unknown-key' ? this.#strangeKey : type === TYPE.DNSKEY ? this.#keys[0] : this.#keys.at(-1);
    if (fault === 'missing' || key === undefined) return undefined;
    const [from, until] =
      fault === 'expired'
        ? [this.#now - 3 * WEEK_MS, this.#now - WEEK_MS]
        : fault === 'not-yet-valid'
          ? [this.#now + WEEK_MS, this.#now + 3 * WEEK_MS]
          : [this.#spec.validity?.from ?? this.#now - WEEK_MS, this.#spec.validity?.until ?? this.#now + WEEK_MS];
    const signer = fault === 'foreign-signer' ? ['elsewhere', 'example'] : this.apex;
    const fixed = Buffer.alloc(18);
    const counted = countedLabels(owner);
    fixed.writeUInt16BE(type, 0);
    fixed.writeUInt8(key.algorithm, 2);
    fixed.writeUInt8(counted, 3);
    fixed.writeUInt32BE(ttl, 4);
    fixed.writeUInt32BE(Math.floor(until / 1000) % 2 ** 32, 8);
    fixed.writeUInt32BE(Math.floor(from / 1000) % 2 ** 32, 12);
    fixed.writeUInt16BE(keyTagOf(key.data), 16);
    const covered = signedData(
      { fixed, signer, labels: counted, originalTtl: ttl },
      data.map((one) => record(owner, type, ttl, one)),
    );
    const signature = signatureOf(key, this.#spec.algorithm ?? 13, covered);
    if (fault === 'wrong') signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
    return record(name, TYPE.RRSIG, ttl, Buffer.concat([fixed, wireName(signer), signature]));
  }

  #faultAt(owner: Labels, type: number): SignatureFault | undefined {
    const found = Object.entries(this.#spec.faults ?? {}).find(([key]) => {
      const [name = '', typeText = ''] = key.split(' ');
      return isSame(labels(name), owner) && numberOf(typeText) === type;
    });
    return found?.[1];
  }
}

function record(owner: Labels, type: number, ttl: number, data: Buffer): SignedRecord {
  return { owner, type, class: CLASS_IN, ttl, data };
}

function labels(name: string): Labels {
  const found = labelsOf(name);
  if (found === undefined) throw new Error(`${name} is not a name`);
  return found;
}

function nameIn(data: Buffer): Labels {
  const found: string[] = [];
  for (let at = 0; (data[at] ?? 0) > 0; at += 1 + (data[at] ?? 0)) {
    found.push(data.toString('latin1', at + 1, at + 1 + (data[at] ?? 0)).toLowerCase());
  }
  return found;
}

function numberOf(type: string): number {
  const known = Object.entries(TYPE).find(([name]) => name === type)?.[1];
  const number = known ?? Number(/^TYPE(\d+)$/.exec(type)?.[1] ?? Number.NaN);
  if (!Number.isInteger(number)) throw new Error(`${type} is not a record type`);
  return number;
}

/** @returns the data of a record whose value is in the form of a zone file. */
function dataOf(type: string, value: Value): Buffer {
  if (typeof value !== 'string') return strings(value);
  const parts = value.split(/\s+/);
  const numbers = (sizes: readonly (1 | 2 | 4)[]): Buffer => {
    const data = Buffer.alloc(sizes.reduce((sum, size) => sum + size, 0));
    let at = 0;
    for (const [index, size] of sizes.entries()) at = data.writeUIntBE(Number(parts[index]), at, size);
    return data;
  };
  const name = (index: number): Buffer => wireName(labels(parts[index] ?? ''));
  const hex = (index: number): Buffer => Buffer.from(parts.slice(index).join(''), 'hex');
  switch (type) {
    case 'A':
      return Buffer.from(value.split('.').map(Number));
    case 'AAAA':
      return addressOf(value);
    case 'NS':
    case 'CNAME':
    case 'DNAME':
    case 'PTR':
      return name(0);
    case 'MX':
      return Buffer.concat([numbers([2]), name(1)]);
    case 'SRV':
      return Buffer.concat([numbers([2, 2, 2]), name(3)]);
    case 'SOA': {
      const rest = Buffer.alloc(20);
      for (let index = 0; index < 5; index += 1) rest.writeUInt32BE(Number(parts[2 + index]), index * 4);
      return Buffer.concat([name(0), name(1), rest]);
    }
    case 'TXT':
    case 'SPF':
      return strings(value.match(/[\s\S]{1,255}/g) ?? ['']);
    case 'DS':
      return Buffer.concat([numbers([2, 1, 1]), hex(3)]);
    case 'TLSA':
      return Buffer.concat([numbers([1, 1, 1]), hex(3)]);
    default:
      return Buffer.from(value, 'hex');
  }
}

function strings(values: readonly string[]): Buffer {
  return Buffer.concat(values.map((one) => Buffer.from(String.fromCharCode(one.length) + one, 'latin1')));
}

function addressOf(text: string): Buffer {
  const [head = '', tail] = text.split('::');
  const groups = (part: string): string[] => part.split(':').filter(Boolean);
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...new Array<string>(missing).fill('0'), ...groups(tail ?? '')];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function nsec3Parameters({
  iterations = 0,
  salt = '',
}: {
  readonly iterations?: number;
  readonly salt?: string;
}): Buffer {
  const octets = Buffer.from(salt, 'hex');
  return Buffer.concat([Buffer.from([iterations >> 8, iterations & 0xff, octets.length]), octets]);
}

/** @returns the type bit map (RFC 4034 §4.1.2). */
function bitmap(types: readonly number[]): Buffer {
  const windows = [...new Set(types.map((type) => type >> 8))].sort((a, b) => a - b);
  return Buffer.concat(
    windows.map((window) => {
      const low = types.filter((type) => type >> 8 === window).map((type) => type & 0xff);
      const bits = Buffer.alloc((Math.max(...low) >> 3) + 1);
      for (const type of low) bits[type >> 3] = (bits[type >> 3] ?? 0) | (0x80 >> (type & 7));
      return Buffer.concat([Buffer.from([window, bits.length]), bits]);
    }),
  );
}

/** @returns base32hex without padding (RFC 4648 §7). */
function base32(octets: Buffer): string {
  const bits = [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((group) => Number.parseInt(group.padEnd(5, '0'), 2).toString(32)).join('');
}

function pairFor(algorithm: number): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  switch (algorithm) {
    case 13:
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 14:
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    case 15:
      return generateKeyPairSync('ed25519');
    case 16:
      return generateKeyPairSync('ed448');
    default:
      return generateKeyPairSync('rsa', { modulusLength: 1024 });
  }
}

function makeKey(algorithm: number, announced: number, flags: number): Key {
  const { publicKey, privateKey } = pairFor(algorithm);
  const { n, e, x, y } = publicKey.export({ format: 'jwk' });
  const octets = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
  const exponent = octets(e);
  const own = n === undefined ? [octets(x), octets(y)] : [Buffer.from([exponent.length]), exponent, octets(n)];
  const head = Buffer.from([flags >> 8, flags & 0xff, 3, announced]);
  return { privateKey, data: Buffer.concat([head, ...own]), algorithm: announced };
}

function signatureOf({ privateKey }: Key, algorithm: number, data: Buffer): Buffer {
  const digests: Readonly<Record<number, string>> = { 8: 'sha256', 10: 'sha512', 13: 'sha256', 14: 'sha384' };
  return sign(digests[algorithm] ?? null, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
}
