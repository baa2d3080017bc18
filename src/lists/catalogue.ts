/** The lists known to mailcheck, and what a zone that the user names stands for. */
import deadZoneData from './data/dead-zones.json' with { type: 'json' };
import listData from './data/lists.json' with { type: 'json' };
import type { DeadZone, List } from './schema.ts';

// JSON modules have wide types; the tests hold every row to the schema.
const lists = listData.lists as readonly List[];
const deadZones = deadZoneData.deadZones as readonly DeadZone[];

/** @returns the lists asked unless the user names others. */
export function defaultLists(): readonly List[] {
  return lists.filter((list) => list.default && list.status === 'active');
}

/** @returns the list of a zone; for a zone that is not in the data, one whose every code counts as a bad reputation. */
export function listOfZone(zone: string): List {
  return lists.find((list) => list.zone === zone) ?? unknownList(zone);
}

/** @returns why a zone is known not to work any more. */
export function deadZone(zone: string): DeadZone | undefined {
  const row = deadZones.find((dead) => dead.zone === zone);
  if (row) return row;
  const list = lists.find((candidate) => candidate.zone === zone && candidate.status === 'dead');
  if (!list) return undefined;
  const { sinceOrUntil, confidence, sources } = list;
  return {
    zone,
    reason: sinceOrUntil ?? `${list.name} is closed`,
    since: null,
    behaviour: 'unknown',
    confidence,
    sources,
  };
}

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
    codes: [{ match: '127.*.*.*', name: 'listed', meaning: 'the list says so', class: 'reputation', scope: 'ip' }],
    refusal: ['127.255.255.*'],
    canary: { listed: '127.0.0.2', notListed: '127.0.0.1', v6Listed: '::FFFF:7F00:2', confirmed: false },
    access: { freeTier: 'not known', publicResolversRefused: null, registration: 'none' },
    lookupUrl: null,
    delist: null,
    txt: true,
    ttlTypical: null,
    status: 'active',
    sinceOrUntil: null,
    confidence: 'low',
    sources: ['named by the user'],
  };
}
