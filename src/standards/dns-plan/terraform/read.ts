/**
 * Reads the DNS records of a Terraform plan: `terraform show -json PLANFILE`, and the same of OpenTofu.
 *
 * A plan says of each resource what it is before the change and after it. Some values are known only when the change is
 * applied, and what rests on them is undetermined: neither absent nor as published. A resource that is one record of a set says
 * nothing of the others, so it edits the set as it is published. A resource that is a whole set replaces it.
 */
import type { RecordData, RecordType } from '../../../network/dns/answer.ts';
import type {
  EditedSet,
  ProposedRecord,
  ProposedZone,
  ProxiedName,
  UndeterminedSet,
} from '../../../network/dns/proposal.ts';
import { canonicalName, isSameOrSubdomain } from '../../../network/domain.ts';
import { UsageError } from '../../../usage-error.ts';
import { organizationalDomain } from '../../organizational-domain.ts';
import { isReadType, readTtl } from '../../zone-file/data.ts';
import { readAnyName } from '../../zone-file/names.ts';
import { MAX_RECORDS, TOO_MANY_RECORDS } from '../../zone-file/tokens.ts';
import { typeNamed } from '../../zone-file/types.ts';
import type { PlanReader } from '../codec.ts';
import { Attributes, isObject, NotKnown, objectsIn } from './attributes.ts';
import { type Reference, referencesIn, withoutIndex, type Zones, zonesIn } from './document.ts';
import type { Kind } from './kind.ts';
import { KINDS } from './kinds.ts';
import { dataOf } from './rdata.ts';
import { unreadSets } from './unread.ts';

type Fields = Readonly<Record<string, unknown>>;

const HOW_TO_PLAN = 'terraform plan -out=plan.bin && terraform show -json plan.bin > plan.json';

/** The major version of the format that is read. */
const FORMAT = /^1(?:\.|$)/;

/** TTL in seconds of a record whose resource gives none. */
const DEFAULT_TTL = 3600;

/** The types of addresses. */
const ADDRESSES = ['A', 'AAAA'] as const;

/** The types by which a DNS host means the addresses of another name, and not an alias. */
const FLATTENED: readonly string[] = ['ALIAS', 'ANAME', 'FLATTENED', 'NETLIFY', 'NETLIFYV6'];

/** Reads a Terraform plan from its JSON. */
export const read: PlanReader = (value, file, domain) => {
  if (!isPlan(value)) return undefined;
  refuseUnusable(value, file);
  const zones = zonesIn(value);
  const references = referencesIn(value);
  const changes = [
    ...objectsIn(value.resource_changes).map((fields) => ({ fields, isDeferred: false })),
    ...objectsIn(value.deferred_changes).map((fields) => ({ fields: fields.resource_change, isDeferred: true })),
  ];
  if (changes.length > MAX_RECORDS) throw new UsageError(`${file}: ${TOO_MANY_RECORDS}`);
  const resources = changes.flatMap(({ fields, isDeferred }) => resourceOf(fields, isDeferred, references));
  const found = new Found();
  const ofDomain = zonesAt(domain, resources);
  for (const set of unreadIn(changes, zones, domain)) found.undetermined(set);
  for (const resource of resources) {
    new ResourceReader(resource, zoneOf(resource, zones, ofDomain, domain), domain, found).read();
  }
  return { file, format: 'terraform', ...found.result() };
};

/** @returns whether the value is JSON of `terraform show`, or of `terraform plan -json`. */
function isPlan(value: unknown): value is Fields {
  if (!isObject(value)) return false;
  if (typeof value['@message'] === 'string') return true;
  const { format_version: version } = value;
  return (
    typeof version === 'string' &&
    ['resource_changes', 'planned_values', 'values', 'terraform_version'].some((key) => Object.hasOwn(value, key))
  );
}

function refuseUnusable(plan: Fields, file: string): void {
  const refuse = (what: string): UsageError => new UsageError(`${file}: ${what}`);
  const { format_version: version } = plan;
  if (typeof version !== 'string') {
    throw refuse(`this is the log of terraform plan -json, not a plan. Write the plan with: ${HOW_TO_PLAN}`);
  }
  if (!FORMAT.test(version)) {
    // Nothing of the file is printed but digits and dots.
    const number = /^[\d.]{1,20}$/.exec(version)?.[0];
    const which = number === undefined ? 'this version' : `version ${number}`;
    throw refuse(`${which} of the format of plans is not supported, only 1`);
  }
  if (plan.errored === true) throw refuse('the plan failed, so it is not complete. Make it again');
  const isState = !Object.hasOwn(plan, 'resource_changes') && !Object.hasOwn(plan, 'planned_values');
  if (isState) throw refuse(`this is the state of Terraform, not a plan. Write the plan with: ${HOW_TO_PLAN}`);
}

/** One resource of a plan that holds DNS records. */
interface Resource {
  readonly kind: Kind;
  /** Its address, made fit to print. */
  readonly address: string;
  /** The prefix of the addresses in its module. */
  readonly module: string;
  readonly references: readonly Reference[];
  /** The attributes that the change takes out. */
  readonly before: Attributes | undefined;
  /** The attributes that are there after the change. */
  readonly after: Attributes | undefined;
  /** Whether the records that are there before stay at the DNS host. */
  readonly isLeft: boolean;
  readonly isDeferred: boolean;
  /** Whether the resource stays as it is: all that it cannot say is published already. */
  readonly isSame: boolean;
}

function resourceOf(
  fields: unknown,
  isDeferred: boolean,
  references: ReadonlyMap<string, readonly Reference[]>,
): Resource[] {
  if (!isObject(fields) || fields.mode !== 'managed' || typeof fields.type !== 'string') return [];
  const kind = KINDS.get(fields.type);
  const { change } = fields;
  if (kind === undefined || !isObject(change)) return [];
  const actions = actionsOf(change);
  const isGone = !actions.some(
    (action) => action === 'create' || action === 'update' || action === 'no-op' || action === 'read',
  );
  const written = addressOf(fields);
  const plain = withoutIndex(written);
  return [
    {
      kind,
      address: printable(written),
      module: plain.slice(0, Math.max(0, plain.lastIndexOf(`${fields.type}.`))),
      references: references.get(plain) ?? [],
      before: isObject(change.before) ? Attributes.of(change.before, undefined, change.before_sensitive) : undefined,
      after: isGone ? undefined : Attributes.of(change.after, change.after_unknown, change.after_sensitive),
      isLeft: actions.includes('forget'),
      isDeferred,
      isSame: !isDeferred && changesNothing(actions),
    },
  ];
}

/** @returns the sets that nobody knows because a resource of another kind holds DNS records, or a zone goes. */
function unreadIn(
  changes: readonly { readonly fields: unknown }[],
  zones: Zones,
  domain: string,
): readonly UndeterminedSet[] {
  return changes.flatMap(({ fields }) => {
    if (!isObject(fields) || fields.mode !== 'managed' || typeof fields.type !== 'string') return [];
    const { type, change } = fields;
    if (KINDS.has(type) || !isObject(change) || changesNothing(actionsOf(change))) return [];
    const isDeleted = actionsOf(change).includes('delete');
    const states = [
      { value: change.before, unknown: undefined, sensitive: change.before_sensitive },
      { value: change.after, unknown: change.after_unknown, sensitive: change.after_sensitive },
    ];
    const attributes = states
      .filter(({ value }) => isObject(value))
      .map(({ value, unknown, sensitive }) => Attributes.of(value, unknown, sensitive));
    return unreadSets({ type, address: printable(addressOf(fields)), isDeleted, attributes }, zones, domain);
  });
}

function actionsOf({ actions }: Fields): readonly unknown[] {
  return Array.isArray(actions) ? actions : [];
}

function changesNothing(actions: readonly unknown[]): boolean {
  return actions.length > 0 && actions.every((action) => action === 'no-op' || action === 'read');
}

function addressOf({ address, type, name }: Fields): string {
  return typeof address === 'string' ? address : `${String(type)}.${String(name)}`;
}

/** The longest address of a resource that is printed. */
const MAX_ADDRESS = 120;

/** @returns the address of a resource, made fit to print. */
function printable(address: string): string {
  return address.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_ADDRESS);
}

/** What is known of the zone of a resource. */
interface ZoneOf {
  readonly zone: (attributes: Attributes) => string | undefined;
  readonly isPrivate: boolean;
}

/**
 * Finds the name of the zone of a resource. Many kinds have only its id.
 *
 * @param ofDomain the ids of the zones that have a record at the whole name of the domain under test: they are its zone.
 */
function zoneOf(
  { kind, module, references, before, after }: Resource,
  zones: Zones,
  ofDomain: ReadonlySet<string>,
  domain: string,
): ZoneOf {
  const { attribute, holds } = kind.zone;
  const referred = references
    .filter(({ argument }) => argument === attribute)
    .map(({ to }) => zones.byAddress.get(`${module}${zoneAddress(to)}`))
    .find((zone) => zone !== undefined);
  const ids = [after, before].map((attributes) => zoneId(kind, attributes)).filter((id) => id !== undefined);
  return {
    isPrivate: ids.some((id) => zones.private.has(id)),
    zone: (attributes) => {
      const text = zoneId(kind, attributes);
      const isName = holds === 'name' || (holds === 'either' && text !== undefined && !/^\d+$/.test(text));
      if (isName && text !== undefined) return canonicalName(text);
      const named = zones.names.get(text ?? '') ?? referred ?? zoneByWholeName(attributes, kind);
      return named ?? (ofDomain.has(text ?? '') ? canonicalName(domain) : undefined);
    },
  };
}

function zoneId(kind: Kind, attributes: Attributes | undefined): string | undefined {
  return attributes === undefined ? undefined : orUndefined(() => attributes.text(kind.zone.attribute));
}

function ownerText(kind: Kind, attributes: Attributes): string {
  return canonicalName(orUndefined(() => attributes.text(kind.name.attribute)) ?? '');
}

/** @returns the ids of the zones that have a record at the whole name of a domain. */
function zonesAt(domain: string, resources: readonly Resource[]): ReadonlySet<string> {
  return new Set(
    resources.flatMap(({ kind, before, after }) =>
      [before, after].flatMap((attributes) => {
        const isAt = attributes !== undefined && ownerText(kind, attributes) === canonicalName(domain);
        return isAt ? (zoneId(kind, attributes) ?? []) : [];
      }),
    ),
  );
}

/** @returns the zone that follows from a relative name and the whole name that the DNS host has made of it. */
function zoneByWholeName(attributes: Attributes, kind: Kind): string | undefined {
  const name = ownerText(kind, attributes);
  const isApex = name === '' || name === '@';
  const wholes = ['fqdn', 'hostname', 'qualified_name']
    .filter((attribute) => attribute !== kind.name.attribute)
    .map((attribute) => canonicalName(orUndefined(() => attributes.text(attribute)) ?? ''));
  const whole = wholes.find((one) => one !== '' && (isApex || one.startsWith(`${name}.`)));
  return whole === undefined || isApex ? whole : whole.slice(name.length + 1);
}

/** @returns the address of the resource that a reference leads to: `aws_route53_zone.main` of `aws_route53_zone.main.zone_id`. */
function zoneAddress(reference: string): string {
  const parts = withoutIndex(reference).split('.');
  return parts.slice(0, parts[0] === 'data' ? 3 : 2).join('.');
}

function orUndefined<T>(reading: () => T): T | undefined {
  const result = orNotKnown(reading);
  return result instanceof NotKnown ? undefined : result;
}

function orNotKnown<T>(reading: () => T): T | NotKnown {
  try {
    return reading();
  } catch (error) {
    if (error instanceof NotKnown) return error;
    throw error;
  }
}

/** What a plan says of one record set. */
interface PlannedSet {
  readonly name: string;
  readonly type: string;
  /** The data of whole sets after the change. `null` while no resource says it. */
  whole: Map<string, ProposedRecord> | null;
  /** Whether a whole set was there before the change. */
  wasWhole: boolean;
  readonly remove: RecordData[RecordType][];
  readonly add: RecordData[RecordType][];
  ttl: number;
}

/** The sets of one name and type of which the DNS host answers with one, by weight, place or health. */
interface Alternatives {
  readonly name: string;
  readonly type: string;
  readonly zone: string | null;
  readonly why: string;
  /** The values of each set that is there after the change. `null` for values that are not known. */
  readonly sets: (readonly ProposedRecord[] | null)[];
  isChanged: boolean;
}

/** Collects what the resources of a plan say of record sets. */
class Found {
  readonly #alternatives = new Map<string, Alternatives>();
  readonly #sets = new Map<string, PlannedSet>();
  readonly #undetermined = new Map<string, UndeterminedSet>();
  readonly #proxied = new Map<string, ProxiedName>();

  set(name: string, type: string): PlannedSet {
    const key = `${name} ${type}`;
    const known = this.#sets.get(key) ?? {
      name,
      type,
      whole: null,
      wasWhole: false,
      remove: [],
      add: [],
      ttl: Number.MAX_SAFE_INTEGER,
    };
    this.#sets.set(key, known);
    return known;
  }

  alternatives(name: string, type: string, zone: string | null, address: string): Alternatives {
    const key = `${name} ${type}`;
    const why = `${address} (it is one of several sets, of which the DNS host answers with one)`;
    const known = this.#alternatives.get(key) ?? { name, type, zone, why, sets: [], isChanged: false };
    this.#alternatives.set(key, known);
    return known;
  }

  /** Alternatives with equal values are one set, and others are a set that nobody knows. */
  #settle({ name, type, zone, why, sets, isChanged }: Alternatives): void {
    if (!isChanged) return;
    const [first = []] = sets;
    if (first === null || sets.some((set) => set === null || sameValues(set) !== sameValues(first))) {
      this.undetermined({ name, zone, type, why });
      return;
    }
    const set = this.set(name, type);
    set.wasWhole = true;
    set.whole ??= new Map();
    for (const record of first) set.whole.set(JSON.stringify(record.data), record);
  }

  undetermined(set: UndeterminedSet): void {
    const key = `${set.name} ${set.zone} ${set.below} ${set.type}`;
    if (!this.#undetermined.has(key)) this.#undetermined.set(key, set);
  }

  proxied(name: ProxiedName): void {
    this.#proxied.set(name.name, name);
  }

  result(): Omit<ProposedZone, 'file' | 'format'> {
    for (const alternatives of this.#alternatives.values()) this.#settle(alternatives);
    const all = [...this.#sets.values()];
    const records: ProposedRecord[] = [];
    const removed: { name: string; type: string }[] = [];
    const edits: EditedSet[] = [];
    for (const { name, type, whole, wasWhole, remove, add, ttl } of all) {
      if (whole !== null || wasWhole) {
        const values = [...(whole ?? []).values(), ...add.map((data) => ({ name, type, data, ttl }))];
        if (values.length > 0) records.push(...distinctRecords(values));
        else removed.push({ name, type });
      } else if (isReadType(type) && remove.length + add.length > 0) {
        edits.push({ name, type, remove, add, ttl: Math.min(ttl, DEFAULT_TTL * 24) });
      }
    }
    return {
      records,
      removed,
      edits,
      undetermined: [...this.#undetermined.values()],
      proxied: [...this.#proxied.values()],
    };
  }
}

function sameValues(records: readonly ProposedRecord[]): string {
  return records
    .map(({ data }) => JSON.stringify(data))
    .sort()
    .join();
}

function distinctRecords(records: readonly ProposedRecord[]): ProposedRecord[] {
  return [...new Map(records.map((record) => [JSON.stringify(record.data), record] as const)).values()];
}

/** A name as far as it is known: the name itself, or the zones it may be in with the part before them. */
type Owner =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'in-some-zone'; readonly names: readonly string[]; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** Reads one resource of a plan. */
class ResourceReader {
  readonly #resource: Resource;
  readonly #zones: ZoneOf;
  readonly #domain: string;
  readonly #found: Found;

  constructor(resource: Resource, zones: ZoneOf, domain: string, found: Found) {
    this.#resource = resource;
    this.#zones = zones;
    this.#domain = canonicalName(domain);
    this.#found = found;
  }

  read(): void {
    const { before, after, isLeft, isDeferred } = this.#resource;
    // Nobody outside sees the records of a private zone.
    if (this.#zones.isPrivate) return;
    if (before !== undefined && !isLeft && !isDeferred) this.#goes(before);
    if (after !== undefined) this.#comes(after);
  }

  /** Takes out the records of a resource as it was. They may come again with what it becomes. */
  #goes(attributes: Attributes): void {
    const { kind, isSame } = this.#resource;
    const owner = this.#owner(attributes);
    const type = orNotKnown(() => this.#type(attributes));
    if (owner.kind !== 'name' || type instanceof NotKnown) {
      this.#open(owner, type, 'the records that it has now are not known');
      return;
    }
    const { name } = owner;
    if (type === undefined || FLATTENED.includes(type)) return;
    if (kind.isAlternative?.(attributes)) {
      this.#alternatives(attributes, name, type);
      return;
    }
    if (orUndefined(() => kind.proxy?.(attributes)) !== undefined) {
      if (isSame) return;
      // The published addresses are the proxy's, so they all go.
      for (const published of [...ADDRESSES, 'CNAME']) this.#found.set(name, published).wasWhole = true;
      return;
    }
    if (this.#isWhole(attributes, type)) {
      if (!isSame) this.#found.set(name, type).wasWhole = true;
      return;
    }
    const values = orNotKnown(() => this.#values(attributes, type));
    if (values instanceof NotKnown) this.#open(owner, type, values.message);
    else this.#found.set(name, type).remove.push(...values.filter((data) => data !== null));
  }

  /** Puts in the records of a resource as it becomes. */
  #comes(attributes: Attributes): void {
    const { kind, isDeferred, isSame } = this.#resource;
    const owner = this.#owner(attributes);
    const type = orNotKnown(() => this.#type(attributes));
    if (owner.kind !== 'name' || type instanceof NotKnown || isDeferred) {
      const why = isDeferred ? 'the plan defers it' : type instanceof NotKnown ? type.message : null;
      this.#open(owner, type, why);
      return;
    }
    const { name } = owner;
    if (type === undefined) return;
    const proxy = orNotKnown(() => kind.proxy?.(attributes));
    if (proxy instanceof NotKnown) {
      this.#open(owner, 'CNAME', proxy.message);
      return;
    }
    if (proxy !== undefined) {
      if (!isSame) this.#found.proxied({ name, proxy });
      return;
    }
    const isApex = name === this.#zones.zone(attributes);
    if (FLATTENED.includes(type) || (type === 'CNAME' && isApex)) {
      for (const address of ADDRESSES) this.#open(owner, address, 'its addresses are those of another name');
      return;
    }
    const values = orNotKnown(() => this.#values(attributes, type));
    const ttl = this.#ttl(attributes);
    if (kind.isAlternative?.(attributes)) {
      const known = values instanceof NotKnown ? null : values.map((data) => ({ name, type, data, ttl }));
      this.#alternatives(attributes, name, type).sets.push(known);
      return;
    }
    if (values instanceof NotKnown) {
      this.#open(owner, type, values.message);
      return;
    }
    const set = this.#found.set(name, type);
    set.ttl = Math.min(set.ttl, ttl);
    if (this.#isWhole(attributes, type) || values.includes(null)) {
      set.whole ??= new Map();
      for (const data of values) set.whole.set(JSON.stringify(data), { name, type, data, ttl });
    } else set.add.push(...values.filter((data) => data !== null));
  }

  #alternatives(attributes: Attributes, name: string, type: string): Alternatives {
    const { address, isSame } = this.#resource;
    const all = this.#found.alternatives(name, type, this.#zones.zone(attributes) ?? null, address);
    all.isChanged ||= !isSame;
    return all;
  }

  /** A name has one CNAME record, so one record is the whole set. */
  #isWhole(attributes: Attributes, type: string): boolean {
    return type === 'CNAME' || this.#resource.kind.isWhole(attributes);
  }

  #type(attributes: Attributes): string | undefined {
    const written = this.#resource.kind.type(attributes)?.toUpperCase() ?? '';
    return FLATTENED.includes(written) ? written : typeNamed(written);
  }

  #ttl(attributes: Attributes): number {
    const ttl = orUndefined(() => attributes.text(this.#resource.kind.ttl)) ?? '';
    // Cloudflare writes 1 for a TTL that it chooses.
    return Number(ttl) > 1 ? (readTtl(ttl) ?? DEFAULT_TTL) : DEFAULT_TTL;
  }

  #values(attributes: Attributes, type: string): (RecordData[RecordType] | null)[] {
    const { kind } = this.#resource;
    const zone = this.#zones.zone(attributes);
    const values = isReadType(type) ? kind.values(attributes, type) : [[]];
    const set = values.map((rdata) => dataOf(type, rdata, kind.targets, zone));
    if (set.length === 0) throw new NotKnown('it holds no values that mailcheck can read');
    return set;
  }

  #owner(attributes: Attributes): Owner {
    const { attribute, form } = this.#resource.kind.name;
    const written = orNotKnown(() => attributes.text(attribute));
    if (written instanceof NotKnown) return { kind: 'unknown', why: written.message };
    const name = written === undefined || written === '' ? '@' : written;
    const zone = this.#zones.zone(attributes);
    if (form === 'whole' || name.endsWith('.')) return ownerNamed(`${name}${name.endsWith('.') ? '' : '.'}`, '');
    const endsWith = (apex: string): boolean => name !== '@' && isSameOrSubdomain(name, apex);
    if (zone !== undefined) return ownerNamed(form === 'either' && endsWith(zone) ? `${name}.` : name, zone);
    // The zone is not known. A name that ends with the domain under test is hardly relative to another zone.
    const organization = organizationalDomain(this.#domain);
    if (form === 'either' && endsWith(organization)) return ownerNamed(`${name}.`, '');
    const candidates = zonesAbove(this.#domain, organization).map((apex) => ownerNamed(name, apex));
    return {
      kind: 'in-some-zone',
      names: candidates.flatMap((owner) => (owner.kind === 'name' ? [owner.name] : [])),
      why: 'the plan does not name its zone',
    };
  }

  /** Notes that a set is undetermined. */
  #open(owner: Owner, type: string | NotKnown | undefined, because: string | null): void {
    const { address, references, isSame } = this.#resource;
    if (isSame) return;
    // An alias hides records of every type.
    const kind = type instanceof NotKnown ? 'CNAME' : type;
    if (kind === undefined || FLATTENED.includes(kind)) return;
    const clause = because ?? (owner.kind === 'name' ? 'it is not known' : owner.why);
    const why = `${address} (${clause})`;
    const attributes = this.#resource.after ?? this.#resource.before;
    const zone = (attributes === undefined ? undefined : this.#zones.zone(attributes)) ?? null;
    if (owner.kind !== 'unknown') {
      const names = owner.kind === 'name' ? [owner.name] : owner.names;
      for (const name of names) this.#found.undetermined({ name, zone, type: kind, why });
      return;
    }
    // The names under which certificates are proved are none of mail's.
    if (references.some(({ to }) => /\bdomain_validation_options\b/.test(to))) return;
    const isDkim = [address, ...references.map(({ to }) => to)].some((text) => /dkim/i.test(text));
    this.#found.undetermined({
      name: null,
      zone: zone ?? organizationalDomain(this.#domain),
      ...(isDkim ? { below: '_domainkey' } : {}),
      type: kind,
      why,
    });
  }
}

function ownerNamed(name: string, zone: string): Owner {
  const whole = name === '@' ? zone : readAnyName({ text: name, quoted: false }, zone);
  return whole === undefined || whole === ''
    ? { kind: 'in-some-zone', names: [], why: 'its name is no name of the DNS' }
    : { kind: 'name', name: whole };
}

/** @returns a domain and the domains above it, down to the one of its organization. */
function zonesAbove(domain: string, organization: string): string[] {
  const labels = domain.split('.');
  const all = labels.map((_, index) => labels.slice(index).join('.'));
  return all.filter((name) => isSameOrSubdomain(name, organization));
}
