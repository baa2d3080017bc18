/** The block lists that mailcheck knows, and the choice of the lists that a run asks. */
import { isSameOrSubdomain } from '../../network/domain.ts';
import { byPlace, rowsOf } from '../data-folder.ts';
import type { DeadList, List } from './schema.ts';

/** Every list, one file each in `data/`, sorted by place. The tests validate the rows, so a run does not have to. */
export const allLists: readonly List[] = byPlace(rowsOf('lists/data') as readonly List[]);

/** The lists that have closed down, one file each in `dead/`. */
export const deadLists = rowsOf('lists/dead') as readonly DeadList[];

/** A zone that is known to be out of service. */
export type DeadZone = Pick<DeadList, 'reason' | 'since' | 'verifiedOn' | 'confidence'> & { readonly zone: string };

/** Environment variable → the list key in it. */
export type ListKeys = Readonly<Record<string, string>>;

/** A list in the form in which the run asks it. */
export type AskedList = List & {
  /** The zone to query: the list's own, or the one with the user's key in it, which must not be shown. */
  readonly queryZone: string;
  /** The environment variable that the key comes from. `null` when no key is used. */
  readonly keyedBy: string | null;
  /** Whether the user chose this list by its zone. */
  readonly isNamed: boolean;
};

/** The user's choice of lists. */
export interface ListChoice {
  /** The zones to ask instead of the default lists. */
  readonly zones?: readonly string[] | undefined;
  /** The zones to leave out. */
  readonly except?: readonly string[] | undefined;
  readonly keys?: ListKeys | undefined;
}

/** The lists that a run asks, and the named ones that it cannot ask. */
export interface ChosenLists {
  readonly asked: readonly AskedList[];
  /** The zones that the user named but that are out of service. They are not asked. */
  readonly dead: readonly DeadZone[];
  /**
   * The chosen zones that need a key which the user has not given. They are not asked. `variable` is `null` when the
   * list takes no key by DNS.
   */
  readonly keyless: readonly { readonly zone: string; readonly variable: string | null }[];
}

/**
 * @returns the lists to ask: the ones the user named, otherwise the default ones and those that the user has a key for.
 */
export function chooseLists({ zones, except = [], keys = {} }: ListChoice = {}): ChosenLists {
  const named = [...new Set(zones ?? [])].filter((zone) => !except.includes(zone));
  const dead = named.map(deadZone).filter((row) => row !== undefined && row.confidence !== 'low');
  const lists = zones === undefined ? allLists.filter((list) => isDefault(list, keys)) : named.map(listOfZone);
  const living = lists
    .filter(({ zone }) => !except.includes(zone) && !dead.some((row) => isSameOrSubdomain(zone, row?.zone ?? '')))
    .map((list) => ({ ...withKey(list, keys), isNamed: zones !== undefined }));
  const needsKey = ({ access, keyedBy }: AskedList): boolean => access.registration === 'required' && keyedBy === null;
  return {
    asked: living.filter((list) => !needsKey(list)),
    dead: dead.filter((row) => row !== undefined),
    keyless: living.filter(needsKey).map(({ zone, access }) => ({ zone, variable: access.key?.env ?? null })),
  };
}

/** @returns whether the check needs the answer of the list: by the data, or because the user chose it. */
export function isNeeded({ kind, gates, isNamed }: AskedList): boolean {
  return kind !== 'allow' && (gates || isNamed);
}

/** @returns the lists that are asked by default, without any key. */
export function defaultLists(): readonly List[] {
  return allLists.filter((list) => isDefault(list, {}));
}

/** @returns the list of a zone. For an unknown zone, it is a list in which every return code means a bad reputation. */
export function listOfZone(zone: string): List {
  return allLists.find((list) => list.zone === zone) ?? unknownList(zone);
}

/** @returns the page of the list on which people look an address or a name up. `null` when it has none. */
export function lookupPage({ lookupUrl }: List, subject: string): string | null {
  return lookupUrl?.replace(/\{(ip|domain)\}/, encodeURIComponent(subject)) ?? null;
}

/** @returns the reason why a zone, or a zone above it, is out of service. `undefined` when it is not known to be. */
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

/** @returns the names of the environment variables that may hold a list key. */
export function keyVariables(): string[] {
  return [...new Set(allLists.flatMap(({ access }) => (access.key ? [access.key.env] : [])))];
}

/** @returns a map from each key to the text to show instead of it, which is the name of its variable. */
export function keySecrets(keys: ListKeys): ReadonlyMap<string, string> {
  return new Map(Object.entries(keys).map(([variable, key]) => [key, variable]));
}

/**
 * Recognises a zone that was typed with a key in it.
 *
 * @returns the list of the zone, and the environment variable for its key. `undefined` for any other zone.
 */
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

function withKey(list: List, keys: ListKeys): Omit<AskedList, 'isNamed'> {
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
    gates: false,
    default: false,
    place: Number.MAX_SAFE_INTEGER,
    // Every code counts, except 127.0.0.1, which no working list returns (RFC 5782 §2.1).
    codes: UNKNOWN_CODES.map((match) => ({
      match,
      name: 'listed',
      meaning: 'the list says so',
      class: 'reputation',
      scope: 'ip',
    })),
    refusal: ['127.255.255.*'],
    // A zone that the user names must have the test entries of RFC 5782 §5.
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
