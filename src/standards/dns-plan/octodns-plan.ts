/**
 * Reads the plan of octoDNS as JSON (`octodns.provider.plan.PlanJson`): for each target and zone the record sets that
 * change, each whole.
 *
 * A text is one string of any length in which `;` is written `\;`. One value is `value`, several are `values`. A zone may
 * stand under several targets, which then have the same records.
 */
import { quoteInput } from '../../usage-error.ts';
import type { Token } from '../zone-file/tokens.ts';
import { typeNamed } from '../zone-file/types.ts';
import type { PlanReader } from './codec.ts';
import {
  ADDRESS_TYPES,
  isObject,
  nameWord,
  PlannedRecords,
  type SetKey,
  stringsOf,
  ttlOf,
  typesMadeByHost,
  wordsOf,
} from './planned-records.ts';

type Fields = Readonly<Record<string, unknown>>;

export const read: PlanReader = (value, file) => {
  const plans = plansIn(value);
  if (plans === undefined) return undefined;
  const planned = new PlannedRecords(file, 'octodns');
  const seen = new Map<string, { readonly target: string; readonly after: string }>();
  for (const { target, zone: written, changes } of plans) {
    const zone = planned.zoneNamed(written);
    for (const change of changes) {
      const { name, type, set } = changeIn(planned, zone, change);
      const key = `${zone} ${name} ${type}`;
      const after = JSON.stringify(contentOf(set));
      const other = seen.get(key);
      if (other === undefined) addSet(planned, zone, { name, type }, set);
      else if (other.after !== after)
        throw planned.fault(contradiction(other.target, target, `${type} of ${name}`, zone));
      seen.set(key, { target, after });
    }
  }
  return planned.finish();
};

interface ZonePlan {
  readonly target: string;
  readonly zone: string;
  readonly changes: readonly unknown[];
}

/** Returns the plans of all zones, or `undefined` if the value is none. octoDNS writes `{}` when nothing changes. */
function plansIn(value: unknown): ZonePlan[] | undefined {
  if (!isObject(value)) return undefined;
  const plans: ZonePlan[] = [];
  for (const [target, zones] of Object.entries(value)) {
    if (!isObject(zones)) return undefined;
    for (const [zone, plan] of Object.entries(zones)) {
      if (!isObject(plan) || !Array.isArray(plan.changes)) return undefined;
      plans.push({ target, zone, changes: plan.changes });
    }
  }
  return plans;
}

const contradiction = (first: string, second: string, set: string, zone: string): string =>
  `the targets ${quoteInput(first)} and ${quoteInput(second)} have different records: ${set}. ` +
  `Make the plan of one target: octodns-sync --target ${quoteInput(second)} ${zone}.`;

interface Change extends SetKey {
  /** The set after the change. `undefined` when it goes. */
  readonly set: Fields | undefined;
}

function changeIn(planned: PlannedRecords, zone: string, change: unknown): Change {
  const { type: kind, name: relative, record_type: type, new: set } = isObject(change) ? change : ({} as Fields);
  if (typeof relative !== 'string' || typeof type !== 'string') {
    throw planned.fault('the plan does not name its records: octoDNS 1.9.1 or later does');
  }
  const name = planned.ownerNamed(relative, zone);
  const isKnown = kind === 'delete' || ((kind === 'create' || kind === 'update') && isObject(set));
  if (!isKnown) throw planned.fault(`the change of ${name} is neither create, update nor delete`);
  return { name, type, set: kind !== 'delete' && isObject(set) && valuesOf(set).length > 0 ? set : undefined };
}

/** Returns what is compared of a set: all but its TTL. The order of values has no meaning. */
function contentOf(set: Fields | undefined): unknown {
  if (set === undefined) return null;
  const { ttl: _ttl, value: _value, values: _values, octodns: _octodns, ...rest } = set;
  return [
    valuesOf(set)
      .map((value) => JSON.stringify(value))
      .sort(),
    rest,
  ];
}

function valuesOf({ value, values }: Fields): readonly unknown[] {
  if (Array.isArray(values)) return values;
  return value === undefined || value === null ? [] : [value];
}

function addSet(planned: PlannedRecords, zone: string, { name, type: word }: SetKey, set: Fields | undefined): void {
  const type = typeNamed(word);
  const values = set === undefined ? [] : valuesOf(set);
  if (type === undefined) {
    addOfHost(planned, zone, name, word, set === undefined ? null : values);
  } else if (set === undefined) {
    planned.remove({ name, type });
  } else if ('dynamic' in set || 'geo' in set) {
    planned.leaveOpen({ name, type }, zone, `the ${type} records of ${name} depend on who asks for them`);
  } else {
    if (isProxied(set)) planned.putBehindProxy(name, 'cloudflare');
    for (const value of values) planned.add({ name, type, tokens: tokensOf(type, value), ttl: ttlOf(set.ttl) });
  }
}

/** Adds a set of a type such as `ALIAS` or `Route53Provider/ALIAS`, which the DNS host answers with addresses. */
function addOfHost(
  planned: PlannedRecords,
  zone: string,
  name: string,
  word: string,
  values: readonly unknown[] | null,
): void {
  if (values === null) {
    for (const type of ADDRESS_TYPES) planned.remove({ name, type });
    return;
  }
  const kind = quoteInput(word.slice(word.lastIndexOf('/') + 1));
  for (const type of typesMadeByHost(values.map((value) => (isObject(value) ? value.type : undefined)))) {
    planned.leaveOpen(
      { name, type },
      zone,
      `the DNS host makes the ${type} records of ${name} from a record of type ${kind}`,
    );
  }
}

function isProxied({ octodns }: Fields): boolean {
  const extras = isObject(octodns) ? octodns.cloudflare : undefined;
  return isObject(extras) && extras.proxied === true;
}

/** Returns the words of a value, or `null` for a type whose data is not read. */
function tokensOf(type: string, value: unknown): readonly Token[] | null {
  const fields = isObject(value) ? value : ({} as Fields);
  switch (type) {
    case 'A':
    case 'AAAA':
      return wordsOf(value);
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return wordsOf(nameWord(value));
    case 'MX':
      return wordsOf(fields.preference ?? fields.priority, nameWord(fields.exchange ?? fields.value));
    case 'TLSA':
      return wordsOf(
        fields.certificate_usage,
        fields.selector,
        fields.matching_type,
        fields.certificate_association_data,
      );
    case 'DS':
      return wordsOf(fields.key_tag, fields.algorithm, fields.digest_type, fields.digest);
    case 'SPF':
    case 'TXT':
      return typeof value === 'string' ? stringsOf(value.replaceAll('\\;', ';')) : [];
    default:
      return null;
  }
}
