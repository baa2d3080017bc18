/** Tells the zones of the block lists that mailcheck knows, for those who need nothing else of the lists. */
import { rowsOf } from '../data-folder.ts';
import type { List } from './schema.ts';

/** @returns the zones of all known lists. */
export function knownZones(): ReadonlySet<string> {
  return new Set((rowsOf('lists/data') as readonly Pick<List, 'zone'>[]).map(({ zone }) => zone));
}
