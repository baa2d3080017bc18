/**
 * The parts of the JSON of `terraform show -json` that tell of DNS: the zones, whose names the records give as ids only, and the
 * references in the configuration of a record. A plan holds secrets of all kinds, so nothing else is looked at.
 */
import { canonicalName } from '../../../network/domain.ts';
import { isObject, objectsIn } from './attributes.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Where each kind of zone has its id, and where its name. */
const ZONES: Readonly<Record<string, { readonly ids: readonly string[]; readonly names: readonly string[] }>> = {
  aws_route53_zone: { ids: ['zone_id', 'id'], names: ['name'] },
  cloudflare_zone: { ids: ['id', 'zone_id'], names: ['name', 'zone'] },
  google_dns_managed_zone: { ids: ['name'], names: ['dns_name'] },
  hcloud_zone: { ids: ['id'], names: ['name'] },
  linode_domain: { ids: ['id'], names: ['domain'] },
  netlify_dns_zone: { ids: ['id'], names: ['name'] },
};

/** The zones that are in a plan. */
export interface Zones {
  /** The name of each zone, by its id. */
  readonly names: ReadonlyMap<string, string>;
  /** The name of each zone, by the address of its resource: `aws_route53_zone.main`. */
  readonly byAddress: ReadonlyMap<string, string>;
  /** The ids of the zones that only private networks see. */
  readonly private: ReadonlySet<string>;
}

/** The deepest nesting of modules that is read. */
const MAX_MODULES = 30;

/** @returns the zones in the state before the plan, in the planned values, and among the changes. */
export function zonesIn(plan: Fields): Zones {
  const names = new Map<string, string>();
  const byAddress = new Map<string, string>();
  const hidden = new Set<string>();
  const { prior_state: prior, planned_values: planned, resource_changes: changes } = plan;
  const values = [isObject(prior) ? prior.values : undefined, planned];
  const all = [
    ...values.flatMap((value) => (isObject(value) ? resourcesOf(value.root_module) : [])),
    ...objectsIn(changes).flatMap((change) => {
      const after = isObject(change.change) ? (change.change.after ?? change.change.before) : undefined;
      return [{ ...change, values: after }];
    }),
  ];
  for (const { type, address, values: attributes } of all as readonly Fields[]) {
    const kind = typeof type === 'string' && Object.hasOwn(ZONES, type) ? ZONES[type] : undefined;
    if (kind === undefined || !isObject(attributes)) continue;
    const name = kind.names.map((key) => attributes[key]).find((text) => typeof text === 'string' && text !== '');
    if (typeof name !== 'string') continue;
    const zone = canonicalName(name);
    if (typeof address === 'string') byAddress.set(withoutIndex(address), zone);
    for (const key of kind.ids) {
      const id = attributes[key];
      if (typeof id !== 'string' && typeof id !== 'number') continue;
      names.set(String(id), zone);
      if (isPrivate(attributes)) hidden.add(String(id));
    }
  }
  return { names, byAddress, private: hidden };
}

function isPrivate({ private_zone: isSaid, vpc, visibility }: Fields): boolean {
  return isSaid === true || visibility === 'private' || (Array.isArray(vpc) && vpc.length > 0);
}

function resourcesOf(module: unknown, depth = 0): Fields[] {
  if (!isObject(module) || depth > MAX_MODULES) return [];
  return [
    ...objectsIn(module.resources),
    ...objectsIn(module.child_modules).flatMap((child) => resourcesOf(child, depth + 1)),
  ];
}

/** @returns an address without the keys of `count` and `for_each`. */
export function withoutIndex(address: string): string {
  return address.replace(/\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g, '');
}

/** @returns the references in the configuration of each resource, by its address without keys. */
export function referencesIn(plan: Fields): ReadonlyMap<string, readonly Reference[]> {
  const found = new Map<string, readonly Reference[]>();
  const { configuration } = plan;
  if (isObject(configuration)) collect(configuration.root_module, '', found, 0);
  return found;
}

/** What the expression of one argument refers to. */
export interface Reference {
  /** The argument, or `for_each` and `count`. */
  readonly argument: string;
  /** Such as `aws_route53_zone.main.zone_id`. */
  readonly to: string;
}

function collect(module: unknown, prefix: string, found: Map<string, readonly Reference[]>, depth: number): void {
  if (!isObject(module) || depth > MAX_MODULES) return;
  for (const { address, expressions, for_each_expression: each, count_expression: count } of objectsIn(
    module.resources,
  )) {
    if (typeof address !== 'string') continue;
    const all: [string, unknown][] = [
      ...(isObject(expressions) ? Object.entries(expressions) : []),
      ['for_each', each],
      ['count', count],
    ];
    found.set(
      `${prefix}${address}`,
      all.flatMap(([argument, expression]) => {
        const list = isObject(expression) && Array.isArray(expression.references) ? expression.references : [];
        return list.filter((to) => typeof to === 'string').map((to) => ({ argument, to }));
      }),
    );
  }
  if (!isObject(module.module_calls)) return;
  for (const [name, call] of Object.entries(module.module_calls)) {
    if (isObject(call)) collect(call.module, `${prefix}module.${name}.`, found, depth + 1);
  }
}
