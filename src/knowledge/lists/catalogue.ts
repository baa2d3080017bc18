/** The lists known to mailcheck, which of them a run asks, and what a zone that the user names stands for. */
import { isSameOrSubdomain } from '../../network/domain.ts';
import { byPlace, rowsOf } from '../data-folder.ts';
import type { DeadList, List } from './schema.ts';

/** Every list, one file each in `data/`. The tests hold every row to the schema, so that no run has to. */
export const allLists: readonly List[] = byPlace(rowsOf('lists/data', import.meta.url) as readonly List[]);

/** The lists that have closed, one file each in `dead/`. */
export const deadLists = rowsOf('lists/dead', import.meta.url) as readonly DeadList[];

/** A zone that is known not to work any more. */
export type DeadZone = Pick<DeadList, 'reason' | 'since' | 'verifiedOn' | 'confidence'> & { readonly zone: string };

/** Environment variable → the key in it. */
export type ListKeys = Readonly<Record<string, string>>;

/** A list as this run asks it. */
export type AskedList = List & {
  /** The zone that is asked: with the user's key in it, which nobody may see, or the list's own. */
  readonly queryZone: string;
  /** The environment variable whose key is used. */
  readonly keyedBy: string | null;
};

export interface ListChoice {
  /** Zones the user names, instead of the default lists. */
  readonly zones?: readonly string[] | undefined;
  /** Zones the user leaves out. */
  readonly except?: readonly string[] | undefined;
  readonly keys?: ListKeys | undefined;
}

export interface ChosenLists {
  readonly asked: readonly AskedList[];
  /** Named by the user, but known not to work any more: not asked. */
  readonly dead: readonly DeadZone[];
  /** Named by the user, but of no use without a key: not asked. `variable` is `null` where no key in DNS exists. */
  readonly keyless: readonly { readonly zone: string; readonly variable: string | null }[];
}

/** @returns the lists to ask: those the user names, else the default ones and those whose key the user has. */
export function chooseLists({ zones, except = [], keys = {} }: ListChoice = {}): ChosenLists {
  const named = [...new Set(zones ?? [])].filter((zone) => !except.includes(zone));
  const dead = named.map(deadZone).filter((row) => row !== undefined && row.confidence !== 'low');
  const lists = zones === undefined ? allLists.filter((list) => isDefault(list, keys)) : named.map(listOfZone);
  const living = lists
    .filter(({ zone }) => !except.includes(zone) && !dead.some((row) => isSameOrSubdomain(zone, row?.zone ?? '')))
    .map((list) => withKey(list, keys));
  const needsKey = ({ access, keyedBy }: AskedList): boolean => access.registration === 'required' && keyedBy === null;
  return {
    asked: living.filter((list) => !needsKey(list)),
    dead: dead.filter((row) => row !== undefined),
    keyless: living.filter(needsKey).map(({ zone, access }) => ({ zone, variable: access.key?.env ?? null })),
  };
}

/** @returns the lists asked of everybody. */
export function defaultLists(): readonly List[] {
  return allLists.filter((list) => isDefault(list, {}));
}

/** @returns the list of a zone; for a zone that is not in the data, one whose every code counts as a bad reputation. */
export function listOfZone(zone: string): List {
  return allLists.find((list) => list.zone === zone) ?? unknownList(zone);
}

/** @returns why a zone, or the one it belongs to, is known not to work any more. */
export function deadZone(zone: string): DeadZone | undefined {
  const row = deadLists.find(({ zones }) => zones.some((dead) => isSameOrSubdomain(zone, dead)));
  if (row) {
    const { reason, since, verifiedOn, confidence } = row;
    return { zone, reason, since, verifiedOn, confidence };
  }
  const list = allLists.find((candidate) => candidate.status === 'dead' && isSameOrSubdomain(zone, candidate.zone));
  if (!list) return undefined;
  const { sinceOrUntil, verifiedOn, confidence } = list;
  return { zone, reason: sinceOrUntil ?? `${list.name} is closed`, since: null, verifiedOn, confidence };
}

/** @returns the environment variables that may hold a key. */
export function keyVariables(): string[] {
  return [...new Set(allLists.flatMap(({ access }) => (access.key ? [access.key.env] : [])))];
}

/** @returns key → what is shown in its place. */
export function keySecrets(keys: ListKeys): ReadonlyMap<string, string> {
  return new Map(Object.entries(keys).map(([variable, key]) => [key, variable]));
}

/** @returns for a zone that was typed with a key in it, the list it is of and the variable the key belongs into. */
export function keyedZone(zone: string): { readonly list: List; readonly variable: string } | undefined {
  for (const list of allLists) {
    const { key } = list.access;
    if (!key) continue;
    const rest = key.zoneTemplate.replace('{key}', '');
    if (zone.endsWith(rest) && !zone.slice(0, -rest.length).includes('.')) return { list, variable: key.env };
  }
  return undefined;
}

function isDefault(list: List, keys: ListKeys): boolean {
  if (list.status === 'dead') return false;
  return list.default === 'with-key' ? withKey(list, keys).keyedBy !== null : list.default;
}

function withKey(list: List, keys: ListKeys): AskedList {
  const { key } = list.access;
  const value = key ? keys[key.env] : undefined;
  if (!key || value === undefined) return { ...list, queryZone: list.zone, keyedBy: null };
  return { ...list, queryZone: key.zoneTemplate.replace('{key}', () => value), keyedBy: key.env };
}

const UNKNOWN_CODES = ['127.0.0.2-255', '127.0.1-255.*', '127.1-255.*.*'];

function unknownList(zone: string): List {
  return {
    id: zone,
    zone,
    name: zone,
    operator: 'not known to mailcheck',
    kind: 'ip',
    families: [4, 6],
    impact: 'high',
    default: false,
    place: Number.MAX_SAFE_INTEGER,
    // Any code counts, but 127.0.0.1, which no working list gives (RFC 5782 §2.1).
    codes: UNKNOWN_CODES.map((match) => ({
      match,
      name: 'listed',
      meaning: 'the list says so',
      class: 'reputation',
      scope: 'ip',
    })),
    refusal: ['127.255.255.*'],
    // A zone that the user names is held to RFC 5782 §5: its test entries must work.
    canary: { listed: '127.0.0.2', notListed: '127.0.0.1', confirmed: true },
    access: { freeTier: 'not known', publicResolversRefused: null, registration: 'none' },
    lookupUrl: null,
    delist: null,
    txt: true,
    ttlTypical: null,
    status: 'active',
    sinceOrUntil: null,
    verifiedOn: null,
    provenance: 'none',
    sources: [],
    confidence: 'low',
  };
}
